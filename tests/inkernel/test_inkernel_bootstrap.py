"""What goes wrong before the kernel is ready is written where the server reads it; arguments are ipykernel's."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from workbench_kernel.bootstrap import _split


def start(inkernel, spool, *arguments, python=(sys.executable,), cwd=None):
    command = [*python, str(inkernel), "--spool", str(spool), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=60)


def test_an_interpreter_without_ipykernel_says_how_to_install_it(inkernel, tmp_path):
    done = start(inkernel, tmp_path, "-f", "none.json", python=(sys.executable, "-S"))
    text = (tmp_path / "start-error.txt").read_text()
    first, *rest = text.split("\n")
    assert first == f"{sys.executable} has no ipykernel - install it with `{sys.executable} -m pip install ipykernel`."
    assert rest[0] == ""
    assert rest[1] == "Traceback (most recent call last):"
    assert done.returncode == 1
    assert text in done.stderr


def test_a_kernel_that_ends_at_once_says_so(inkernel, tmp_path):
    (tmp_path / "broken.json").write_text("{")
    done = start(inkernel, tmp_path, "-f", str(tmp_path / "broken.json"))
    assert (
        (tmp_path / "start-error.txt")
        .read_text()
        .startswith("The kernel ended before it was ready (exit code 1).\n\nTraceback")
    )
    assert done.returncode == 1


def test_any_other_error_is_named(inkernel, tmp_path):
    (tmp_path / "ipykernel").mkdir()
    (tmp_path / "ipykernel/__init__.py").write_text("raise RuntimeError('half an installation')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nsys.argv[1:] = ['--spool', {str(tmp_path)!r}]\n"
    code += f"import runpy; runpy.run_path({str(inkernel)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    text = (tmp_path / "start-error.txt").read_text()
    assert text.split("\n")[0] == "The kernel could not start: RuntimeError: half an installation."
    assert done.returncode == 1


def test_a_spool_that_cannot_be_written_leaves_the_error_on_stderr(inkernel, tmp_path):
    done = start(inkernel, tmp_path / "nowhere", "-f", "none.json", python=(sys.executable, "-S"))
    assert "has no ipykernel" in done.stderr
    assert re.search(r"\(start-error.txt could not be written: .*No such file or directory.*\)", done.stderr)
    assert done.returncode == 1


def test_a_question_for_help_is_no_error(inkernel, tmp_path):
    done = start(inkernel, tmp_path, "--help")
    assert done.returncode == 0
    assert not (tmp_path / "start-error.txt").exists()


@pytest.mark.parametrize("rest", [[], ["-f", "a.json", "--IPKernelApp.log_level=10"]])
def test_what_is_not_ours_is_passed_on(rest):
    assert _split(["--spool", "/s", *rest], "--spool") == ("/s", rest)
    assert _split(rest, "--spool") == (None, rest)


def test_main_can_be_read_by_a_python_that_is_too_old(inkernel):
    """So that it says so: nothing newer than Python 2.7's grammar stands in it."""
    source = (inkernel / "__main__.py").read_text()
    assert "from __future__" not in source
    assert not re.search(r"\bf['\"]|:=|->|\bdef\b|\basync\b", source.split('"""')[2])
