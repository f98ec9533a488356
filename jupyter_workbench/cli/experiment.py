"""`workbench experiment`: make ready what runs need."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_workbench.cli import cancelling
from jupyter_workbench.cli.folders import in_folder
from jupyter_workbench.cli.progress import ProgressLine

if TYPE_CHECKING:
    from jupyter_workbench.targets.progress import Report

EXAMPLES = """\b
Examples:
  workbench experiment prepare -c docker
  workbench experiment prepare -c docker --upgrade     takes the newest packages that the file allows
"""


@click.group()
def experiment() -> None:
    """Prepare environments ahead of time."""


@experiment.command(epilog=EXAMPLES)
@click.option("-c", "--run-configuration", "name", required=True, metavar="NAME", help="The run configuration.")
@click.option("--upgrade", is_flag=True, help="Take newer packages where the dependency file allows them.")
@in_folder
def prepare(folder: Path, name: str, upgrade: bool) -> None:
    """Make everything ready that a kernel of a run configuration needs.

    The next kernel then starts as fast as a local one. Ctrl-C cancels and leaves nothing half-built.
    """
    from jupyter_workbench.config.project import find_home

    click.echo(cancelling.run(_prepare(find_home(folder), name, upgrade)))


async def _prepare(home: Path, name: str, upgrade: bool) -> str:
    from jupyter_workbench.kernels.preparing import prepare_environment

    async with ProgressLine().shown() as report:
        said = await prepare_environment(home, name, os.environ, report, upgrade=upgrade)
        await _compile_the_rest(report)
        return said


async def _compile_the_rest(report: Report) -> None:
    """Stay until the container that built is gone, which nobody else would remove, and the next start is as fast."""
    from jupyter_workbench.targets import local_spark
    from jupyter_workbench.targets.docker.building.build import compiled
    from jupyter_workbench.targets.progress import Progress

    rest = asyncio.gather(compiled(), local_spark.archived())
    await asyncio.wait([rest], timeout=0.05)
    if not rest.done():
        report(Progress("environment", "Compiling the rest"))
    await rest
