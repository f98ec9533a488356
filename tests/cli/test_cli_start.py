"""The group itself: help, version, and what is imported when."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest

from jupyter_workbench.cli import COMMANDS
from jupyter_workbench.cli.history import COMMANDS as HISTORY

HELP = """\
Usage: workbench [OPTIONS] COMMAND [ARGS]...

  Every run configuration of a project is a Jupyter kernel, and every cell can
  be a run.

Options:
  --version   Show the version and exit.
  --debug     Show the traceback when something goes wrong.
  -h, --help  Show this message and exit.

Commands:
  project           Create, check and upgrade projects.
  computetarget     Attach, list, test and detach compute targets.
  runconfiguration  Create, list and delete run configurations.
  environment       List and remove environments that are built.
  experiment        Prepare environments ahead of time.
  kernels           List run configurations as kernels, install them.
  notebook          Open JupyterLab on a project.
  history           List the runs of a project and look into them.
  asset             Get the outputs that a project keeps by a name.
  model             Register outputs of runs as models, and list them.
  doctor            Check the installation; each failure names its fix.
  completion        Print the shell completion script.

  Examples:
    workbench project create myIris --template iris
    workbench notebook start myIris
    workbench project check -o json
    workbench history list --query "[?status=='Failed'].run_id"
"""

HEAVY = {
    "IPython",
    "docker",
    "jmespath",
    "jupyter_client",
    "jupyter_server",
    "jupyterlab",
    "pydantic",
    "sqlite3",
    "yaml",
    "zmq",
}


def imported_by(*arguments: str) -> set[str]:
    """The top-level packages that `workbench ARGUMENTS` has imported when it ends."""
    program = (
        "import atexit, json, sys\n"
        "from jupyter_workbench.cli import main\n"
        "names = lambda: json.dumps(sorted({name.split('.')[0] for name in sys.modules}))\n"
        "atexit.register(lambda: print(names(), file=sys.stderr))\n"
        "main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(result.stderr.splitlines()[-1]))


def test_help_lists_every_group_with_examples(run):
    result = run("--help")
    assert (result.exit_code, result.stdout) == (0, HELP)


def test_short_help_is_the_same(run):
    assert run("-h").stdout == HELP


def test_help_without_a_command_is_shown_too(run):
    result = run()
    assert result.exit_code == 2
    assert HELP in result.output


def test_version(run):
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout == "workbench 0.1.0\n"


@pytest.mark.parametrize("command", [*COMMANDS.values(), *HISTORY.values()], ids=lambda command: command.where)
def test_the_line_in_help_is_the_first_line_of_the_command(command):
    module, attribute = command.where.split(":")
    found = getattr(importlib.import_module(module), attribute)
    assert found.get_short_help_str(limit=100) == command.summary


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("completion", "bash"),
        ("project", "--help"),
        ("computetarget", "attach", "localdocker", "--help"),
        ("history", "--help"),
        ("history", "list", "--help"),
        ("model", "--help"),
    ],
)
def test_quick_commands_import_nothing_heavy(arguments):
    assert imported_by(*arguments) & HEAVY == set()


def test_listing_runs_imports_no_jupyter_and_no_configuration(tmp_path, monkeypatch):
    (tmp_path / "aml_config").mkdir()
    monkeypatch.chdir(tmp_path)
    assert imported_by("history", "list") & HEAVY == {"sqlite3"}
