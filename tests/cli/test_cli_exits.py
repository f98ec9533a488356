"""What the shell sees of an error: the exit code and the text on stderr."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from jupyter_workbench.cli import Workbench
from jupyter_workbench.cli.lazy import with_debug
from jupyter_workbench.errors import RunNotFound

BUG = re.compile(
    r"This is a bug in workbench, not your mistake: ZeroDivisionError: division by zero\n"
    r"The traceback is in (?P<file>.*workbench-error-\w+\.txt); --debug shows it here\. Please report it\.\n"
)


def result_of(action, *arguments):
    group = Workbench(name="workbench", commands={"act": None})
    group.commands["act"] = with_debug(click.Command("act", callback=action))
    return CliRunner().invoke(group, ["act", *arguments])


def mistake():
    raise RunNotFound("No run iris_1 in the history of iris; `workbench history list` shows the runs.\nSecond line.")


@pytest.fixture(autouse=True)
def _tracebacks_are_written_here(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def bug():
    return 1 / 0


def test_a_mistake_of_the_user_is_its_message_as_it_is_and_exit_code_1():
    result = result_of(mistake)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == (
        "No run iris_1 in the history of iris; `workbench history list` shows the runs.\nSecond line.\n"
    )


def test_a_mistake_with_debug_shows_the_traceback_first():
    result = result_of(mistake, "--debug")
    assert result.exit_code == 1
    assert result.stderr.startswith("Traceback (most recent call last):\n")
    assert result.stderr.endswith("Second line.\n")


def test_a_bug_says_that_it_is_ours_and_exits_with_3():
    result = result_of(bug)
    assert result.exit_code == 3
    assert BUG.fullmatch(result.stderr)


def test_the_traceback_of_a_bug_is_in_a_file_that_only_the_user_can_read():
    file = Path(BUG.fullmatch(result_of(bug).stderr)["file"])
    assert file.stat().st_mode & 0o077 == 0
    assert "return 1 / 0" in file.read_text()


def test_a_bug_with_debug_shows_the_traceback_and_writes_no_file(tmp_path):
    result = result_of(bug, "--debug")
    assert result.exit_code == 3
    assert result.stderr.startswith("Traceback (most recent call last):\n")
    assert result.stderr.endswith("This is a bug in workbench, not your mistake: ZeroDivisionError: division by zero\n")
    assert list(tmp_path.iterdir()) == []


def test_a_bug_is_told_even_where_no_file_can_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    result = result_of(bug)
    assert result.exit_code == 3
    assert result.stderr == (
        "This is a bug in workbench, not your mistake: ZeroDivisionError: division by zero\n"
        "The traceback cannot be written (No such file or directory); --debug shows it. Please report it.\n"
    )


def test_wrong_usage_exits_with_2_and_says_how_to_get_help(run):
    result = run("docter")
    assert result.exit_code == 2
    usage, how_to_get_help, _, error = result.stderr.splitlines()[:4]
    assert usage == "Usage: workbench [OPTIONS] COMMAND [ARGS]..."
    assert re.fullmatch(r"Try 'workbench (-h|--help)' for help\.", how_to_get_help)  # by version of click
    assert error.startswith("Error: No such command 'docter'.")


def test_a_command_that_exits_with_a_code_keeps_it():
    assert result_of(lambda: click.get_current_context().exit(1)).exit_code == 1


def test_ctrl_c_exits_with_130_and_shows_no_traceback(workbench_process):
    waiting = (
        "import click, time\n"
        "import jupyter_workbench.cli.completion as module\n"
        "module.completion.callback = lambda **_: (click.echo('ready'), time.sleep(60))"
    )
    process = workbench_process("completion", "bash", first=waiting)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert errors == "\n"


def test_a_reader_that_goes_away_ends_the_command_quietly(workbench_process):
    endless = (
        "import click\n"
        "import jupyter_workbench.cli.completion as module\n"
        "module.completion.callback = lambda **_: [click.echo('line') for _ in range(1_000_000)]"
    )
    process = workbench_process("completion", "bash", first=endless)
    assert process.stdout.readline() == "line\n"
    process.stdout.close()
    process.wait(timeout=20)
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.mark.parametrize("place", [("--debug", "act"), ("act", "--debug")])
def test_debug_may_stand_anywhere(place):
    group = Workbench(name="workbench", commands={"act": None})
    group.commands["act"] = with_debug(click.Command("act", callback=bug))
    assert "Traceback" in CliRunner().invoke(group, place).stderr
