"""Errors in the cells of a PySpark kernel: only Spark's own are shown otherwise than IPython does."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from workbench_kernel.spark import failures, plain
from workbench_kernel.spark.failures import Failures

ENDED = "Java, in which Spark ran, was killed"


class Boot:
    """A Spark whose Java has gone; asking how would take a second."""

    session = SimpleNamespace(gateway=None)
    settings = None
    doubtful = False
    asked = 0

    def end_of(self, gateway):
        self.asked += 1
        return ENDED


@pytest.fixture
def boot():
    return Boot()


@pytest.fixture
def interrupts():
    """The interrupts of a cell in which nobody has pressed anything."""
    return SimpleNamespace(pressed=False)


@pytest.fixture
def shell(a_shell, boot, interrupts, monkeypatch):
    """A shell whose errors are shown by us."""
    monkeypatch.setattr(failures, "_classes", lambda: failures._OF_CONNECTIONS)
    Failures(a_shell.shell, boot, interrupts).register()
    return a_shell


@pytest.fixture
def lost_connection(tmp_path):
    """A module that loses a connection where pyspark would."""
    file = tmp_path / "pyspark" / "lost.py"
    file.parent.mkdir()
    file.write_text("def ask():\n    raise ConnectionResetError(104, 'Connection reset by peer')\n")
    return f"exec(compile(open({str(file)!r}).read(), {str(file)!r}, 'exec'))\n"


def test_an_error_of_the_users_own_files_is_shown_as_ever_and_at_once(shell, boot):
    cell = shell.run("open('/no/such/file')")
    assert isinstance(cell.error, FileNotFoundError)
    assert cell.stdout.endswith(": [Errno 2] No such file or directory: '/no/such/file'\n")
    assert boot.asked == 0


def test_a_connection_to_java_that_is_lost_tells_how_java_ended(shell, lost_connection):
    cell = shell.run(lost_connection + "ask()")
    assert "Custom TB Handler failed" not in cell.stderr
    assert cell.stdout.endswith(
        f": {ENDED}. The next cell that names `spark` gets a new session; DataFrames that were made before are lost.\n"
    )


def test_what_an_interrupt_has_cut_is_an_interrupt(shell, interrupts, lost_connection):
    interrupts.pressed = True
    assert isinstance(shell.run(lost_connection + "ask()").error, KeyboardInterrupt)


def test_an_error_of_a_file_after_an_interrupt_that_was_handled_is_no_interrupt(shell, interrupts):
    interrupts.pressed = True
    assert isinstance(shell.run("open('/no/such/file')").error, FileNotFoundError)


def test_an_interrupt_shows_the_users_lines_and_none_of_ours(shell, tmp_path):
    ours = tmp_path / "workbench_kernel" / "ours.py"
    ours.parent.mkdir()
    ours.write_text("def on_signal():\n    raise KeyboardInterrupt\n")
    code = f"exec(compile(open({str(ours)!r}).read(), {str(ours)!r}, 'exec'))\ndef work():\n    on_signal()\nwork()"
    shown = shell.run(code).stdout
    assert "on_signal()" in shown
    assert "ours.py" not in shown


def test_a_user_who_wants_to_be_asked_himself_is_not_disturbed(a_shell, boot, interrupts):
    mine = (ValueError,)
    a_shell.shell.set_custom_exc(mine, lambda *_, **__: None)
    Failures(a_shell.shell, boot, interrupts)
    assert a_shell.shell.custom_exceptions == mine


def test_the_error_of_an_ended_java_is_one_sentence():
    assert plain.SparkEnded("gone")._render_traceback_()[-1].endswith(": gone")
