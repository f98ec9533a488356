"""`workbench runconfiguration`: what runs where, added to a project, listed and removed from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_workbench.cli.folders import in_folder, project_at
from jupyter_workbench.cli.names import check_name
from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.table import cell

if TYPE_CHECKING:
    from jupyter_workbench.config.project import Project
    from jupyter_workbench.kernels.rows import Row

CREATE_EXAMPLES = """\b
Examples:
  workbench runconfiguration create -n docker-python -t docker
  workbench runconfiguration create -n torch -t docker --conda aml_config/torch.yml --no-prepare
"""


@click.group()
def runconfiguration() -> None:
    """Create, list and delete run configurations."""


def _check_path(_: click.Context, parameter: click.Parameter, path: str | None) -> str | None:
    from jupyter_workbench.config.models import RunConfiguration
    from jupyter_workbench.config.validation import why_refused

    if path is not None and (why := why_refused(RunConfiguration, "CondaDependenciesFile", path)):
        raise click.BadParameter(f"{why}.", param=parameter)
    return path


@runconfiguration.command(epilog=CREATE_EXAMPLES)
@click.option("-n", "--name", required=True, callback=check_name, help="How to call it.")
@click.option("-t", "--target", required=True, help="The name of a compute target of the project.")
@click.option("--framework", type=click.Choice(["Python", "PySpark"]), default="Python", show_default=True)
@click.option(
    "--conda",
    "conda_file",
    metavar="FILE",
    callback=_check_path,
    help="The file with the packages, relative to the project.  [default: aml_config/conda_dependencies.yml]",
)
@click.option(
    "--prepare/--no-prepare",
    default=True,
    show_default=True,
    help="Whether a kernel that starts builds its environment when it is not there.",
)
@in_folder
def create(folder: Path, name: str, target: str, framework: str, conda_file: str | None, prepare: bool) -> None:
    """Add a run configuration to the project at or above FOLDER; it is a kernel at once."""
    from jupyter_workbench.writing.pairs import new_run_configuration, write

    project = project_at(folder)
    project.compute(target)
    new = new_run_configuration(project, target, framework, conda_file, prepare=prepare)
    (file,) = write(project, {f"{name}.runconfig": new.text(name)})
    click.echo(f"Written: {file}. Its kernel is called {cell(project.name)} {name}.")
    if conda_file and not (project.directory / conda_file).exists():
        click.echo(f"{conda_file} is not there yet: its kernel cannot start before you make it.", err=True)


@runconfiguration.command("list")
@in_folder
@listing
def list_run_configurations(folder: Path, output: Output) -> None:
    """List the run configurations of the project at or above FOLDER, as their files say."""
    from jupyter_workbench.kernels.rows import rows

    project = project_at(folder)
    found = [_row(project, row) for row in rows([project])]
    empty = f"{cell(project.name)} has no run configuration: `workbench runconfiguration create -n NAME -t TARGET`."
    output.show(found, ("name", "target", "framework", "conda_dependencies_file", "status"), empty)


@runconfiguration.command()
@click.option("-n", "--name", required=True, help="The name of its file, without `.runconfig`.")
@in_folder
def delete(folder: Path, name: str) -> None:
    """Remove a run configuration from the project; its runs stay in the history.

    What is not as `create` writes it is kept in a file beside it.
    """
    from jupyter_workbench.writing.pairs import remove_run_configuration

    project = project_at(folder)
    click.echo(remove_run_configuration(project, project.entry(name)))


def _row(project: Project, row: Row) -> dict[str, Any]:
    entry = project.entry(row.run_configuration)
    configuration = entry.configuration
    return {
        "name": entry.name,
        "file": entry.file,
        "target": row.target,
        "target_type": row.target_type,
        "framework": row.framework,
        "conda_dependencies_file": configuration.conda_dependencies_file if configuration else None,
        "prepare_environment": configuration.prepare_environment if configuration else None,
        "tracked_run": configuration.tracked_run if configuration else None,
        "status": row.status,
        "problems": [problem.as_row() for problem in row.problems],
    }
