"""Which runs a list shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import BadQuestion
from jupyter_workbench.history.records import fields

if TYPE_CHECKING:
    import sqlite3


@dataclass(frozen=True)
class Filter:
    """Every field that is set must fit. A tag with the value None fits whatever its value is.

    ``since`` and ``until`` (epoch seconds) bound the start: ``since <= started < until``. ``text`` is searched, without
    regard to the case of ASCII letters, in the id, script, experiment, note, tags and source. ``deleted`` shows the
    bin instead of the runs outside of it.
    """

    experiment: str | None = None
    notebook: str | None = None
    run_configuration: str | None = None
    target: str | None = None
    status: str | None = None
    user: str | None = None
    cell: str | None = None
    tags: Mapping[str, str | None] = field(default_factory=dict)
    since: float | None = None
    until: float | None = None
    text: str | None = None
    deleted: bool = False


_TEXTS = ("experiment", "notebook", "run_configuration", "target", "status", "user", "text")
MAX_TEXT = 10_000  # of 4 bytes at most: SQLite takes 50,000. https://www.sqlite.org/limits.html#max_like_pattern_length
_STREAM_COLUMNS = ("run_configuration", "target", "user")
_TEXT = """
(runs.run_id LIKE :text ESCAPE '\\' OR runs.notebook LIKE :text ESCAPE '\\' OR runs.experiment LIKE :text ESCAPE '\\'
 OR runs.note LIKE :text ESCAPE '\\'
 OR runs.number IN (SELECT run FROM tags WHERE key LIKE :text ESCAPE '\\' OR value LIKE :text ESCAPE '\\')
 OR runs.source IN (SELECT sha256 FROM texts WHERE text LIKE :text ESCAPE '\\'))
"""


def narrowed(connection: sqlite3.Connection, chosen: Filter) -> tuple[str, dict[str, Any]]:
    """Return the same as `condition`; what takes long to find is found once, however often the condition is used."""
    where, values = condition(chosen)
    if not chosen.text:
        return where, values
    connection.execute("CREATE TEMP TABLE found (number INTEGER PRIMARY KEY)")
    connection.execute(f"INSERT INTO found SELECT number FROM runs WHERE {where}", values)
    return f"runs.deleted IS {'NOT ' if chosen.deleted else ''}NULL AND runs.number IN (SELECT number FROM found)", {}


def condition(chosen: Filter) -> tuple[str, dict[str, Any]]:
    """Return the SQL condition on the table ``runs``, and its named parameters."""
    chosen = _as_it_is_kept(chosen)
    parts = [f"runs.deleted IS {'NOT ' if chosen.deleted else ''}NULL"]
    values: dict[str, Any] = {}
    for name in _STREAM_COLUMNS:
        if (value := getattr(chosen, name)) is not None:
            parts.append(f"runs.stream IN (SELECT key FROM streams WHERE streams.{name} = :{name})")
            values[name] = value
    for name, sql in _OWN.items():
        if (value := getattr(chosen, name)) is not None:
            parts.append(sql)
            values[name] = value
    for index, (key, value) in enumerate(sorted(chosen.tags.items())):
        sql = f"SELECT run FROM tags WHERE key = :key{index}"
        values[f"key{index}"] = key
        if value is not None:
            sql += f" AND value = :value{index}"
            values[f"value{index}"] = value
        parts.append(f"runs.number IN ({sql})")
    if chosen.text:
        parts.append(_TEXT)
        values["text"] = _anywhere(chosen.text)
    return " AND ".join(parts), values


_OWN = {
    "experiment": "coalesce(runs.experiment, runs.notebook) = :experiment",
    "notebook": "runs.notebook = :notebook",
    "status": "runs.status = :status",
    "cell": "runs.cell = :cell",
    "since": "runs.started >= :since",
    "until": "runs.started < :until",
}


def _as_it_is_kept(chosen: Filter) -> Filter:
    """Write each text as the database holds it: in other locales a command line has surrogates."""
    texts: dict[str, Any] = {
        name: fields.text(value) for name in _TEXTS if (value := getattr(chosen, name)) is not None
    }
    tags = {fields.text(key): None if value is None else fields.text(value) for key, value in chosen.tags.items()}
    return replace(chosen, **texts, tags=tags)


def _anywhere(text: str) -> str:
    """Return the pattern of LIKE for what holds the text, its wildcards taken literally."""
    if len(text) > MAX_TEXT:
        raise BadQuestion(f"A text to look for can have {MAX_TEXT} characters, got {len(text)}.")
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
