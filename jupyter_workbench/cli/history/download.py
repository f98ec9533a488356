"""`workbench history download`: the outputs of a run as files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from jupyter_workbench.cli.history.place import in_project, into_folder, of_run, overwriting, run_id, swept

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData

EXAMPLES = """\b
Examples:
  workbench history download -r last -d results
  workbench history download -r myIris_1504832281116 --artifact outputs/model.pkl -d . --overwrite
"""


@click.command(epilog=EXAMPLES)
@of_run
@click.option("-a", "--artifact", "artifacts", multiple=True, metavar="PATH", help="Only this output; may be repeated.")
@into_folder
@overwriting
@in_project
@click.pass_context
def download(
    ctx: click.Context, run: str, artifacts: Sequence[str], directory: Path, overwrite: bool, folder: Path
) -> None:
    """Write outputs of a run into a folder.

    All of them or, where a file is in the way, none. Nothing is written outside of DIR, whatever links lie in it.
    """
    from jupyter_workbench.history.files.placing import Content, place

    found = swept(folder)
    id_ = run_id(found, run)
    paths, missing = (list(dict.fromkeys(artifacts)), []) if artifacts else _outputs(found.data, id_, directory)
    contents = [Content(path, partial(_open, found.data, id_, path)) for path in paths]
    files = place(directory, contents, overwrite=overwrite)
    for file in files:
        click.echo(str(file))
    tell_missing(ctx, missing)
    if not files and not missing:
        click.echo(f"The run {id_} has no outputs.", err=True)


def tell_missing(ctx: click.Context, missing: Sequence[tuple[str, str]]) -> None:
    """Tell which outputs could not be written; the command then ends with exit code 1."""
    for path, reason in missing:
        click.echo(f"{path} is not there: {reason}.", err=True)
    if missing:
        ctx.exit(1)


def _outputs(data: ProjectData, run: str, directory: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the paths of the outputs that can be written, and the others with the reason."""
    from jupyter_workbench.history.files.restore import fitting, missing_outputs
    from jupyter_workbench.history.reading import queries

    told = fitting(queries.info(data, run), directory)
    return [output["path"] for output in told["outputs"] if output["state"] == "kept"], list(missing_outputs(told))


def _open(data: ProjectData, run: str, path: str) -> BinaryIO:
    from jupyter_workbench.history.reading.outputs import open_output

    return open_output(data, run, path)[0]
