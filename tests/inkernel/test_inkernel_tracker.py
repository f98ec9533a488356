"""Which cells are runs, and to which run a value belongs."""

from __future__ import annotations

import threading

import pytest

LOGGER = "from azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()\n"


def ends(shell):
    return [(record["status"], (record["error"] or {}).get("name")) for record in shell.records("end")]


def test_nothing_is_recorded_while_history_is_off(a_shell):
    a_shell.run(LOGGER + "logger.log('a', 1)")
    assert [record["e"] for record in a_shell.records()] == ["open"]


def test_the_first_record_tells_the_process(a_shell):
    (record,) = a_shell.records()
    assert sorted(record) == ["e", "host", "ipykernel", "pid", "python", "t", "user", "v", "variables"]
    assert record["v"] == 1


def test_the_cell_that_turns_history_on_is_a_run_with_its_whole_source(a_shell):
    a_shell.run("before = 1")
    source = LOGGER + "%azureml history on\nlogger.log('Cell', 'Set up run')"
    a_shell.run(source)
    start, log, end = a_shell.records("start", "log", "end")
    assert (start["source"], start["count"], start["cell"], start["notebook"]) == (source, 2, None, None)
    assert start["id"].startswith("iris_")
    assert abs(int(start["id"][5:]) / 1000 - start["t"]) < 5
    assert (log["run"], log["name"], log["value"]) == (start["run"], "Cell", "Set up run")
    assert (end["run"], end["status"], end["error"]) == (start["run"], "Completed", None)
    assert 0 <= end["duration"] < 60


def test_every_cell_after_it_is_a_run_with_its_number(a_shell):
    a_shell.run("%azureml history on")
    a_shell.run("a = 1")
    a_shell.run("b = 2")
    assert [(start["source"], start["count"]) for start in a_shell.records("start")] == [
        ("%azureml history on", 1),
        ("a = 1", 2),
        ("b = 2", 3),
    ]


def test_the_run_of_the_cell_that_turns_history_off_ends_there(a_shell):
    a_shell.run("%azureml history on")
    a_shell.run(LOGGER + "logger.log('a', 1)\n%azureml history off\nlogger.log('b', 2)\n1/0")
    a_shell.run("after = 1")
    assert a_shell.values() == [("a", 1)]
    assert ends(a_shell) == [("Completed", None), ("Completed", None)]


def test_on_twice_is_one_run(a_shell):
    a_shell.run("%azureml history on\n%azureml history on")
    assert len(a_shell.records("start")) == len(a_shell.records("end")) == 1


@pytest.mark.parametrize("options", [{"silent": True}, {"store_history": False}])
def test_what_a_front_end_asks_behind_the_users_back_is_no_run(a_shell, options):
    a_shell.run("%azureml history on")
    a_shell.run("x = 1", **options)
    a_shell.run("   ")
    assert len(a_shell.records("start")) == 1


@pytest.mark.parametrize(
    ("code", "status", "error", "message"),
    [
        ("1/0", "Failed", "ZeroDivisionError", "division by zero"),
        ("raise SystemExit(3)", "Failed", "SystemExit", "3"),
        ("raise KeyboardInterrupt", "Canceled", "KeyboardInterrupt", ""),
        ("%nothing", "Failed", "UsageError", None),
        ("x = = 1", "Failed", "SyntaxError", None),
        ("if True:\n  a\n b", "Failed", "IndentationError", None),
        ("await asyncio.sleep(0)\nraise OSError('late')", "Failed", "OSError", "late"),
    ],
)
@pytest.mark.filterwarnings("ignore:To exit")
def test_a_cell_that_fails_is_a_run_that_failed(a_shell, code, status, error, message):
    a_shell.run("import asyncio")
    a_shell.run("%azureml history on")
    a_shell.run(code)
    end = a_shell.records("end")[-1]
    assert (end["status"], end["error"]["name"]) == (status, error)
    assert message is None or end["error"]["message"] == message


@pytest.mark.parametrize("stored", ["True", "False"])
def test_a_cell_that_runs_cells_is_one_run(a_shell, stored):
    a_shell.run(LOGGER + "%azureml history on")
    a_shell.run(
        f"get_ipython().run_cell('logger.log(1, 1)', store_history={stored})\n"
        "get_ipython().run_cell('')\nget_ipython().run_cell('1/0')\nlogger.log('after', 2)"
    )
    assert len(a_shell.records("start")) == 2
    assert a_shell.values() == [("1", 1), ("after", 2)]
    assert ends(a_shell) == [("Completed", None), ("Completed", None)]


def test_threads_of_the_user_log_into_the_cell(a_shell):
    a_shell.run(LOGGER + "import threading\n%azureml history on")
    a_shell.run("t = threading.Thread(target=logger.log, args=('a', 1))\nt.start(); t.join()")
    assert a_shell.values() == [("a", 1)]
    assert a_shell.records("log")[0]["run"] == a_shell.records("start")[1]["run"]


def test_cells_of_two_threads_are_two_runs_at_once(a_shell):
    """As ipykernel's subshells run them; here the hooks alone, without a second IPython."""
    a_shell.run(LOGGER + "%azureml history on")
    tracker = a_shell.history._tracker
    both_run, other_done = threading.Barrier(2, timeout=10), threading.Event()

    def other():
        info = a_shell.run("", silent=True).result.info
        info.raw_cell, info.silent, info.store_history = "other", False, True
        tracker.cell_begins(info)
        both_run.wait()
        a_shell.history.log("from", "other")
        tracker.cell_ends(None)
        other_done.set()

    thread = threading.Thread(target=other)
    a_shell.shell.user_ns.update(both_run=both_run, other_done=other_done, thread=thread)
    a_shell.run("thread.start(); both_run.wait(); logger.log('from', 'main'); other_done.wait(10)")
    keys = {start["source"][:5]: start["run"] for start in a_shell.records("start")}
    assert {(log["run"], log["value"]) for log in a_shell.records("log")} == {
        (keys["other"], "other"),
        (keys["threa"], "main"),
    }


def test_runs_of_one_millisecond_have_different_ids(a_shell):
    recorder = a_shell.history._tracker.recorder
    for _ in range(100):
        recorder.start(source="")
    ids = [start["id"] for start in a_shell.records("start")]
    assert len(set(ids)) == 100


def test_an_upload_outside_a_tracked_cell_is_a_run_of_its_own(a_shell, a_project):
    (a_project / "outputs/model.pkl").write_bytes(b"abc")
    a_shell.run("%azureml upload outputs/model.pkl")
    start, output, end = a_shell.records("start", "output", "end")
    assert start["source"] == "%azureml upload outputs/model.pkl"
    assert (output["run"], output["path"], output["size"]) == (start["run"], "outputs/model.pkl", 3)
    assert (end["run"], end["status"]) == (start["run"], "Completed")
    blob = a_shell.spool / "blobs" / output["sha256"]
    assert blob.read_bytes() == b"abc"


def test_an_upload_in_a_tracked_cell_belongs_to_its_run(a_shell):
    a_shell.run(LOGGER + "%azureml history on\nlogger.upload('notes/a.txt', 'text')\nlogger.upload('b', b'x')")
    (start,) = a_shell.records("start")
    assert [(o["run"], o["path"], o["size"]) for o in a_shell.records("output")] == [
        (start["run"], "notes/a.txt", 4),
        (start["run"], "b", 1),
    ]
