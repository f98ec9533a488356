"""What is wrong in a file of a project, in words for the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One problem of one file; problems sort by file, then line.

    ``file`` is relative to the project, with ``/`` on every system; ``line`` counts from 1. The message reads
    ``expected X, got Y - what to do`` and never contains a password or the value of an environment variable.
    """

    file: str
    line: int | None
    key: str | None
    message: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (where, self.key, self.message) if part)

    def __lt__(self, other: Problem) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, int, str, str]:
        return self.file, self.line or 0, self.key or "", self.message

    def as_row(self) -> dict[str, str | int | None]:
        """Shape the problem for ``-o json``."""
        return {"file": self.file, "line": self.line, "key": self.key, "message": self.message}


def sorted_once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Keep each problem once, in the order of the files."""
    return tuple(sorted(set(problems)))


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that looks most like ``word``; upper and lower case do not count."""
    by_lower_case = {name.lower(): name for name in known}
    matches = difflib.get_close_matches(word.lower(), by_lower_case, n=1)
    return by_lower_case[matches[0]] if matches else None


def printable(text: str) -> str:
    """Replace what could harm a terminal or break a line of output."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def listed(words: Iterable[str]) -> str:
    """Write ``a, b or c``."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
