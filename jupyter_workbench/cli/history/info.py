"""`workbench history info`: one run for people, or one of its outputs as it is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click

from jupyter_workbench.cli.history.place import in_project, of_run, run_id, swept
from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.progress import bytes_text
from jupyter_workbench.cli.table import printable

EXAMPLES = """\b
Examples:
  workbench history info -r last
  workbench history info -r myIris_1504832281116 -o json --query git
  workbench history info -r last -a outputs/report.txt
  workbench history info -r last -a outputs/model.pkl > model.pkl
"""
_CHUNK_BYTES = 1 << 20
_LONGEST_LIST = 10
# The names of 2017 for what is there under a better one.
_DOUBLE = frozenset({"experiment_id", "user_id", "description", "created_utc", "attachments", "hidden"})
_EMPTY: tuple[object, ...] = (None, "", [], {}, False)


@click.command(epilog=EXAMPLES)
@of_run
@click.option("-a", "--artifact", metavar="PATH", help="Print this output instead.")
@in_project
@listing
def info(run: str, artifact: str | None, folder: Path, output: Output) -> None:
    """Show all that is known of one run, or print one of its outputs.

    An output is written to stdout as it is, byte by byte.
    """
    place = swept(folder)
    found = run_id(place, run)
    if artifact is not None:
        from jupyter_workbench.history.reading.outputs import open_output

        with open_output(place.data, found, artifact)[0] as file:
            _print_bytes(file, artifact, found)
        return
    from jupyter_workbench.history.reading import queries

    told = queries.info(place.data, found)
    output.show(_for_people(told) if output.is_plain else told)


def _print_bytes(file: BinaryIO, path: str, run: str) -> None:
    """Copy a file to stdout. A terminal gets text only, and no escape sequences: others may have written the file."""
    chunk = file.read(_CHUNK_BYTES)
    if _is_terminal():
        _print_text(chunk + file.read(), path, run)
        return
    target = sys.stdout.buffer
    while chunk:
        target.write(chunk)
        chunk = file.read(_CHUNK_BYTES)
    target.flush()


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _print_text(content: bytes, path: str, run: str) -> None:
    from jupyter_workbench.errors import WorkbenchError

    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise WorkbenchError(
            f"{path} is not text - add `> FILE`, or use `workbench history download -r {run} --artifact {path} -d DIR`"
        ) from None
    for line in text.splitlines():
        click.echo(printable(line.expandtabs(4)))


def _for_people(run: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty or there twice, and make of each long list one line."""
    shown = {name: value for name, value in run.items() if name not in _DOUBLE and value not in _EMPTY}
    shown["outputs"] = "\n".join(map(_output, run["outputs"]))
    shown["git"] = _git(run["git"])
    shown["error"] = run["error"] and f"{run['error']['name']}: {run['error']['message']}"
    for name in ("packages", "variables"):
        shown[name] = run[name] and f"{len(run[name])}; -o json shows them"
    shown["tags"] = ", ".join(f"{key}={value}" if value else key for key, value in run["tags"].items())
    return {name: _short(value) for name, value in shown.items() if value not in _EMPTY}


def _short(value: object) -> object:
    if not isinstance(value, list) or len(value) <= _LONGEST_LIST:
        return value
    return f"{len(value)} values, the last {_last(value)}; -o json shows them"


def _last(values: Sequence[object]) -> object:
    return "a list" if isinstance(values[-1], list) else values[-1]


def _output(output: dict[str, Any]) -> str:
    if output["state"] == "kept":
        return f"{output['path']} ({bytes_text(output['size'])})"
    return f"{output['path']} ({output['problem'] or 'on its way'})"


def _git(git: dict[str, Any]) -> str:
    if not git["commit"]:
        return git["problem"] or ""
    branch = f" on {git['branch']}" if git["branch"] else ""
    return f"{git['commit']}{branch}{', with changes' if git['dirty'] else ''}"
