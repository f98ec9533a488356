"""`workbench asset`: outputs that the project keeps by a name."""

from __future__ import annotations

from pathlib import Path

import click

from jupyter_workbench.cli.history.place import into_folder, overwriting, place_at

EXAMPLES = """\b
Examples:
  workbench asset download -l assets/iris-model.link -d models
"""


@click.group()
def asset() -> None:
    """Get the outputs that a project keeps by a name."""


@asset.command(epilog=EXAMPLES)
@click.option(
    "-l",
    "--link",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The link, such as assets/NAME.link.",
)
@into_folder
@overwriting
def download(link: Path, directory: Path, overwrite: bool) -> None:
    """Write the content of a link into a folder, under the name of the output."""
    from jupyter_workbench.history.files import assets

    data = place_at(link.absolute().parent).data
    click.echo(str(assets.download(link, data, directory, overwrite=overwrite)))
