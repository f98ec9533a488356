"""Rows of a query as a table of HTML and as a text: a few of them, and whether there are more."""

from __future__ import annotations

import html
from typing import Any, List, Sequence, Tuple

MOST_ROWS = 20
MOST_CHARACTERS = 200  # of a value


def shown(columns: Sequence[str], rows: Sequence[Any]) -> Tuple[str, str]:
    """Return a text and HTML; ``rows`` may be one more than are shown, which says that there are more."""
    texts = [[_text(value) for value in row] for row in rows[:MOST_ROWS]]
    words = _below(len(rows))
    return _plain(columns, texts) + "\n" + words, _html(columns, texts, words)


def _below(count: int) -> str:
    if count > MOST_ROWS:
        return "the first {} rows; there are more".format(MOST_ROWS)
    return "1 row" if count == 1 else "{} rows".format(count)


def _text(value: Any) -> str:
    text = "NULL" if value is None else str(value)
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def _plain(columns: Sequence[str], texts: Sequence[Sequence[str]]) -> str:
    lines: List[Sequence[str]] = [columns, *texts]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip() for line in lines)


def _html(columns: Sequence[str], texts: Sequence[Sequence[str]], words: str) -> str:
    head = "".join("<th>{}</th>".format(html.escape(column)) for column in columns)
    body = "".join(
        "<tr>{}</tr>".format("".join("<td>{}</td>".format(html.escape(text)) for text in line)) for line in texts
    )
    return "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table><p>{}</p>".format(head, body, words)
