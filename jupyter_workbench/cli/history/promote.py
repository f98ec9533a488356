"""`workbench history promote`: an output gets a name in the project."""

from __future__ import annotations

from pathlib import Path

import click

from jupyter_workbench.cli.history.place import in_project, of_run, run_id, swept
from jupyter_workbench.cli.names import check_name

EXAMPLES = """\b
Examples:
  workbench history promote -r last -ap outputs/model.pkl -n iris-model
  workbench asset download -l assets/iris-model.link -d .

In a kernel of the project:
  azureml.assets.get_local_path("assets/iris-model.link")
"""

of_output = click.option(
    "-ap", "--artifact-path", "path", required=True, metavar="PATH", help="The output, such as outputs/model.pkl."
)
"""A decorator: the command gets ``path: str``."""


@click.command(epilog=EXAMPLES)
@of_run
@of_output
@click.option("-n", "--name", required=True, callback=check_name, metavar="NAME", help="The name of the link.")
@click.option("--overwrite", is_flag=True, help="Let a name that is there mean this output from now on.")
@in_project
def promote(run: str, path: str, name: str, overwrite: bool, folder: Path) -> None:
    """Keep an output of a run in the project under a name.

    Writes assets/NAME.link, a small file for version control, and keeps the content beside it.
    """
    from jupyter_workbench.history.files import assets

    place = swept(folder)
    home = assets.Home(place.home, place.id, place.data)
    found = run_id(place, run)
    link = assets.promote(home, found, path, name, overwrite=overwrite)
    click.echo(f"{link.relative_to(place.home).as_posix()} is {path} of the run {found} from now on.")
