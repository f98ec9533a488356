"""What no run history may stumble over: odd clocks, odd names, much of everything, and no room."""

from __future__ import annotations

import hashlib
import itertools
import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LOGGER = "from azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()\n"
ON = LOGGER + "%azureml history on"
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture
def on(a_shell):
    """A shell with history on."""
    a_shell.run(ON)
    return a_shell


def failing(error):
    """What a call of the system does on a disk that is full or read-only."""

    def call(*_arguments, **_named):
        raise error

    return call


def test_a_clock_that_jumps_back_makes_no_id_twice_and_no_negative_duration(on, monkeypatch):
    now = itertools.count(2_000_000_000.0, -3600.0)
    monkeypatch.setattr("workbench_kernel.recorder.time", lambda: next(now))
    for i in range(5):
        on.run(f"logger.log('i', {i})")
    ids = [int(start["id"].rpartition("_")[2]) for start in on.records("start")[1:]]
    assert ids == sorted(set(ids))
    assert all(end["duration"] >= 0 for end in on.records("end"))
    assert on.values() == [("i", i) for i in range(5)]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=ANY_TEXT, value=VALUES)
def test_any_name_and_any_value_come_back_as_they_were(on, name, value):
    on.history.log(name, value)
    line = (on.spool / "records.jsonl").read_bytes().split(b"\n")[-2]
    told = json.loads(line)
    assert line.isascii()
    assert (told["name"], told["value"]) == (name, value)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_numbers_that_are_none_are_kept(on, value):
    on.run(
        f"x = float('{value}')\nlogger.log('plain', x)\nlogger.log('list', [x])\nlogger.log('dict', dict(a=x), step=1)"
    )
    plain, listed, table = (found for _, found in on.values())
    assert [repr(found) for found in (plain, listed[0], table["a"])] == [value] * 3


def test_tags_notes_and_experiments_may_hold_any_text(on):
    text = "größe \U0001f600 \u202e ünïcode"
    on.run(f"%azureml tag 'schlüssel {text}={text}'\n%azureml note {text}\n%azureml experiment größe")
    assert [(tag["key"], tag["value"]) for tag in on.records("tag")] == [(f"schlüssel {text}", text)]
    assert [note["text"] for note in on.records("note")] == [text]
    assert on.records("experiment")[0]["name"] == "größe"


def test_a_very_large_table_is_one_record(on):
    on.run("import numpy, pandas")
    on.run("logger.log('t', pandas.DataFrame(numpy.arange(1_000_000.0).reshape(-1, 4), columns=list('abcd')))")
    (record,) = on.records("log")
    assert record["kind"] == "table"
    assert record["value"]["d"][-2:] == [999_995.0, 999_999.0]
    assert len(record["value"]["a"]) == 250_000


def test_a_source_of_10_mb_is_kept_whole(on):
    source = "# " + "ä" * 10_000_000 + "\nlogger.log('a', 1)"
    on.run(source)
    assert on.records("start")[-1]["source"] == source
    assert on.values() == [("a", 1)]


@pytest.mark.parametrize("code", [28, 30])
def test_no_room_for_records_costs_them_only_and_is_told_once(on, code):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", failing(OSError(code, os.strerror(code))))
        first = on.run("logger.log('a', 1)\nprint('alive')")
        second = on.run("logger.log('b', [2])\n%azureml tag a=1\nprint('on')")
    assert (first.error, first.stdout, second.error, second.stdout) == (None, "alive\n", None, "Tagged a=1\non\n")
    assert first.stderr + second.stderr == (
        f"Run history: records cannot be written ({os.strerror(code)}), so values are missing from this run - "
        "make room or mend the disk; your code is not affected.\n"
    )
    on.run("logger.log('after', 1)")
    assert on.values() == [("after", 1)]


def test_no_room_for_outputs_costs_them_only_and_is_told_once(on, monkeypatch):
    monkeypatch.setattr(os, "makedirs", failing(OSError(30, os.strerror(30))))
    cell = on.run("logger.upload('a.txt', 'a')\nlogger.upload('b.txt', 'b')\nlogger.log('after', 1)")
    assert cell.error is None
    assert cell.stderr.count("Run history: records cannot be written (Read-only file system)") == 1
    assert on.values() == [("after", 1)]


@pytest.mark.live
def test_100_000_values_of_a_cell_are_all_there_in_their_order(a_kernel):
    a_kernel.run(ON)
    cell = a_kernel.run("for i in range(100_000): logger.log('i', i, step=i)")
    assert (cell.status, cell.stdout, cell.stderr) == ("ok", "", "")
    assert [(log["value"], log["step"]) for log in a_kernel.records("log")] == [(i, i) for i in range(100_000)]


@pytest.mark.live
def test_forked_children_and_threads_log_at_once_and_no_record_is_torn(a_kernel):
    a_kernel.run(ON)
    cell = a_kernel.run(
        "import multiprocessing, threading\n"
        "def work(who):\n"
        "    for i in range(2000): logger.log(who, i)\n"
        "context = multiprocessing.get_context('fork')\n"
        "workers = [context.Process(target=work, args=('child %d' % i,)) for i in range(3)]\n"
        "for worker in workers: worker.start()\n"
        "workers += [threading.Thread(target=work, args=('thread %d' % i,)) for i in range(3)]\n"
        "for worker in workers[3:]: worker.start()\n"
        "for worker in workers: worker.join()"
    )
    assert cell.status == "ok"
    found = {}
    for name, value in a_kernel.values():
        found.setdefault(name, []).append(value)
    assert found == {f"{kind} {i}": list(range(2000)) for kind in ("child", "thread") for i in range(3)}


def sha256_of(file):
    digest = hashlib.sha256()
    for chunk in iter(lambda: file.read(1 << 20), b""):
        digest.update(chunk)
    return digest.hexdigest()


def upload(kernel, project, size):
    with (project / "outputs/big.bin").open("wb") as file:
        file.truncate(size)
        file.write(b"begin")
    kernel.run(ON)
    memory = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    before = int(kernel.run(memory).stdout)
    cell = kernel.run("%azureml upload outputs/big.bin")
    assert cell.status == "ok"
    assert int(kernel.run(memory).stdout) - before < 50_000  # kB
    (output,) = kernel.records("output")
    with (project / "outputs/big.bin").open("rb") as file:
        assert output["sha256"] == sha256_of(file)
    assert (output["size"], (kernel.spool / "blobs" / output["sha256"]).stat().st_size) == (size, size)
    return cell


@pytest.mark.live
def test_an_output_of_100_mb_is_saved_piece_by_piece(a_kernel, a_project):
    upload(a_kernel, a_project, 100_000_000)


@pytest.mark.live
@pytest.mark.soak
def test_an_output_of_1_gb_is_saved_with_a_bar_that_ends_as_a_line(a_kernel, a_project):
    cell = upload(a_kernel, a_project, 1 << 30)
    assert cell.stdout == ""
    assert cell.types.count("display_data") == 1
    assert cell.types.count("update_display_data") >= 2
