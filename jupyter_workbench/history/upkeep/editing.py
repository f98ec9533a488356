"""What a user changes about runs afterwards; each function does all of it or, raising, nothing.

Every one raises ``RunNotFound`` for an id that no run has, and ``HistoryError``.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_workbench.errors import BadQuestion
from jupyter_workbench.history.reading.view import number_of
from jupyter_workbench.history.records import fields
from jupyter_workbench.history.records.fields import BadRecordError
from jupyter_workbench.history.store.database import in_words, writing
from jupyter_workbench.history.store.revisions import revise

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from jupyter_workbench.history.location import ProjectData


def set_tags(data: ProjectData, run_ids: Sequence[str], tags: Mapping[str, str | None]) -> None:
    """Set tags (keys of 1 to 250 characters, values up to 5000) of all those runs; None removes one."""
    told = [(_checked("tag", fields.name, key), value) for key, value in tags.items()]
    values = [(key, _checked(f"tag {key!r}", fields.tag_value, value)) for key, value in told if value is not None]
    removed = [key for key, value in told if value is None]
    with editing(data, run_ids) as (connection, numbers):
        for number in numbers:
            connection.executemany("DELETE FROM tags WHERE run = ? AND key = ?", [(number, key) for key in removed])
            connection.executemany("INSERT OR REPLACE INTO tags VALUES (?, ?, ?)", [(number, *tag) for tag in values])


def set_note(data: ProjectData, run_id: str, text: str) -> None:
    """Replace the note (up to 50,000 characters); an empty one removes it."""
    if len(text) > fields.MAX_NOTE:
        raise BadQuestion(f"A note can have {fields.MAX_NOTE} characters, got {len(text)}.")
    with editing(data, [run_id]) as (connection, numbers):
        connection.execute("UPDATE runs SET note = ? WHERE number = ?", (fields.text(text) or None, *numbers))


def set_experiment(data: ProjectData, run_ids: Sequence[str], name: str | None) -> None:
    """Move runs to an experiment (1 to 250 characters); None: that of their notebook."""
    told = None if name is None else _checked("experiment", fields.name, name)
    with editing(data, run_ids) as (connection, numbers):
        rows = [(told, number) for number in numbers]
        connection.executemany("UPDATE runs SET experiment = ? WHERE number = ?", rows)


@contextmanager
def editing(data: ProjectData, run_ids: Sequence[str]) -> Iterator[tuple[sqlite3.Connection, list[int]]]:
    """Open a writing transaction and find the runs, which get a new revision."""
    with in_words(data.database), writing(data) as connection:
        numbers = list(dict.fromkeys(number_of(connection, run_id) for run_id in run_ids))
        yield connection, numbers
        revise(connection, numbers)


def _checked(what: str, check: object, value: object) -> str:
    try:
        return check(value)  # type: ignore[operator, no-any-return]
    except BadRecordError as error:
        raise BadQuestion(f"This cannot be the {what} of a run: {value!r:.60} ({error}).") from None
