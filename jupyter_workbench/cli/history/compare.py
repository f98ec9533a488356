"""`workbench history compare`: runs side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from jupyter_workbench.cli.history.place import in_project, run_ids, swept
from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.table import cell, print_table, printable

EXAMPLES = """\b
Examples:
  workbench history compare myIris_1504832281116 last
  workbench history compare myIris_1504832281116 myIris_1504832291116 -o json --query differs
"""


@click.command(epilog=EXAMPLES)
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@in_project
@listing
def compare(runs: Sequence[str], folder: Path, output: Output) -> None:
    """Show what differs between runs.

    Values, properties, the source and the packages, each against the first RUN. json has what is alike too.
    """
    from jupyter_workbench.history.reading import comparison

    place = swept(folder)
    if len(runs) < 2:
        raise click.UsageError("Name two runs at least: RUN RUN.")
    names = run_ids(place, runs)
    compared = comparison.compare(place.data, names)
    if not output.is_plain and (output.format != "csv" or output.expression is not None):
        output.show(compared)
        return
    rows = [["run", *names], *_rows(compared)]
    if output.format == "csv":
        output.show(rows)
        return
    print_table(rows)
    for number, name in enumerate(names[1:], start=1):
        for line in _differences(compared, number, names[0], name):
            click.echo(line)


def _rows(compared: dict[str, Any]) -> Iterator[list[object]]:
    """Yield a row for each name that differs: properties, then values, of which the last one is shown."""
    differs = set(compared["differs"])
    for name, values in compared["properties"].items():
        if name in differs:
            yield [name, *(_tags(value) if name == "tags" else value for value in values)]
    for name, summaries in compared["metrics"].items():
        if f"metric:{name}" in differs:
            yield [name, *_told_apart([None if summary is None else _value(summary) for summary in summaries])]


def _told_apart(shown: list[object]) -> list[object]:
    """Say so where values differ that look the same in short."""
    cells = [cell(value) for value in shown]
    return shown if len(set(cells)) > 1 else [f"{one}, contents differ" for one in cells]


def _value(summary: dict[str, Any]) -> object:
    """Show a single value as it is, of a series the last number and its range."""
    last = summary["last"]
    if summary["kind"] in ("list", "dict", "table"):
        return f"{summary['kind']} of {last}"
    if summary["count"] == 1 or summary["kind"] != "number":
        return last
    return f"{last} ({summary['count']} values, {summary['min']} to {summary['max']})"


def _tags(tags: dict[str, str]) -> str | None:
    return ", ".join(f"{key}={value}" if value else key for key, value in tags.items()) or None


def _differences(compared: dict[str, Any], number: int, first: str, other: str) -> Iterator[str]:
    """Yield the lines that tell how the source and the packages of a run differ from the first one's."""
    yield ""
    diff = compared["source_diff"][number]
    if diff:
        yield f"Source of {other} against {first}:"
        yield from (printable(line.expandtabs(4)) for line in diff.splitlines()[2:])
    else:
        yield f"The source of {other} is that of {first}."
    packages = compared["packages"][number]
    if packages is None:
        yield "The packages of both are not known."
    elif any(packages.values()):
        yield f"Packages of {other} against {first}:"
        yield from (f"+{package}" for package in packages["added"])
        yield from (f"-{package}" for package in packages["removed"])
        yield from (f" {name} {old} -> {new}" for name, old, new in packages["changed"])
    else:
        yield "The packages are the same."
