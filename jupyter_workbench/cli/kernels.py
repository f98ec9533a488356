"""`workbench kernels`: run configurations as kernels, and as kernelspec files for clients without our server."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_workbench.cli.output import Output, listing
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
@listing
def list_kernels(folder: Path, only_installed: bool, output: Output) -> None:
    """List the kernels of the project at or above FOLDER and of those below it."""
    if only_installed:
        specs = [_installed_as_json(spec) for spec in _installed()]
        output.show(
            specs, ("name", "display_name", "project_dir"), "No kernel is installed: `workbench kernels install`."
        )
    else:
        rows = [row.as_json() for row in _rows_at(folder)]
        empty = f"No project with a run configuration at {folder.resolve()}: `workbench project create` makes one."
        output.show(rows, ("display_name", "name", "target", "framework", "status"), empty)


@kernels.command(epilog=INSTALL_EXAMPLES)
@click.argument("project", type=Folder, default=Path())
@click.option("--user", is_flag=True, help="For you, in every environment (the default).")
@click.option("--sys-prefix", is_flag=True, help="Into the environment that workbench is installed in.")
@click.option("--prefix", metavar="P", help="Into the environment in the folder P.")
def install(project: Path, user: bool, sys_prefix: bool, prefix: str | None) -> None:
    """Install the kernels of PROJECT for nbconvert, papermill, the Jupyter console and VS Code.

    JupyterLab needs no installed kernels: it shows those of the project it is started in.
    """
    if user + sys_prefix + (prefix is not None) > 1:
        raise click.UsageError("Only one of --user, --sys-prefix and --prefix can be given.")
    from jupyter_workbench.kernels import install as specs

    prefix = sys.prefix if sys_prefix else prefix
    rows = _rows_to_install(project)
    try:
        folders = specs.install(rows, user=prefix is None, prefix=prefix)
    except OSError as error:
        raise WorkbenchError(f"The kernels cannot be installed: {error.filename}: {error.strerror}.") from error
    for row, written in zip(rows, folders, strict=True):
        click.echo(f"Installed {row.display_name} as {row.name} in {written}")
        if row.status != "ready":
            click.echo(f"  It cannot run yet ({row.status}): see `workbench project check`.", err=True)


@kernels.command()
@click.argument("project", type=click.Path(path_type=Path), default=Path())
@click.option("--all", "every", is_flag=True, help="Those of all projects.")
def uninstall(project: Path, every: bool) -> None:
    """Remove the installed kernels of PROJECT, a folder that may be gone already."""
    from jupyter_workbench.kernels import install as specs

    doomed = [spec for spec in specs.installed() if every or spec.project_dir == _home_of(project)]
    if not doomed:
        whose = "any project" if every else f"the project {_home_of(project)}"
        raise WorkbenchError(
            f"No kernel of {whose} is installed; `workbench kernels list --installed` shows those that are."
        )
    try:
        specs.uninstall(doomed)
    except OSError as error:
        raise WorkbenchError(f"The kernels cannot be removed: {error.filename}: {error.strerror}.") from error
    for spec in doomed:
        click.echo(f"Removed {spec.display_name} ({spec.name})")


def _rows_at(folder: Path) -> list[Row]:
    from jupyter_workbench.kernels.discovery import Discovery

    return list(Discovery(folder.resolve(), _foreign).refresh().rows.values())


def _foreign(names: Collection[str]) -> Collection[str]:
    """Return those kernel names that are somebody else's: as in the server, a run configuration does not take them."""
    from jupyter_client.kernelspec import KernelSpecManager

    return (set(names) & set(KernelSpecManager().find_kernel_specs())) - {spec.name for spec in _installed()}


def _rows_to_install(folder: Path) -> list[Row]:
    from jupyter_workbench.config.project import find_home, load
    from jupyter_workbench.kernels.rows import rows

    home = find_home(folder)
    namesakes = {spec.name for spec in _installed() if spec.project_dir != home}
    found = rows([load(home)], namesakes)
    if not found:
        raise WorkbenchError(f"The project {home} has no run configuration: no file aml_config/*.runconfig.")
    return found


def _installed() -> list[InstalledSpec]:
    from jupyter_workbench.kernels.install import installed

    return installed()


def _installed_as_json(spec: InstalledSpec) -> dict[str, Any]:
    return {**vars(spec), "project_dir": str(spec.project_dir), "folder": str(spec.folder)}


def _home_of(folder: Path) -> Path:
    from jupyter_workbench.config.project import find_home
    from jupyter_workbench.errors import ProjectNotFound

    try:
        return find_home(folder)
    except ProjectNotFound:
        return folder.resolve()
