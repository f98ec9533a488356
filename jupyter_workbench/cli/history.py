"""`workbench history`: the runs of a project, whether a server runs or not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from jupyter_workbench.cli.output import Output, listing

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData

_METRIC_COLUMNS = 3
_COLUMNS = ("duration", "run_id", "script_name", "start_time_utc", "status")
_EMPTY = "The project has no runs yet: run a cell after `%azureml history on` in one of its kernels."

EXAMPLES = """\b
Examples:
  workbench history list
  workbench history list --query "[?Accuracy != null] | max_by(@, &Accuracy)"
  workbench history list --query "[?status=='Failed'].[run_id, error.message]" -o json
  workbench history last
  workbench history info -r myIris_1504832281116
"""

_in_project = click.option(
    "--project",
    "folder",
    type=click.Path(exists=True, file_okay=False),
    default=".",
    metavar="FOLDER",
    help="A folder in the project; the current folder by default.",
)


@click.group(epilog=EXAMPLES)
def history() -> None:
    """List the runs of a project and look into them."""


@history.command("list")
@_in_project
@listing
def list_runs(folder: str, output: Output) -> None:
    """List all runs of the project, newest first."""
    from jupyter_workbench.history import queries

    runs = queries.list_runs(_swept(folder))
    output.show(runs, columns=(*_frequent_metrics(runs), *_COLUMNS), empty=_EMPTY)


@history.command("last")
@_in_project
@listing
def last(folder: str, output: Output) -> None:
    """Show the newest run."""
    from jupyter_workbench.history import queries

    output.show(queries.last(_swept(folder)))


@history.command("info")
@click.option("-r", "--run", "run_id", required=True, metavar="RUN", help="The run_id that `history list` shows.")
@_in_project
@listing
def info(run_id: str, folder: str, output: Output) -> None:
    """Show one run with its outputs and the source of its cell."""
    from jupyter_workbench.history import queries

    output.show(queries.info(_swept(folder), run_id))


def _swept(folder: str) -> ProjectData:
    """Find the project's data, and bring in what its kernels wrote up to now.

    What cannot be brought in is said on stderr and waits: the runs that are in can still be read.
    """
    from contextlib import closing
    from pathlib import Path

    from jupyter_workbench.config.files import ProjectFiles
    from jupyter_workbench.config.identity import read_identity
    from jupyter_workbench.config.project import find_home
    from jupyter_workbench.errors import HistoryError
    from jupyter_workbench.history.location import project_data
    from jupyter_workbench.history.store import Store
    from jupyter_workbench.history.sweep import sweep

    home = find_home(Path(folder))
    data = project_data(home, read_identity(ProjectFiles(home))[1])
    if data.root.exists():
        with closing(Store(data)) as store:
            try:
                sweep(data, store)
            except HistoryError as error:
                click.echo(str(error), err=True)
    return data


def _frequent_metrics(runs: list[dict[str, Any]]) -> list[str]:
    """Name the single values that most runs have, to be columns; the rest is in -o json."""
    from jupyter_workbench.history.queries import RUN_FIELDS

    names = Counter(
        name
        for run in runs
        for name, value in run.items()
        if name not in RUN_FIELDS and not isinstance(value, (list, dict))
    )
    return [name for name, _ in names.most_common(_METRIC_COLUMNS)]
