"""The logger as users hold it."""

from __future__ import annotations

import pickle

import pytest
from workbench_kernel import logger
from workbench_kernel.logger import Logger, get_azureml_logger

LOGGER = "from azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()\n"
OFF = "Run history is off, so what is logged is not kept - turn it on with `%azureml history on`.\n"


def test_a_process_that_is_no_kernel_accepts_and_says_once_that_nothing_is_kept(monkeypatch, capsys):
    monkeypatch.setattr(logger, "_history", None)
    monkeypatch.setattr("workbench_kernel.complaints._said", set())
    assert get_azureml_logger().log("a", 1).wait() is None
    assert get_azureml_logger().upload("a", "b").wait(5) is None
    assert capsys.readouterr().err == (
        "Run history: what this process (a worker of the notebook's kernel) logs is not kept - "
        "return the values to the notebook, and log them there.\n"
    )


def test_while_history_is_off_it_accepts_and_says_so_once(a_shell):
    assert a_shell.run(LOGGER).stderr == ""
    assert a_shell.run("logger.log('a', 1)\nlogger.log('b', 2)").stderr == OFF
    assert a_shell.run("logger.log('c', 3)").stderr == ""
    assert a_shell.values() == []


def test_where_history_is_forbidden_it_says_so_once(make_shell):
    shell = make_shell(tracked_run=False, run_configuration="docker")
    assert shell.run(LOGGER + "logger.log('a', 1)\nlogger.upload('a', 'b')").stderr == (
        "Nothing was logged. The run configuration 'docker' forbids history logging (TrackedRun: false).\n"
    )


def test_between_two_cells_a_value_belongs_to_the_cell_before(a_shell):
    """Threads of the user and widgets log when no cell runs."""
    a_shell.run(LOGGER + "%azureml history on")
    a_shell.run("1 + 1")
    a_shell.shell.user_ns["logger"].log("late", 1)
    (log,) = a_shell.records("log")
    assert log["run"] == a_shell.records("start")[1]["run"]


@pytest.mark.parametrize(
    ("step", "kept"), [("3", 3), ("0.5", 0.5), ("-1", -1), ("2.0", 2.0), ("True", 1), ("numpy.int64(7)", 7)]
)
def test_a_step_is_kept_as_the_number_it_is(a_shell, step, kept):
    a_shell.run(f"{LOGGER}import numpy\n%azureml history on\nlogger.log('loss', 0.5, step={step})")
    a_shell.run(f"logger.log('list', [1], {step})")
    found = [log["step"] for log in a_shell.records("log")]
    assert (found, type(found[0])) == ([kept, kept], type(kept))


def test_a_value_without_a_step_has_none(a_shell):
    a_shell.run(LOGGER + "%azureml history on\nlogger.log('loss', 0.5)")
    assert sorted(a_shell.records("log")[0]) == ["e", "name", "run", "t", "value"]


@pytest.mark.parametrize(
    ("step", "shown"),
    [("'one'", "'one'"), ("float('nan')", "nan"), ("'3'", "'3'"), ("[1]", "[1]"), ("10**400", "1" + "0" * 99)],
)
def test_a_step_that_is_no_number_costs_the_step_only_and_is_told(a_shell, step, shown):
    cell = a_shell.run(f"{LOGGER}%azureml history on\nlogger.log('a', 1, step={step})\nlogger.log('b', 1, step={step})")
    assert cell.error is None
    assert cell.stderr == (
        f"Run history: expected a finite number as step, got {shown} - the value was logged without a step.\n"
    )
    assert [(log["name"], "step" in log) for log in a_shell.records("log")] == [("a", False), ("b", False)]


def test_a_data_frame_is_a_table_by_column(a_shell):
    a_shell.run(f"{LOGGER}import pandas\n%azureml history on")
    a_shell.run(
        "logger.log('t', pandas.DataFrame({'x': [1, 2], 'y': ['a', 'b']}), step=1)\nlogger.log('d', {'x': [1]})"
    )
    table, other = a_shell.records("log")
    assert (table["value"], table["kind"], table["step"]) == ({"x": [1, 2], "y": ["a", "b"]}, "table", 1)
    assert "kind" not in other


