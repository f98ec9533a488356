"""CSV out of JSON-like data, for spreadsheets and data frames (RFC 4180, lines end with a line feed)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

import click

from jupyter_workbench.cli.json_text import strict

_END = csv.excel.lineterminator
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so would be a formula to a spreadsheet. https://owasp.org/www-community/attacks/CSV_Injection"""


def print_csv(data: object) -> None:
    """Print objects as rows under the names of all their keys, lists as rows without names, other values one a row."""
    rows: list[object] = data if isinstance(data, list) else [] if data is None else [data]
    objects = [row for row in rows if isinstance(row, dict)]
    if rows and len(objects) == len(rows):
        names = list(dict.fromkeys(name for row in objects for name in row))
        _print([names, *([row.get(name) for name in names] for row in objects)])
    else:
        _print([row if isinstance(row, list) else [row] for row in rows])


def _print(rows: Sequence[Sequence[object]]) -> None:
    text = _Lines()
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    click.echo(text.getvalue(), nl=False)


class _Lines(io.StringIO):
    """Ends the lines with a line feed. The writer may not: it quotes no carriage return but where its own lines end."""

    def write(self, line: str, /) -> int:
        return super().write(f"{line.removesuffix(_END)}\n")


def _cell(value: object) -> str:
    """Return nothing for null, text that no spreadsheet takes for a formula, and anything else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    told = strict(value)
    return told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
