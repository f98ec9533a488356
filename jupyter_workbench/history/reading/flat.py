"""Rows of the database -> the flat objects of `queries`."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_workbench.history.records.fields import decode

if TYPE_CHECKING:
    import sqlite3

Run: TypeAlias = dict[str, Any]

# https://github.com/MicrosoftDocs/azure-docs: how-to-use-run-history-model-metrics.md (2018); ours are the last three.
RUN_FIELDS = (
    "run_id", "run_number", "name", "status", "script_name", "start_time_utc", "end_time_utc", "created_utc",
    "duration", "target", "experiment_id", "user_id", "attachments", "properties", "description", "hidden",
    "heartbeat_enabled", "parent_run_id", "run_configuration", "error", "tags",
)  # fmt: skip
# What `info` knows beside them.
INFO_FIELDS = (
    "outputs", "source", "execution_count", "cell", "framework", "kernel_id", "python", "host",
    "experiment", "note", "user", "usage", "git", "environment", "packages", "variables", "stdout", "stderr",
    "stdout_omitted", "stderr_omitted", "traceback", "ipykernel", "incomplete", "revision",
)  # fmt: skip
_RESERVED = frozenset((*RUN_FIELDS, *INFO_FIELDS))
_AS_THEY_ARE = (
    "execution_count", "cell", "framework", "kernel_id", "python", "host", "experiment", "note", "user", "environment",
    "ipykernel", "revision",
)  # fmt: skip
_USAGE = ("cpu_seconds", "cpu_peak", "memory_peak", "gpu_peak", "gpu_memory_peak")

OF_A_RUN = """
SELECT runs.*, runs.notebook AS script, coalesce(runs.experiment, runs.notebook) AS experiment, target,
    run_configuration, framework, kernel_id, python, user, host, ipykernel, variables, environment,
    streams.problem AS incomplete
FROM page JOIN runs ON runs.number = page.number JOIN streams ON streams.key = runs.stream ORDER BY page.place
"""


def dicts(cursor: sqlite3.Cursor) -> list[Run]:
    """Each row by the names of its columns; of two columns with one name the later one."""
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def metric_key(metric: str) -> str:
    """Name a metric beside the fields of a run."""
    return f"metric:{metric}" if metric in _RESERVED or metric.startswith("metric:") else metric


def fields(row: Run, attachments: list[str], tags: dict[str, str]) -> Run:
    """`RUN_FIELDS` of a row of `OF_A_RUN`."""
    return {
        "run_id": row["run_id"],
        "run_number": row["number"],
        "name": None,
        "status": row["status"],
        "script_name": row["script"],
        "start_time_utc": moment(row["started"]),
        "end_time_utc": moment(row["ended"]),
        "created_utc": moment(row["started"]),
        "duration": duration_text(row["duration"]),
        "target": row["target"],
        "experiment_id": row["experiment"],
        "user_id": row["user"],
        "attachments": ", ".join(attachments),
        "properties": {} if row["commit_id"] is None else {"CommitId": row["commit_id"]},
        "description": row["note"],
        "hidden": row["deleted"] is not None,
        "heartbeat_enabled": False,
        "parent_run_id": None,
        "run_configuration": row["run_configuration"],
        "error": error(row),
        "tags": tags,
    }


def details(connection: sqlite3.Connection, row: Run) -> Run:
    """`INFO_FIELDS` of a row of `OF_A_RUN`."""
    return {
        "outputs": dicts(
            connection.execute(
                "SELECT path, size, sha256, state, problem FROM outputs WHERE run = ? ORDER BY path", (row["number"],)
            )
        ),
        "source": _text(connection, row["source"]),
        **{name: row[name] for name in _AS_THEY_ARE},
        "usage": {name: row[name] for name in _USAGE if row[name] is not None},
        "git": _git(row),
        "packages": _text(connection, row["packages"]).splitlines(),
        "variables": decode(row["variables"] or "[]"),
        **_tail(connection, row["number"]),
        "traceback": _text(connection, row["traceback"]) or None,
        "incomplete": row["incomplete"],
    }


def error(row: Run) -> Run | None:
    """``{"name", "message"}`` of a run that failed."""
    told = {"name": row["error_name"], "message": row["error_message"]}
    return told if any(told.values()) else None


def moment(seconds: float | None) -> str | None:
    """ISO 8601 in UTC, always with microseconds."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds")


def duration_text(seconds: float | None) -> str | None:
    """``0:00:04.892389``: always with its six decimals, so that a column of them lines up."""
    if seconds is None:
        return None
    text = str(timedelta(seconds=seconds))
    return text if "." in text else f"{text}.000000"


def _git(row: Run) -> Run:
    return {
        "commit": row["commit_id"],
        "branch": row["branch"],
        "remote": row["git_remote"],
        "dirty": None if row["dirty"] is None else bool(row["dirty"]),
        "problem": row["git_problem"],
        "captured_utc": moment(row["captured"]),
        "has_diff": row["diff"] is not None,
    }


def _tail(connection: sqlite3.Connection, number: int) -> Run:
    query = "SELECT stdout, stdout_omitted, stderr, stderr_omitted FROM tails WHERE run = ?"
    found = dicts(connection.execute(query, (number,)))
    return found[0] if found else {"stdout": "", "stdout_omitted": 0, "stderr": "", "stderr_omitted": 0}


def _text(connection: sqlite3.Connection, sha256: str | None) -> str:
    row = connection.execute("SELECT text FROM texts WHERE sha256 = ?", (sha256,)).fetchone()
    return "" if row is None else str(row[0])
