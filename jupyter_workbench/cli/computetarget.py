"""`workbench computetarget`: the places that run kernels, added to a project, looked at and removed from it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_workbench.cli.attach import attach
from jupyter_workbench.cli.folders import in_folder, project_at
from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.table import cell

if TYPE_CHECKING:
    from jupyter_workbench.targets.check import Check

TEST_EXAMPLES = """\b
Examples:
  workbench computetarget test -n docker
  workbench computetarget test -n docker -o json --query "[?!ok].fix"
"""

_existing = click.option("-n", "--name", required=True, help="The name of its file, without `.compute`.")


@click.group()
def computetarget() -> None:
    """Attach, list, test and detach compute targets."""


computetarget.add_command(attach)


@computetarget.command("list")
@in_folder
@listing
def list_targets(folder: Path, output: Output) -> None:
    """List the compute targets of the project at or above FOLDER."""
    from jupyter_workbench.targets.rows import target_row

    project = project_at(folder)
    rows = [target_row(project, compute) for compute in project.computes]
    empty = f"{cell(project.name)} has no compute target: `workbench computetarget attach localdocker -n NAME`."
    output.show(rows, ("name", "type", "status", "run_configurations"), empty)


@computetarget.command()
@_existing
@in_folder
@listing
def show(folder: Path, name: str, output: Output) -> None:
    """Show every setting of a compute target, whether its file says it or not."""
    from jupyter_workbench.targets.rows import settings_of, target_row

    project = project_at(folder)
    compute = project.compute(name)
    output.show({**target_row(project, compute), **(settings_of(compute.target) if compute.target else {})})


@computetarget.command(epilog=TEST_EXAMPLES)
@_existing
@in_folder
@listing
@click.pass_context
def test(ctx: click.Context, folder: Path, name: str, output: Output) -> None:
    """Look whether a compute target could run kernels now: one line a check, with what to do where it fails.

    The exit code is 0 only if everything is well.
    """
    from jupyter_workbench.targets.testing import checks

    project = project_at(folder)
    found = asyncio.run(checks(project, project.compute(name), os.environ))
    if output.is_plain:
        _print_checks(found)
    else:
        output.show([check.as_json() for check in found])
    if not all(check.ok for check in found):
        ctx.exit(1)


@computetarget.command()
@_existing
@in_folder
def detach(folder: Path, name: str) -> None:
    """Remove a compute target from the project, and its run configuration of the same name.

    What is not as `attach` writes it is kept in a file beside it.
    """
    from jupyter_workbench.writing import attaching

    for sentence in attaching.detach(project_at(folder), name):
        click.echo(sentence)


def _print_checks(found: Sequence[Check]) -> None:
    for check in found:
        said = f"{cell(check.name)}: {cell(check.message)}"
        click.echo(f"ok       {said}" if check.ok else f"failure  {said} - {cell(check.fix)}")
