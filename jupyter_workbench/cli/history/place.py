"""Which project and which runs a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData

in_project = click.option(
    "--project",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    metavar="FOLDER",
    help="A folder in the project; the current folder by default.",
)
"""A decorator: the command gets ``folder: Path``."""

of_run = click.option(
    "-r", "--run", "run", required=True, metavar="RUN", help="The run_id that `history list` shows, or last."
)
"""A decorator: the command gets ``run: str`` as it was written, for `run_id`."""

of_runs = click.option(
    "-r", "--run", "runs", multiple=True, metavar="RUN", help="A run_id, or last; may be given more than once."
)
"""A decorator: the command gets ``runs: tuple[str, ...]`` as they were written, for `run_ids`."""

into_folder = click.option(
    "-d",
    "--directory",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder to write into; it is made when it is not there.",
)
"""A decorator: the command gets ``directory: Path``."""

overwriting = click.option("--overwrite", is_flag=True, help="Replace files that are there.")
"""A decorator: the command gets ``overwrite: bool``."""


class Place(NamedTuple):
    """A project: its folder, its id and the data of its history."""

    home: Path
    id: str | None
    data: ProjectData


def place_at(folder: Path) -> Place:
    """Find the project at or above ``folder``. Raises ``ProjectNotFound``."""
    from jupyter_workbench.config.home import find_home, project_id
    from jupyter_workbench.history.location import project_data

    home = find_home(folder)
    id_ = project_id(home)
    return Place(home, id_, project_data(home, id_))


def swept(folder: Path) -> Place:
    """Find the project, and bring in what its kernels wrote up to now.

    What cannot be brought in is said on stderr and waits: the runs that are in can still be read.
    """
    from contextlib import closing

    from jupyter_workbench.errors import HistoryError
    from jupyter_workbench.history.intake.sweep import sweep
    from jupyter_workbench.history.store.database import may_write
    from jupyter_workbench.history.store.store import Store

    place = place_at(folder)
    if not may_write(place.data):
        click.echo(f"{place.data.root}: can only be read, so what kernels wrote last may not be shown yet", err=True)
    elif place.data.root.exists():
        with closing(Store(place.data)) as store:
            try:
                sweep(place.data, store)
            except HistoryError as error:
                click.echo(str(error), err=True)
    return place


def run_id(place: Place, written: str) -> str:
    """Return the id of the run that is named. Raises ``RunNotFound``."""
    from jupyter_workbench.history.reading.queries import find_run

    return find_run(place.data, written)


def run_ids(place: Place, written: Sequence[str]) -> list[str]:
    """Return the ids of the runs that are named, each once. Raises ``RunNotFound``."""
    return list(dict.fromkeys(run_id(place, one) for one in written))
