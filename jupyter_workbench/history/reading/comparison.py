"""Runs side by side: what differs, and how the others' sources and packages differ from the first one's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import BadQuestion
from jupyter_workbench.history.reading.likeness import differ, logged_differ
from jupyter_workbench.history.reading.overview import rows
from jupyter_workbench.history.reading.source_diff import unified
from jupyter_workbench.history.reading.view import number_of, reading

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from jupyter_workbench.history.location import ProjectData

MOST_RUNS = 10
PROPERTIES = (
    "experiment", "script_name", "status", "run_configuration", "target", "user", "note", "tags", "environment",
    "python", "framework", "commit", "branch", "dirty",
)  # fmt: skip
_MORE = """
SELECT environment, python, framework, commit_id AS "commit", branch, dirty, packages.text AS packages,
    source.text AS source
FROM page CROSS JOIN runs ON runs.number = page.number JOIN streams ON streams.key = runs.stream
    LEFT JOIN texts AS packages ON packages.sha256 = runs.packages LEFT JOIN texts AS source ON source.sha256 = source
ORDER BY page.place
"""


def compare(data: ProjectData, run_ids: Sequence[str]) -> dict[str, Any]:
    """Compare 2 to 10 runs, in the order given.

    Returns ``{"runs": [rows of the overview], "metrics": {name: [summary or None of each run]}, "properties":
    {field of PROPERTIES: [value of each run]}, "differs": [names of metrics (as "metric:NAME") and properties that are
    not the same in all], "source_diff": [None, unified diff from the first run's source to this one's, ...],
    "packages": [None, {"added": ["name==version"], "changed": [["name", "old", "new"]], "removed": [...]} or None when
    not known, ...], "images": {name: [path of the output or None of each run]}}``. Metrics are the same when every
    value of them is, though their summaries may not show it. Raises ``RunNotFound`` and ``HistoryError``.
    """
    if not 2 <= len(run_ids) <= MOST_RUNS:
        raise BadQuestion(f"Expected 2 to {MOST_RUNS} runs to compare, got {len(run_ids)}.")
    with reading(data) as connection:
        numbers = [number_of(connection, run_id) for run_id in run_ids]
        connection.executemany("INSERT INTO page(number) VALUES (?)", [(number,) for number in numbers])
        runs = rows(connection)
        more = _more(connection)
        names = list(dict.fromkeys(name for run in runs for name in run["metrics"]))
        metrics = {name: [run["metrics"].get(name) for run in runs] for name in names}
        unlike = [name for name, values in metrics.items() if logged_differ(connection, numbers, name, values)]
    both = [{**row, **run} for row, run in zip(more, runs, strict=True)]
    properties = {field: [run[field] for run in both] for field in PROPERTIES}
    return {
        "runs": runs,
        "metrics": metrics,
        "properties": properties,
        "differs": [
            *(f"metric:{name}" for name in unlike),
            *(field for field, values in properties.items() if differ(values)),
        ],
        "source_diff": [None, *(_diff(more[0], more[i], run_ids[0], run_ids[i]) for i in range(1, len(run_ids)))],
        "packages": [None, *(_packages(more[0]["packages"], other["packages"]) for other in more[1:])],
        "images": _images(metrics),
    }


def _more(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    cursor = connection.execute(_MORE)
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in cursor]
    return [{**row, "dirty": None if row["dirty"] is None else bool(row["dirty"])} for row in found]


def _diff(first: dict[str, Any], other: dict[str, Any], name: str, other_name: str) -> str:
    return unified(first["source"] or "", other["source"] or "", name, other_name)


def _packages(first: str | None, other: str | None) -> dict[str, Any] | None:
    if first is None or other is None:
        return None
    old, new = (dict(line.partition("==")[::2] for line in text.splitlines()) for text in (first, other))
    return {
        "added": [f"{name}=={new[name]}" for name in sorted(new.keys() - old.keys())],
        "changed": [[name, old[name], new[name]] for name in sorted(old.keys() & new.keys()) if old[name] != new[name]],
        "removed": [f"{name}=={old[name]}" for name in sorted(old.keys() - new.keys())],
    }


def _images(metrics: dict[str, list[Any]]) -> dict[str, list[str | None]]:
    paths = {
        name: [summary["last"] if summary and summary["kind"] == "image" else None for summary in summaries]
        for name, summaries in metrics.items()
    }
    return {name: found for name, found in paths.items() if any(found)}
