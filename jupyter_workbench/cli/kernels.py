"""`workbench kernels`: run configurations as kernels, and as kernelspec files for clients without our server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.places import Place, placed
from jupyter_workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from jupyter_workbench.kernels.install import InstalledSpec
    from jupyter_workbench.kernels.rows import Row

Folder = click.Path(exists=True, file_okay=False, path_type=Path)

LIST_EXAMPLES = """\b
Examples:
  workbench kernels list
  workbench kernels list -o json --query "[?status!='ready'].[display_name, problems[0].message]"
  workbench kernels list --installed
  workbench kernels list --installed --prefix ~/envs/other
"""
INSTALL_EXAMPLES = """\b
Examples:
  workbench kernels install                       for you, from the project here
  workbench kernels install --sys-prefix myIris   into the environment that workbench is in
  jupyter nbconvert --execute iris.ipynb --to notebook
"""


@click.group()
def kernels() -> None:
    """List run configurations as kernels, install them."""


@kernels.command("list", epilog=LIST_EXAMPLES)
@click.argument("folder", type=Folder, default=Path())
@click.option("--installed", "only_installed", is_flag=True, help="List what `kernels install` has written instead.")
@placed
@listing
def list_kernels(folder: Path, only_installed: bool, place: Place | None, output: Output) -> None:
    """List the kernels of the project at or above FOLDER and of those below it.

    With --installed: the installed ones, wherever Jupyter looks, or in the place that is given.
    """
    if only_installed:
        _list_installed(place, output)
        return
    if place:
        raise click.UsageError("--user, --sys-prefix and --prefix are for --installed.")
    rows = [row.as_json() for row in _rows_at(folder)]
    empty = f"No project with a run configuration at {folder.resolve()}: `workbench project create` makes one."
    output.show(rows, ("display_name", "name", "target", "framework", "status"), empty)


@kernels.command(epilog=INSTALL_EXAMPLES)
@click.argument("project", type=Folder, default=Path())
@placed
def install(project: Path, place: Place | None) -> None:
    """Install the kernels of PROJECT for nbconvert, papermill, the Jupyter console and VS Code.

    For you, in every environment, unless told otherwise. Those that were installed there for run configurations that
    are gone are removed. JupyterLab needs no installed kernels: it shows those of the project it is started in.
    """
    from jupyter_workbench.kernels import install as specs

    place = place or Place()
    rows = _rows_to_install(project, place)
    try:
        folders = specs.install(rows, user=place.user, prefix=place.prefix)
    except OSError as error:
        raise WorkbenchError(f"The kernels cannot be installed: {error.filename}: {error.strerror}.") from error
    for row, written in zip(rows, folders, strict=True):
        click.echo(f"Installed {row.display_name} as {row.name} in {written}")
        if row.status != "ready":
            click.echo(f"  It cannot run yet ({row.status}): see `workbench project check`.", err=True)
    _remove(specs.gone(specs.installed(place.folder), rows), ", whose run configuration is gone")


@kernels.command()
@click.argument("project", type=click.Path(path_type=Path), default=Path())
@click.option("--all", "every", is_flag=True, help="Those of all projects.")
@placed
def uninstall(project: Path, every: bool, place: Place | None) -> None:
    """Remove the installed kernels of PROJECT, a folder that may be gone already.

    Wherever Jupyter looks, or in the place that is given.
    """
    doomed = [spec for spec in _installed(place) if every or spec.project_dir == _home_of(project)]
    if not doomed:
        whose = "any project" if every else f"the project {_home_of(project)}"
        raise WorkbenchError(
            f"No kernel of {whose} is installed{_in(place)}; `workbench kernels list --installed` shows those that are."
        )
    _remove(doomed)


def _list_installed(place: Place | None, output: Output) -> None:
    specs = [
        {**vars(spec), "project_dir": str(spec.project_dir), "folder": str(spec.folder)} for spec in _installed(place)
    ]
    empty = f"No kernel is installed{_in(place)}: `workbench kernels install`."
    output.show(specs, ("name", "display_name", "project_dir"), empty)


def _remove(specs: list[InstalledSpec], why: str = "") -> None:
    from jupyter_workbench.kernels.install import uninstall

    for spec in specs:
        try:
            uninstall([spec])
        except OSError as error:
            raise WorkbenchError(f"The kernels cannot be removed: {error.filename}: {error.strerror}.") from error
        click.echo(f"Removed {spec.display_name} ({spec.name}){why}")


def _in(place: Place | None) -> str:
    return f" in {place.folder}" if place else ""


def _rows_at(folder: Path) -> list[Row]:
    from jupyter_workbench.kernels.discovery import Discovery
    from jupyter_workbench.kernels.rows import examined_rows

    found = Discovery(folder.resolve(), _foreign).refresh()
    return asyncio.run(examined_rows(found.projects, os.environ, found.taken))


def _foreign(names: Collection[str]) -> Collection[str]:
    """Return those kernel names that are somebody else's: as in the server, a run configuration does not take them."""
    from jupyter_client.kernelspec import KernelSpecManager

    from jupyter_workbench.kernels.install import is_ours

    found = KernelSpecManager().find_kernel_specs()
    return {name for name in names if name in found and not is_ours(Path(found[name]))}


def _rows_to_install(folder: Path, place: Place) -> list[Row]:
    from jupyter_workbench.config.project import find_home
    from jupyter_workbench.kernels.install import rows_to_install

    home = find_home(folder)
    found = rows_to_install(home, [*_installed(None), *_installed(place)])
    if not found:
        raise WorkbenchError(f"The project {home} has no run configuration: no file aml_config/*.runconfig.")
    return found


def _installed(place: Place | None) -> list[InstalledSpec]:
    from jupyter_workbench.kernels.install import installed

    return installed(place.folder if place else None)


def _home_of(folder: Path) -> Path:
    from jupyter_workbench.config.project import find_home
    from jupyter_workbench.errors import ProjectNotFound

    try:
        return find_home(folder)
    except ProjectNotFound:
        return folder.resolve()
