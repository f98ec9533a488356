"""`workbench history repair`: when the database is damaged."""

from __future__ import annotations

from pathlib import Path

import click

from jupyter_workbench.cli.history.place import in_project, place_at


@click.command()
@in_project
def repair(folder: Path) -> None:
    """Make a damaged history usable again.

    What can be read of it is kept, and what waits in spools is taken in; the damaged file is set aside.
    """
    from jupyter_workbench.history.upkeep import repair as repairing

    repaired = repairing.repair(place_at(folder).data)
    if repaired.set_aside is None:
        click.echo("The history is not damaged: nothing was changed.")
        return
    click.echo(
        f"The history is usable again, with {repaired.runs} run{'' if repaired.runs == 1 else 's'}. "
        f"The damaged file is kept as {repaired.set_aside}."
    )
