"""`workbench history export` and `import`: runs in one portable file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_workbench.cli.history.filters import filtered
from jupyter_workbench.cli.history.place import in_project, of_runs, overwriting, run_ids, swept
from jupyter_workbench.cli.progress import bytes_text
from jupyter_workbench.errors import RunNotFound

if TYPE_CHECKING:
    from jupyter_workbench.history.reading.filters import Filter

EXPORT_EXAMPLES = """\b
Examples:
  workbench history export -r last run.zip
  workbench history export --experiment churn --since 30d churn.zip
  workbench history export everything.zip
"""


@click.command(epilog=EXPORT_EXAMPLES)
@of_runs
@filtered
@overwriting
@in_project
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(runs: Sequence[str], chosen: Filter, overwrite: bool, folder: Path, file: Path) -> None:
    """Write runs into one file, for others or for another machine.

    Without -r all runs that fit the filters, with their outputs. Runs that still run are left out.
    """
    from jupyter_workbench.history.reading.filters import Filter
    from jupyter_workbench.history.reading.overview import overview
    from jupyter_workbench.history.sharing import export as exporting

    if runs and chosen != Filter():
        raise click.UsageError("Choose the runs either by -r or by filters.")
    place = swept(folder)
    names = run_ids(place, runs) or [run["run_id"] for run in overview(place.data, chosen, limit=sys.maxsize).runs]
    if not names:
        raise RunNotFound("No run fits: `workbench history list` with the same options shows which do.")
    exported = exporting.export(place.data, names, file, overwrite=overwrite)
    if exported.running:
        click.echo(f"Left out, as they still run: {', '.join(exported.running)}.", err=True)
    size = bytes_text(file.stat().st_size)
    click.echo(f"Wrote {_count(exported.runs, 'run')} and {_count(exported.outputs, 'output')} into {file} ({size}).")


@click.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@in_project
def import_file(file: Path, folder: Path) -> None:
    """Take in the runs of a file that `export` wrote.

    They keep their ids, users and times. A run that is there already, in the bin too, stays as it is.
    """
    from jupyter_workbench.history.sharing.importing import import_runs

    imported = import_runs(swept(folder).data, file)
    were = "was" if imported.known == 1 else "were"
    known = f"; {_count(imported.known, 'run')} {were} there already" if imported.known else ""
    click.echo(f"Took in {_count(imported.runs, 'run')}{known}.")
    if imported.lost:
        click.echo(f"{_count(imported.lost, 'output')} came without content: `history info` tells why.", err=True)
    if imported.unreadable:
        click.echo(f"{_count(imported.unreadable, 'run')} could not be read.", err=True)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
