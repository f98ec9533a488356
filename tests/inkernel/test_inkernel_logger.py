"""The logger as users hold it."""

from __future__ import annotations

import pickle

import pytest
from workbench_kernel import logger
from workbench_kernel.logger import Logger, get_azureml_logger


def test_outside_our_kernels_it_accepts_and_ignores(monkeypatch):
    monkeypatch.setattr(logger, "_history", None)
    assert get_azureml_logger().log("a", 1).wait() is None
    assert get_azureml_logger().upload("a", "b").wait(5) is None


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
