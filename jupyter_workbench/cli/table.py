"""Plain aligned text out of JSON-like data, no wider than the terminal. A pipe gets every character."""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from collections.abc import Sequence

import click

GAP = "  "
LEAST_WIDTH = 8


def print_table(data: object, columns: Sequence[str] = ()) -> None:
    """Print objects as rows under headings, one object as `key  value` lines, anything else one value a line."""
    if isinstance(data, dict):
        _print_rows([row for key, value in data.items() for row in _named(cell(key), value)])
    elif not isinstance(data, list):
        click.echo(cell(data))
    elif data and all(isinstance(row, dict) for row in data):
        _print_objects(data, columns)
    elif data and all(isinstance(row, list) for row in data):
        width = max(len(row) for row in data)
        _print_rows([[cell(value) for value in row] + ["-"] * (width - len(row)) for row in data])
    else:
        for value in data:
            click.echo(cell(value))


def cell(value: object) -> str:
    """One line of printable text; "-" for nothing, so that no column is ever blank."""
    text = value if isinstance(value, str) else "-" if value is None else json.dumps(value, ensure_ascii=False)
    return " ".join(printable(text).split()) or "-"


def text_width(text: str) -> int:
    """Columns of a terminal that `text` takes: two for East Asian wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def printable(text: str) -> str:
    """Blank out what would break lines or send escape sequences into a terminal: values come from others."""
    return "".join(character if character.isprintable() else " " for character in text)


def _named(name: str, value: object) -> list[list[str]]:
    """Rows of one value beside its name: text of several lines, such as the source of a cell, keeps them."""
    lines = value.expandtabs(4).splitlines() if isinstance(value, str) else []
    if len(lines) < 2:
        return [[name, cell(value)]]
    return [[name if number == 0 else "", printable(line)] for number, line in enumerate(lines)]


def _print_objects(rows: Sequence[dict[str, object]], columns: Sequence[str]) -> None:
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    lines = [[cell(row.get(name)) for name in names] for row in rows]
    _print_rows([[cell(name).upper().replace("_", " ") for name in names], *lines])


def _print_rows(rows: list[list[str]]) -> None:
    if not rows or not rows[0]:
        return
    widths = [max(text_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    fitted = _fit(widths, _terminal_width())
    for row in rows:
        click.echo(GAP.join(_padded(text, width) for text, width in zip(row, fitted, strict=False)).rstrip())
    if len(fitted) < len(widths):
        hidden = ", ".join(rows[0][len(fitted) :])
        click.echo(f"Not shown, the terminal is too narrow: {hidden}. -o json shows everything.", err=True)


def _fit(widths: list[int], available: int) -> list[int]:
    """Narrow the widest columns until all fit; where even that is not enough, leave out the last ones."""
    widths = [min(width, available) for width in widths]
    while sum(widths) + len(GAP) * (len(widths) - 1) > available:
        widest = max(widths)
        if widest <= LEAST_WIDTH:
            if len(widths) == 1:
                break
            widths.pop()
        else:
            widths[widths.index(widest)] -= 1
    return widths


def _padded(text: str, width: int) -> str:
    if text_width(text) > width:
        cut = "..."[:width]
        text = text[:width]
        while text_width(text) > width - len(cut):
            text = text[:-1]
        text += cut
    return text + " " * (width - text_width(text))


def _terminal_width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
