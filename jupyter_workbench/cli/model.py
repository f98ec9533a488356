"""`workbench model`: outputs as versions of a model."""

from __future__ import annotations

from pathlib import Path

import click

from jupyter_workbench.cli.history.place import Place, in_project, of_run, place_at, run_id, swept
from jupyter_workbench.cli.history.promote import of_output
from jupyter_workbench.cli.names import check_name
from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.progress import bytes_text

EXAMPLES = """\b
Examples:
  workbench model register -r last -ap outputs/model.pkl -n iris
  workbench model register -r last -ap outputs/model.pkl -n iris --tracking-uri http://localhost:5000

In a kernel of the project:
  azureml.core.model.Model.get_model_path("iris")
"""
_COLUMNS = ("name", "model_version", "run_id", "path", "size", "promoted_utc")
_EMPTY = "The project has no models yet: make one with `workbench model register -r RUN -ap PATH -n NAME`."


@click.group()
def model() -> None:
    """Register outputs of runs as models, and list them."""


@model.command(epilog=EXAMPLES)
@of_run
@of_output
@click.option("-n", "--name", required=True, callback=check_name, metavar="NAME", help="The name of the model.")
@click.option(
    "--tracking-uri", metavar="URI", help="Of an MLflow tracking server that is to keep the model, not the project."
)
@in_project
def register(run: str, path: str, name: str, tracking_uri: str | None, folder: Path) -> None:
    """Make an output of a run the next version of a model.

    Writes assets/models/NAME/VERSION.link, a small file for version control, and keeps the content beside it. With
    --tracking-uri the run is mirrored to that server, and the version made there: once, however often this is repeated.
    """
    from jupyter_workbench.history.files import assets

    place = swept(folder)
    found = run_id(place, run)
    if tracking_uri is not None:
        _register_there(place, found, path, name, tracking_uri)
        return
    link = assets.register(assets.Home(place.home, place.id, place.data), found, path, name)
    click.echo(f"{path} of the run {found} is version {link.model_version} of the model {name}.")


def _register_there(place: Place, run: str, path: str, name: str, tracking_uri: str) -> None:
    from jupyter_workbench.history.mirror.addresses import Address
    from jupyter_workbench.history.mirror.models import register
    from jupyter_workbench.history.mirror.tracking import Tracking

    address = Address.of(tracking_uri)
    version = register(place.data, Tracking(address), run, path, name)
    click.echo(f"{path} of the run {run} is version {version} of the model {name} on {address.name}.")


@model.command("list")
@in_project
@listing
def list_models(folder: Path, output: Output) -> None:
    """List the versions of all models of the project."""
    from jupyter_workbench.history.files import assets

    rows = [link.as_json() for link in assets.models(place_at(folder).home)]
    if output.is_plain:
        rows = [{**row, "size": bytes_text(row["size"])} for row in rows]
    output.show(rows, _COLUMNS, _EMPTY)
