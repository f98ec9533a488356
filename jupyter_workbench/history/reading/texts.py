"""The long texts of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_workbench.errors import BadQuestion
from jupyter_workbench.history.reading.view import number_of, reading

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData

_SHARED = {"source": "source", "traceback": "traceback", "diff": "diff", "packages": "packages"}
_TAILS = ("stdout", "stderr")
TEXTS = (*_SHARED, *_TAILS)


def text(data: ProjectData, run_id: str, which: str) -> str:
    """Return a text of a run, empty when it has none; ``which`` is one of `TEXTS`.

    ``packages`` has one ``name==version`` a line; ``stdout`` and ``stderr`` are the last of what was printed. Raises
    ``RunNotFound`` and ``HistoryError``.
    """
    if which not in TEXTS:
        raise BadQuestion(f"A run has no text {which!r}: expected one of {', '.join(TEXTS)}.")
    with reading(data) as connection:
        number = number_of(connection, run_id)
        if which in _TAILS:
            query = f"SELECT {which} FROM tails WHERE run = ?"
        else:
            query = f"SELECT text FROM runs JOIN texts ON texts.sha256 = runs.{_SHARED[which]} WHERE number = ?"
        row = connection.execute(query, (number,)).fetchone()
    return "" if row is None else str(row[0])
