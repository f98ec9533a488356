"""`workbench project`: make a project, check its files, bring an old one up to date."""

from __future__ import annotations

import asyncio
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_workbench.cli.names import check_name
from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.table import cell
from jupyter_workbench.templates import TEMPLATES

if TYPE_CHECKING:
    from jupyter_workbench.kernels.report import ProjectReport

Folder = click.Path(exists=True, file_okay=False, path_type=Path)

CREATE_EXAMPLES = """\b
Examples:
  workbench project create myIris --template iris
  workbench project create churn --path ~/projects
"""
CHECK_EXAMPLES = """\b
Examples:
  workbench project check
  workbench project check myIris -o json --query "problems[].message"
"""
UPGRADE_EXAMPLES = """\b
Examples:
  workbench project upgrade             shows what would change, as a diff
  workbench project upgrade --write     changes the files
"""


@click.group()
def project() -> None:
    """Create, check and upgrade projects."""


@project.command(epilog=CREATE_EXAMPLES)
@click.argument("name", callback=check_name)
@click.option("--path", type=Folder, default=Path(), help="The folder to make it in.  [default: here]")
@click.option("--template", type=click.Choice(TEMPLATES), default="blank", show_default=True, help="What is in it.")
def create(name: str, path: Path, template: str) -> None:
    """Make a project that works at once, in the new folder NAME."""
    from jupyter_workbench import templates
    from jupyter_workbench.kernels.names import kernel_name

    directory = path / name
    templates.create(directory, template, name, kernel_name(f"{name} local"))
    click.echo(f"The project {name} is in {directory.resolve()}.")
    click.echo(f"Open it with: workbench notebook start {shlex.quote(str(directory))}")


@project.command(epilog=CHECK_EXAMPLES)
@click.argument("folder", type=Folder, default=Path())
@listing
@click.pass_context
def check(ctx: click.Context, folder: Path, output: Output) -> None:
    """Report every problem of every file of the project at or above FOLDER.

    The exit code is 0 only if every run configuration can be a kernel.
    """
    from jupyter_workbench.config.project import find_home, load
    from jupyter_workbench.kernels.report import ProjectReport
    from jupyter_workbench.kernels.rows import examined_rows

    checked = load(find_home(folder))
    report = ProjectReport(checked, asyncio.run(examined_rows([checked], os.environ)))
    if output.is_plain:
        _print_report(report)
    else:
        output.show(report.as_json())
    if any(row.status != "ready" for row in report.rows):
        ctx.exit(1)


def _print_report(report: ProjectReport) -> None:
    for problem in report.problems:
        click.echo(cell(str(problem)))
    ready = sum(row.status == "ready" for row in report.rows)
    of_all = f"{ready} of {_count(len(report.rows), 'run configuration')} ready"
    click.echo(f"{cell(report.project.name)}: {of_all}, {_count(len(report.problems), 'problem')}.")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


@project.command(epilog=UPGRADE_EXAMPLES)
@click.argument("folder", type=Folder, default=Path())
@click.option("--write", is_flag=True, help="Change the files, beside showing how.")
def upgrade(folder: Path, write: bool) -> None:
    """Make an old project run today: show as a diff what has to change in its files.

    Gone are the package versions, images, URLs and secrets of 2017; comments stay. The diff goes to stdout, the reasons
    to stderr.
    """
    from jupyter_workbench import upgrade as upgrading
    from jupyter_workbench.config.project import find_home

    home = find_home(folder)
    proposal = upgrading.examine(home)
    for change in proposal.changes:
        click.echo(change.diff(), nl=False)
    for line in (*proposal.skipped, *(reason for change in proposal.changes for reason in change.reasons)):
        click.echo(cell(line), err=True)
    if write:
        upgrading.write(proposal.changes)
    click.echo(_summary(len(proposal.changes), len(proposal.skipped), write), err=True)


def _summary(changed: int, skipped: int, written: bool) -> str:
    if not changed and skipped:
        return f"Nothing to change in the other files; {_count(skipped, 'file')} skipped."
    if not changed:
        return "Nothing to do: no file of this project needs an upgrade."
    files = _count(changed, "file")
    return f"Changed {files}." if written else f"{files} would change; `workbench project upgrade --write` does it."
