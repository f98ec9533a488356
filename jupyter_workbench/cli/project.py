"""`workbench project`: make a project, check its files, bring an old one up to date."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_workbench.cli.names import check_name
from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.table import cell
from jupyter_workbench.templates import TEMPLATES

if TYPE_CHECKING:
    from jupyter_workbench.config.problems import Problem
    from jupyter_workbench.config.project import Project
    from jupyter_workbench.kernels.rows import Row

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
    from jupyter_workbench.kernels.rows import examined_rows

    checked = load(find_home(folder))
    found = asyncio.run(examined_rows([checked], os.environ))
    problems = _all_problems(checked, found)
    if output.is_plain:
        _print_report(checked.name, problems, found)
    else:
        output.show(_as_json(checked, problems, found))
    if any(row.status != "ready" for row in found):
        ctx.exit(1)


def _all_problems(project: Project, rows: list[Row]) -> tuple[Problem, ...]:
    """Return the problems of all files, and what run configurations ask for that is not built yet, each once."""
    from jupyter_workbench.config.problems import sorted_once

    return sorted_once([*project.problems, *(problem for row in rows for problem in row.problems)])


def _print_report(name: str, problems: Collection[Problem], rows: list[Row]) -> None:
    for problem in problems:
        click.echo(cell(str(problem)))
    ready = f"{sum(row.status == 'ready' for row in rows)} of {_count(len(rows), 'run configuration')} ready"
    click.echo(f"{cell(name)}: {ready}, {_count(len(problems), 'problem')}.")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _as_json(project: Project, problems: Collection[Problem], rows: list[Row]) -> dict[str, Any]:
    return {
        "project": project.name,
        "project_dir": str(project.directory),
        "problems": [problem.as_row() for problem in problems],
        "run_configurations": [row.as_json() for row in rows],
    }


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
