"""`workbench history restore`: a run as a folder."""

from __future__ import annotations

from pathlib import Path

import click

from jupyter_workbench.cli.history.download import tell_missing
from jupyter_workbench.cli.history.place import in_project, into_folder, of_run, overwriting, run_id, swept

EXAMPLES = """\b
Examples:
  workbench history restore -r myIris_1504832281116 -d before
"""


@click.command(epilog=EXAMPLES)
@of_run
@into_folder
@overwriting
@in_project
@click.pass_context
def restore(ctx: click.Context, run: str, directory: Path, overwrite: bool, folder: Path) -> None:
    """Write the source and the files of a run into a folder.

    Its outputs, and what differed from which commit; README.md tells what is what. All of it or, where a file is in the
    way, nothing.
    """
    from jupyter_workbench.history.files import restore as restoring

    place = swept(folder)
    restored = restoring.restore(place.data, run_id(place, run), directory, overwrite=overwrite)
    for file in restored.files:
        click.echo(str(file))
    tell_missing(ctx, restored.missing)
