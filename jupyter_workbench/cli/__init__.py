"""The command line `workbench`: one module a command group, loaded only when it is used.

A group is registered by one line in ``COMMANDS``. Its module imports click and ``cli.output`` at the top and everything
heavy inside the commands, so that `workbench --help` is quick and no command pays for another.
"""

from __future__ import annotations

import io
import sys
from typing import Any

import click

from jupyter_workbench.cli.exits import exit_on_error
from jupyter_workbench.cli.lazy import Command, LazyGroup

COMMANDS = {
    "project": Command("jupyter_workbench.cli.project:project", "Create, check and upgrade projects."),
    "computetarget": Command(
        "jupyter_workbench.cli.computetarget:computetarget", "Attach, list, test and detach compute targets."
    ),
    "runconfiguration": Command(
        "jupyter_workbench.cli.runconfiguration:runconfiguration", "Create, list and delete run configurations."
    ),
    "environment": Command(
        "jupyter_workbench.cli.environment:environment", "List and remove environments that are built."
    ),
    "experiment": Command("jupyter_workbench.cli.experiment:experiment", "Prepare environments ahead of time."),
    "kernels": Command("jupyter_workbench.cli.kernels:kernels", "List run configurations as kernels, install them."),
    "notebook": Command("jupyter_workbench.cli.notebook:notebook", "Open JupyterLab on a project."),
    "history": Command("jupyter_workbench.cli.history:history", "List the runs of a project and look into them."),
    "asset": Command("jupyter_workbench.cli.asset:asset", "Get the outputs that a project keeps by a name."),
    "model": Command("jupyter_workbench.cli.model:model", "Register outputs of runs as models, and list them."),
    "doctor": Command("jupyter_workbench.cli.doctor:doctor", "Check the installation; each failure names its fix."),
    "completion": Command("jupyter_workbench.cli.completion:completion", "Print the shell completion script."),
}

EXAMPLES = """\b
Examples:
  workbench project create myIris --template iris
  workbench notebook start myIris
  workbench project check -o json
  workbench history list --query "[?status=='Failed'].run_id"
"""


class Workbench(LazyGroup):
    """The group whose `main` knows what every kind of error means for the exit code."""

    def main(self, *arguments: Any, **extra: Any) -> Any:
        """Run one command and end the process with its exit code (see ``exits.py``)."""
        _print_whatever_comes()
        extra["standalone_mode"] = False
        extra["prog_name"] = "workbench"
        with exit_on_error() as settings:
            code = super().main(*arguments, obj=settings, **extra)
            raise SystemExit(code if isinstance(code, int) else 0)


@click.group(
    cls=Workbench,
    commands=COMMANDS,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="jupyter_workbench", message="workbench %(version)s")
def workbench() -> None:
    """Every run configuration of a project is a Jupyter kernel, and every cell can be a run."""


def _print_whatever_comes() -> None:
    # File names may hold bytes, and consoles lack letters, that would make a plain `echo` raise.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def main() -> None:
    """Entry point of the console script."""
    workbench.main()
