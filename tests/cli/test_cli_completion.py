"""`workbench completion` and what a shell gets from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_calls_workbench_back(run, shell):
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"_WORKBENCH_COMPLETE={shell}_complete" in result.stdout


def test_another_shell_is_wrong_usage_that_names_those_there_are(run):
    result = run("completion", "tcsh")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "Error: Invalid value for '{bash|zsh|fish}': 'tcsh' is not one of 'bash', 'zsh', 'fish'."
    )


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("workbench pro", ["project"]),
        ("workbench project ", ["create", "check", "upgrade"]),
        ("workbench project create x --template ", ["blank", "iris"]),
    ],
)
def test_a_shell_is_told_what_can_come_next(words, choices):
    asked = {"_WORKBENCH_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    result = subprocess.run(
        [sys.executable, "-m", "jupyter_workbench.cli"],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert sorted(line.split(",")[1] for line in result.stdout.splitlines()) == sorted(choices)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_itself_takes_the_script(run, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"this machine has no {shell}")
    script = run("completion", shell).stdout
    options = ["--no-execute"] if shell == "fish" else ["-n"]
    assert subprocess.run([shell, *options], input=script, text=True, timeout=60, check=False).returncode == 0
