"""`workbench history list` and `last`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_workbench.cli.history.filters import filtered
from jupyter_workbench.cli.history.place import Place, in_project, swept
from jupyter_workbench.cli.output import Output, listing

if TYPE_CHECKING:
    from jupyter_workbench.history.reading.filters import Filter

LIST_EXAMPLES = """\b
Examples:
  workbench history list --notebook iris.ipynb --status Completed --since 7d
  workbench history list --tag best --search learning_rate
  workbench history list --query '[?Accuracy >= `0.7`] | sort_by(@, &duration)[].run_id'
  workbench history list -o csv > runs.csv
"""
TABLE_ROWS = 50
_MOST = 10**15
_METRIC_COLUMNS = 3
_COLUMNS = ("duration", "run_id", "script_name", "start_time_utc", "status")
_SINGLE_KINDS = ("number", "text", "bool")


@click.command("list", epilog=LIST_EXAMPLES)
@filtered
@click.option(
    "--limit", type=click.IntRange(1, _MOST), help=f"At most that many; {TABLE_ROWS} in a table, else all by default."
)
@click.option("--offset", type=click.IntRange(0, _MOST), default=0, metavar="N", help="Leave out the newest N.")
@in_project
@listing
def list_runs(folder: Path, chosen: Filter, limit: int | None, offset: int, output: Output) -> None:
    """List the runs of the project, newest first.

    A table shows the newest 50; json, csv and queries have all.
    """
    place = swept(folder)
    if output.is_plain:
        _show_table(place, chosen, limit or TABLE_ROWS, offset, output)
        return
    from jupyter_workbench.history.reading import queries

    output.show(queries.list_runs(place.data, limit, offset, chosen))


@click.command()
@filtered
@in_project
@listing
def last(folder: Path, chosen: Filter, output: Output) -> None:
    """Show the newest run."""
    from jupyter_workbench.history.reading import queries

    output.show(queries.last(swept(folder).data, chosen))


def _show_table(place: Place, chosen: Filter, limit: int, offset: int, output: Output) -> None:
    """Make the table of summaries: however much was logged, it is there at once."""
    from jupyter_workbench.history.reading.filters import Filter
    from jupyter_workbench.history.reading.flat import metric_key
    from jupyter_workbench.history.reading.overview import overview
    from jupyter_workbench.history.reading.view import NO_RUNS

    page = overview(place.data, chosen, limit=limit, offset=offset)
    names = _frequent_metrics(page.runs)
    rows = [_row(run, names) for run in page.runs]
    empty = NO_RUNS if chosen == Filter() and not page.total else _nothing(page.total)
    output.show(rows, columns=(*map(metric_key, names), *_COLUMNS), empty=empty)
    end = offset + len(page.runs)
    if rows and end < page.total:
        click.echo(
            f"Runs {offset + 1} to {end} of {page.total}: --offset {end} shows the next ones, --limit N more at once.",
            err=True,
        )


def _row(run: dict[str, Any], names: list[str]) -> dict[str, Any]:
    from jupyter_workbench.history.reading.flat import duration_text, metric_key

    logged = {metric_key(name): run["metrics"][name]["last"] for name in names if name in run["metrics"]}
    return {**logged, **run, "duration": duration_text(run["duration_seconds"])}


def _frequent_metrics(runs: list[dict[str, Any]]) -> list[str]:
    """Name the values that most runs have, to be columns; of a series the last one is shown. The rest is in -o json."""
    names = Counter(name for run in runs for name, logged in run["metrics"].items() if logged["kind"] in _SINGLE_KINDS)
    return [name for name, _ in names.most_common(_METRIC_COLUMNS)]


def _nothing(total: int) -> str:
    if not total:
        return "No run fits."
    return f"Nothing left to show: {total} run{'' if total == 1 else 's'} fit."
