"""What each record does to its run, what the server finds out about it, and what no record and no fault can do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kernel_on_paper import (
    FACTS,
    MORNING,
    OTHER_RUN,
    OTHER_STREAM,
    RUN,
    RUN_ID,
    STREAM,
    ended,
    everything,
    lines,
    logged,
    moved,
    noted,
    opened,
    printed,
    saved,
    started,
    tagged,
    used,
    values,
)

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.disk.spool import KernelFacts
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.overview import overview
from jupyter_workbench.history.reading.queries import find_run, info, last, list_runs
from jupyter_workbench.history.reading.series import series
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.store.store import Store

OTHER_ID = "iris_7"


def run_of(store: Store, *records: dict[str, Any], **start: Any) -> dict[str, Any]:
    store.apply(STREAM, 0, lines(opened(), started(**start), *records), FACTS)
    return info(store.data, RUN_ID)


@pytest.mark.parametrize(
    "record",
    [
        logged("x", 1), saved("m", b"m"), tagged("k", "v"), noted("n"), moved("e"), used(), printed("o"), ended(),
    ],
    ids=lambda record: record["e"],
)  # fmt: skip
def test_a_record_that_names_a_run_of_another_stream_is_passed_over(
    store: Store, data: ProjectData, record: dict[str, Any]
) -> None:
    store.apply(STREAM, 0, lines(opened(), started()), FACTS)
    before = info(data, RUN_ID)
    store.apply(OTHER_STREAM, 0, lines(opened(), started(OTHER_RUN, id=OTHER_ID), record), FACTS)
    assert info(data, RUN_ID) == before
    assert [row[2] for row in everything(data)["streams"]] == [0, 1]


@pytest.mark.parametrize(
    "record",
    [
        tagged("", "v"), tagged(" ", "v"), tagged("k" * 251, "v"), tagged("k", "v" * 5001),
        {**tagged("k", "v"), "value": 1},
        {**noted("n"), "text": None}, moved(" "), moved("e" * 251), {**moved("e"), "name": 1},
        printed("o", stdout_omitted=-1), {**printed("o"), "stdout": None},
    ],
)  # fmt: skip
def test_a_record_that_is_not_as_it_must_be_is_counted_and_passed_over(
    store: Store, data: ProjectData, record: dict[str, Any]
) -> None:
    run = run_of(store, record)
    assert (run["tags"], run["note"], run["experiment"], run["stdout"]) == ({}, None, "iris.ipynb", "")
    assert everything(data)["streams"][0][2] == 1


def test_a_tag_is_set_replaced_and_removed(store: Store) -> None:
    run = run_of(store, tagged("a", "1"), tagged("b", "1"), tagged("a", "2"), tagged("b", None), tagged("c", None))
    assert run["tags"] == {"a": "2"}


def test_a_note_replaces_the_one_before_and_an_empty_one_removes_it(store: Store) -> None:
    run = run_of(store, noted("a"), noted("b"))
    assert (run["note"], run["description"]) == ("b", "b")
    length = store.offset(STREAM)
    store.apply(STREAM, length, lines(noted("")), FACTS)
    assert info(store.data, RUN_ID)["note"] is None


def test_a_run_belongs_to_its_notebook_until_an_experiment_is_named(store: Store) -> None:
    assert run_of(store)["experiment_id"] == "iris.ipynb"
    store.apply(STREAM, store.offset(STREAM), lines(moved("tuning")), FACTS)
    assert info(store.data, RUN_ID)["experiment"] == "tuning"
    store.apply(STREAM, store.offset(STREAM), lines(moved(None)), FACTS)
    assert info(store.data, RUN_ID)["experiment"] == "iris.ipynb"


@pytest.mark.parametrize(("told", "experiment"), [("tuning", "tuning"), (None, "iris.ipynb"), (1, "iris.ipynb")])
def test_a_start_names_its_experiment(store: Store, told: object, experiment: str) -> None:
    assert run_of(store, experiment=told)["experiment"] == experiment


def test_usage_is_told_as_far_as_it_is_known(store: Store) -> None:
    run = run_of(store, used(cpu_peak=float("nan"), gpu_peak=-1, memory_peak=1 << 40, gpu_memory_peak=None))
    assert run["usage"] == {"cpu_seconds": 2.5, "memory_peak": 1 << 40}
    assert info(store.data, RUN_ID)["usage"] == run["usage"]


def test_the_last_prints_are_told_with_how_much_came_before(store: Store) -> None:
    run = run_of(store, printed("out", "err", stdout_omitted=7))
    assert (run["stdout"], run["stdout_omitted"], run["stderr"], run["stderr_omitted"]) == ("out", 7, "err", 0)


def test_a_kernel_tells_its_ipykernel_and_the_names_of_its_variables(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(ipykernel="7.4.0", variables=["HOME", 1, "ÄÖ"]), started()), FACTS)
    run = info(data, RUN_ID)
    assert (run["ipykernel"], run["variables"]) == ("7.4.0", ["HOME", "ÄÖ"])


def test_the_fingerprint_of_the_environment_comes_with_the_facts(store: Store, data: ProjectData) -> None:
    facts = KernelFacts("iris", "/p", "local", "local", "local", "Python", environment="abc123")
    store.apply(STREAM, 0, lines(opened(), started()), facts)
    assert info(data, RUN_ID)["environment"] == "abc123"


def test_records_of_a_run_that_has_ended_are_taken_in(store: Store) -> None:
    run = run_of(store, ended(), tagged("a", "1"), noted("n"), moved("e"), logged("late", 1), saved("m", b"m"))
    assert (run["status"], run["tags"], run["note"], run["experiment"], run["late"], run["attachments"]) == (
        "Completed", {"a": "1"}, "n", "e", 1, "m",
    )  # fmt: skip


def test_steps_and_kinds_are_kept(store: Store, data: ProjectData) -> None:
    steps = [{**logged("loss", i), "step": step} for i, step in enumerate((0, 0.5, True, "x", 1 << 70, -3))]
    bent = [{**logged("odd", "text"), "kind": "table"}, {**logged("bad", {"a": 1}), "kind": "table"}]
    run_of(store, *steps, *bent, {**logged("worse", 1), "kind": "image"})
    assert [step for step, _, _ in series(data, RUN_ID, "loss")["points"]] == [0, 0.5, None, None, None, -3]
    metrics = overview(data).runs[0]["metrics"]
    assert [metrics[name]["kind"] for name in ("odd", "bad", "worse")] == ["text", "dict", "number"]


ANY_TEXT = "é 漢字 🎉 \u202e \0 \x1b[31m ' \" \\ <script> \ud800 \r\n"


def test_any_unicode_in_every_text_is_kept(store: Store, data: ProjectData) -> None:
    word = shown(ANY_TEXT)  # as a spool makes it
    facts = KernelFacts(*[word] * 6, kernel_id=word, notebook=word, user=word, environment=word)
    error = {"name": ANY_TEXT, "message": ANY_TEXT, "traceback": ANY_TEXT}
    texts = {"source": ANY_TEXT, "cell": ANY_TEXT, "notebook": ANY_TEXT, "experiment": ANY_TEXT, "id": ANY_TEXT}
    told = lines(
        opened(python=ANY_TEXT, user=ANY_TEXT, host=ANY_TEXT, ipykernel=ANY_TEXT, variables=[ANY_TEXT]),
        started(**texts),
        logged(ANY_TEXT, ANY_TEXT), tagged(ANY_TEXT, ANY_TEXT), noted(ANY_TEXT), printed(ANY_TEXT, ANY_TEXT),
        ended(status="Failed", error=error),
    )  # fmt: skip
    store.apply(STREAM, 0, told, facts)
    store.annotate(STREAM, [RUN], Captured(1.0, ANY_TEXT, ANY_TEXT, ANY_TEXT, True, ANY_TEXT, ANY_TEXT, (ANY_TEXT,)))
    run = info(data, last(data)["run_id"])
    assert everything(data)["streams"][0][2] == 0
    told_texts = (
        "source", "cell", "script_name", "experiment", "note", "stdout", "stderr", "traceback", "user", "python",
        "host", "ipykernel", "environment", "target", "run_configuration",
    )  # fmt: skip
    assert {name: run[name] for name in told_texts} == dict.fromkeys(told_texts, shown(ANY_TEXT))
    assert (run["tags"], run["variables"]) == ({shown(ANY_TEXT): shown(ANY_TEXT)}, [shown(ANY_TEXT)])
    assert run["error"] == {"name": shown(ANY_TEXT), "message": shown(ANY_TEXT)}
    assert run[shown(ANY_TEXT)] == ANY_TEXT  # a value is lossless
    assert (run["git"]["commit"], run["git"]["branch"]) == (shown(ANY_TEXT), shown(ANY_TEXT))


def shown(text: str) -> str:
    return text.replace("\ud800", "\\ud800")


def test_a_run_is_captured_once_and_new_words_replace_the_old_ones(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), started(OTHER_RUN, id=OTHER_ID)), FACTS)
    store.apply(OTHER_STREAM, 0, lines(opened(), started("c" * 32, id="iris_9")), FACTS)
    assert store.uncaptured(STREAM) == [RUN, OTHER_RUN]
    store.annotate(STREAM, [RUN, "c" * 32, "unknown"], Captured(5.0, git_problem="no git", packages=("a==1",)))
    assert store.uncaptured(STREAM) == [OTHER_RUN]
    assert store.uncaptured(OTHER_STREAM) == ["c" * 32]
    store.annotate(STREAM, [RUN], Captured(6.0, "abc", "main", "git@host:x", True, "+1"))
    run = info(data, RUN_ID)
    assert run["git"] == {
        "commit": "abc", "branch": "main", "remote": "git@host:x", "dirty": True, "problem": None,
        "captured_utc": "1970-01-01T00:00:06.000000+00:00", "has_diff": True,
    }  # fmt: skip
    assert (run["packages"], run["properties"]) == (["a==1"], {"CommitId": "abc"})


def test_a_store_tells_each_run_that_it_changed_once(store: Store, data: ProjectData) -> None:
    assert store.take_changes() == ()
    store.apply(STREAM, 0, lines(opened(), started(), logged("x", 1), logged("x", 2)), FACTS)
    assert store.take_changes() == (RUN_ID,)
    assert store.take_changes() == ()
    store.apply(STREAM, store.offset(STREAM), lines(started(OTHER_RUN, id=OTHER_ID), tagged("a", "b")), FACTS)
    assert store.take_changes() == (RUN_ID, OTHER_ID)
    store.annotate(STREAM, [OTHER_RUN], Captured(1.0))
    store.close_stream(STREAM, "died")
    assert store.take_changes() == (OTHER_ID, RUN_ID)


def test_every_change_of_a_run_has_a_greater_revision(store: Store, data: ProjectData) -> None:
    seen = [run_of(store)["revision"]]
    for record in (logged("x", 1), tagged("a", "b"), noted("n"), used(), printed("o"), ended()):
        store.apply(STREAM, store.offset(STREAM), lines(record), FACTS)
        seen.append(info(data, RUN_ID)["revision"])
    assert seen == sorted(set(seen))


def test_a_run_is_found_by_its_id_or_as_the_last_one(store: Store, data: ProjectData) -> None:
    told = lines(opened(), started(), started(OTHER_RUN, id=OTHER_ID, t=MORNING - 5))
    store.apply(STREAM, 0, told, FACTS)
    assert (find_run(data, "last"), find_run(data, OTHER_ID)) == (RUN_ID, OTHER_ID)


def test_an_end_before_its_start_makes_no_negative_time(store: Store, data: ProjectData) -> None:
    run = run_of(store, ended(t=MORNING - 3600, duration=None))
    assert (run["start_time_utc"], run["end_time_utc"]) == (run["start_time_utc"], run["start_time_utc"])
    assert run["duration"] == "0:00:00.000000"


def test_times_out_of_order_change_no_order_of_logging(store: Store, data: ProjectData) -> None:
    run_of(store, *(logged("x", i, t=MORNING + t) for i, t in enumerate((5, -100, 3, 0))))
    assert values(data) == [("x", str(i)) for i in range(4)]
    assert overview(data).runs[0]["metrics"]["x"]["last"] == 3


def test_a_full_disk_is_told_changes_nothing_and_is_forgotten_when_there_is_room(
    store: Store, data: ProjectData
) -> None:
    run_of(store)
    before = everything(data)
    offset = store.offset(STREAM)
    big = lines(*(logged("x", "y" * 1000) for _ in range(2000)))
    store._connection.execute("PRAGMA max_page_count = 100")
    with pytest.raises(HistoryError) as caught:
        store.apply(STREAM, offset, big, FACTS)
    assert str(caught.value) == (
        f"{data.database}: the run history cannot be written because the disk is full - make room; what was logged "
        f"waits in {data.spools}"
    )
    assert everything(data) == before
    store._connection.execute("PRAGMA max_page_count = 1000000")
    assert store.apply(STREAM, offset, big, FACTS) == offset + len(big)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root can mount a small disk")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "none", folder], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def apply_often(store: Store, piece: bytes) -> None:
    for _ in range(100):
        store.apply(STREAM, store.offset(STREAM), piece, FACTS)


def test_on_a_disk_that_is_really_full_nothing_is_torn(small_disk: Path) -> None:
    data = ProjectData(small_disk / "data")
    store = Store(data)
    run_of(store)
    piece = lines(*(logged("x", "y" * 1000) for _ in range(50)))
    with pytest.raises(HistoryError, match="disk is full"):
        apply_often(store, piece)
    taken = [value for _, value in values(data)]
    assert 0 < len(taken) < 100 * 50
    assert len(taken) % 50 == 0
    store.close()
    connection = sqlite3.connect(data.database)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_database_whose_journal_was_half_written_opens_with_whole_pieces(store: Store, data: ProjectData) -> None:
    run_of(store)
    for i in range(50):
        store.apply(STREAM, store.offset(STREAM), lines(logged("x", i), logged("y", i)), FACTS)
    journal = data.database.with_name("history.db-wal")
    copy = ProjectData(data.root.with_name("copy"))
    copy.make()
    whole = journal.read_bytes()
    for length in range(0, len(whole), len(whole) // 7):
        shutil.copy(data.database, copy.database)
        copy.database.with_name("history.db-wal").write_bytes(whole[:length])
        found = [name for name, _ in values(copy)] if has_tables(copy) else []
        assert found.count("x") == found.count("y")
        for path in copy.root.iterdir():
            path.unlink()


def has_tables(data: ProjectData) -> bool:
    connection = sqlite3.connect(data.database)
    try:
        return bool(connection.execute("SELECT 1 FROM sqlite_master").fetchall())
    finally:
        connection.close()


def test_two_stores_on_one_project_see_each_others_runs_at_once(data: ProjectData) -> None:
    one, two = Store(data), Store(data)
    one.apply(STREAM, 0, lines(opened(), started()), FACTS)
    assert two.apply(STREAM, 0, lines(opened(), started()), FACTS) == one.offset(STREAM)
    two.apply(STREAM, two.offset(STREAM), lines(ended()), FACTS)
    assert [run["status"] for run in list_runs(data)] == ["Completed"]
    assert (one.take_changes(), two.take_changes()) == ((RUN_ID,), (RUN_ID,))
    one.close()
    two.close()