def test_an_upload_that_finds_no_room_is_told_and_the_cell_goes_on(a_shell, monkeypatch):
    full = OSError(28, "No space left on device")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(full))
    cell = a_shell.run(LOGGER + "logger.upload('a.txt', 'a')\nlogger.upload('b.txt', 'b')\nprint('alive')")
    assert (cell.stdout, cell.error) == ("alive\n", None)
    assert cell.stderr == (
        "Run history: records cannot be written (No space left on device), so values are missing from this run - "
        "make room or mend the disk; your code is not affected.\n"
    )


def test_what_it_returns_shows_nothing(a_shell):
    request = get_azureml_logger().log("a", 1)
    assert repr(request) == ""
    assert a_shell.shell.display_formatter.format(request) == ({}, {})


def test_a_logger_can_be_sent_to_another_process():
    assert isinstance(pickle.loads(pickle.dumps(get_azureml_logger())), Logger)


@pytest.mark.parametrize(
    "name", ["test_accuracy:", "Regularization Rate", "100 %", "größe", "", "\n", "\ud800", 5, None]
)
def test_any_name_will_do(a_shell, name):
    a_shell.run("%azureml history on")
    a_shell.shell.user_ns["name"] = name
    a_shell.run("from azureml.logging import get_azureml_logger\nget_azureml_logger().log(name, 0.5)")
    assert a_shell.values() == [(str(name), 0.5)]


@pytest.mark.parametrize(
    "value", [0.1, -0.0, 1e300, 3, 2**70, True, None, "text", "größe", "\U0001f600", [1, "a"], {"a": 1}]
)
def test_values_come_back_as_they_were(a_shell, value):
    a_shell.shell.user_ns["value"] = value
    a_shell.run(
        "%azureml history on\nfrom azureml.logging import get_azureml_logger\nget_azureml_logger().log('v', value)"
    )
    ((_, found),) = a_shell.values()
    assert (type(found), found) == (type(value), value)
    assert repr(found) == repr(value)


def test_an_upload_that_the_run_configuration_forbids_is_told_once(make_shell):
    shell = make_shell(tracked_run=False, run_configuration="off")
    cell = shell.run(
        "from azureml.logging import get_azureml_logger\n"
        "logger = get_azureml_logger()\n"
        "logger.upload('a.txt', 'a')\nlogger.upload('b.txt', 'b').wait()\n_ = logger.log('c', 1)"
    )
    assert (cell.stdout, cell.stderr, cell.error) == (
        "",
        "Nothing was saved. The run configuration 'off' forbids history logging (TrackedRun: false).\n",
        None,
    )
    assert shell.run("logger.upload('d.txt', 'd')").stderr == ""
    assert [record["e"] for record in shell.records()] == ["open"]


def test_an_upload_without_a_usable_spool_is_told_once(make_shell, tmp_path):
    cell = make_shell(spool=tmp_path / "nowhere").run(
        "from azureml.logging import get_azureml_logger\n_ = get_azureml_logger().upload('a.txt', 'a')"
    )
    assert (cell.stdout, cell.stderr, cell.error) == (
        "",
        f"Nothing was saved. History logging is not available: the spool folder {tmp_path / 'nowhere'} cannot be used "
        "(No such file or directory) - restart the kernel once that is mended.\n",
        None,
    )


def test_a_mistake_of_ours_is_told_once_and_never_raises(a_shell, monkeypatch):
    a_shell.run("from azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()\n%azureml history on")
    monkeypatch.setattr("workbench_kernel.recorder.Recorder.log", lambda *_: {}["missing"])
    cell = a_shell.run("logger.log('a', 1)\nlogger.log('a', 2)\nprint('alive')")
    assert (cell.stdout, cell.stderr, cell.error) == (
        "alive\n",
        "Run history: an error of its own (KeyError: 'missing'), so this run may be incomplete - "
        "restart the kernel, and report it; your code is not affected.\n",
        None,
    )


def test_a_full_disk_is_told_once_and_never_raises(a_shell, monkeypatch):
    a_shell.run("from azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()\n%azureml history on")
    full = OSError(28, "No space left on device")
    monkeypatch.setattr("os.write", lambda *_: (_ for _ in ()).throw(full))
    cell = a_shell.run("logger.log('a', 1)\nlogger.log('a', 2)\nprint('alive')")
    monkeypatch.undo()
    assert (cell.stdout, cell.stderr, cell.error) == (
        "alive\n",
        "Run history: records cannot be written (No space left on device), so values are missing from this run - "
        "make room or mend the disk; your code is not affected.\n",
        None,
    )
