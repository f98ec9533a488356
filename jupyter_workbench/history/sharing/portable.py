"""The format of a file of runs: a zip archive that `export` writes and `importing` reads.

* ``manifest.json``: ``{"format": "jupyter_workbench runs", "version": 1, "created_utc", "runs", "outputs"}``;
* ``runs.jsonl``: for each run one line ``{"e": "run", "run": KEY, "facts": {..}, "captured": {..}|null,
  "lost": [[sha256, size, reason]]}``, with ``"incomplete"`` where records are missing, and after it the records of the
  run as its kernel would have written them (see docs/reference/spool.md), so that what is imported goes through the
  same checks as what a kernel sends;
* ``blobs/<sha256>``: the outputs, each once, not compressed (images, models and tables mostly are).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jupyter_workbench.history.reading.view import number_of
from jupyter_workbench.history.records.fields import encode
from jupyter_workbench.history.store.blobs import blob_path

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

FORMAT = "jupyter_workbench runs"
VERSION = 1
MANIFEST = "manifest.json"
RUNS = "runs.jsonl"
BLOBS = "blobs/"
FACTS = (
    "project", "project_dir", "run_configuration", "target", "target_type", "framework", "kernel_id", "notebook",
    "user", "environment",
)  # fmt: skip
GONE = "the content was not there when the run was exported"
_KERNEL = ("python", "host", "ipykernel")
_USAGE = ("cpu_seconds", "cpu_peak", "memory_peak", "gpu_peak", "gpu_memory_peak")
_TAIL = ("stdout", "stdout_omitted", "stderr", "stderr_omitted")
_CAPTURED = ("captured", "commit_id", "branch", "git_remote", "dirty", "git_problem")


def read_run(connection: sqlite3.Connection, run_id: str) -> dict[str, Any]:
    """Read a run's row, with the texts that it names and what is known of its kernel."""
    found = connection.execute(
        "SELECT streams.*, tails.*, runs.*,"
        " sources.text AS source_text, diffs.text AS diff_text, lists.text AS packages_text, traces.text AS trace_text"
        " FROM runs JOIN streams ON streams.key = runs.stream LEFT JOIN tails ON tails.run = runs.number"
        " LEFT JOIN texts AS sources ON sources.sha256 = runs.source"
        " LEFT JOIN texts AS diffs ON diffs.sha256 = runs.diff"
        " LEFT JOIN texts AS lists ON lists.sha256 = runs.packages"
        " LEFT JOIN texts AS traces ON traces.sha256 = runs.traceback WHERE runs.number = ?",
        (number_of(connection, run_id),),
    )
    names = [column[0] for column in found.description]
    return dict(zip(names, found.fetchone(), strict=True))


def lines_of(
    connection: sqlite3.Connection, run: dict[str, Any], kept: Path, blobs: dict[str, Path]
) -> Iterator[bytes]:
    """Yield the run's header and records; notes in ``blobs`` which contents they need."""
    outputs = connection.execute(
        "SELECT path, sha256, size, t, state, problem FROM outputs WHERE run = ? ORDER BY path", (run["number"],)
    ).fetchall()
    lost = []
    for _, sha256, size, _, state, problem in outputs:
        path = blob_path(kept, sha256)
        if state == "kept" and path.is_file():
            blobs[sha256] = path
        else:
            lost.append([sha256, size, problem or GONE])
    yield _line(_header(run, lost))
    yield from map(_line, _beginning(connection, run))
    yield from _logged(connection, run)
    for path_, sha256, size, t, _, _ in outputs:
        yield _line({"e": "output", "t": t, "run": run["run"], "path": path_, "sha256": sha256, "size": size})
    yield from map(_line, _end(run))


def _header(run: dict[str, Any], lost: list[list[Any]]) -> dict[str, Any]:
    facts = {name: run[name] for name in FACTS}
    captured = None
    if run["captured"] is not None:
        captured = {name: run[name] for name in _CAPTURED}
        captured |= {"diff": run["diff_text"], "packages": run["packages_text"]}
    header = {"e": "run", "run": run["run"], "facts": facts, "captured": captured, "lost": lost}
    return header if run["problem"] is None else {**header, "incomplete": run["problem"]}


def _beginning(connection: sqlite3.Connection, run: dict[str, Any]) -> Iterator[dict[str, Any]]:
    started = {"t": run["started"], "run": run["run"]}
    variables = None if run["variables"] is None else json.loads(run["variables"])
    kernel = {name: run[name] for name in _KERNEL}
    yield {"e": "open", "t": run["started"], "v": 1, "pid": 0, "user": run["user"], **kernel, "variables": variables}
    told = {"id": run["run_id"], "source": run["source_text"], "count": run["execution_count"], "cell": run["cell"]}
    yield {"e": "start", **started, **told, "notebook": run["notebook"], "experiment": run["experiment"]}
    if run["note"] is not None:
        yield {"e": "note", **started, "text": run["note"]}
    for key, value in connection.execute("SELECT key, value FROM tags WHERE run = ? ORDER BY key", (run["number"],)):
        yield {"e": "tag", **started, "key": key, "value": value}


def _logged(connection: sqlite3.Connection, run: dict[str, Any]) -> Iterator[bytes]:
    """Yield what was logged, in order; each value is JSON text already, and may be long."""
    query = "SELECT name, t, step, kind, value FROM metrics WHERE run = ? ORDER BY position"
    for name, t, step, kind, value in connection.execute(query, (run["number"],)):
        told = {"e": "log", "t": t, "run": run["run"], "name": name}
        if step is not None:
            told["step"] = step
        if kind in ("table", "image"):
            told["kind"] = kind
        yield encode(told)[:-1].encode() + b',"value":' + value.encode() + b"}\n"


def _end(run: dict[str, Any]) -> Iterator[dict[str, Any]]:
    ended = {"t": run["ended"], "run": run["run"]}
    usage = {name: run[name] for name in _USAGE}
    if any(value is not None for value in usage.values()):
        yield {"e": "usage", **ended, **usage}
    if run["stdout"] is not None:
        yield {"e": "tail", **ended, **{name: run[name] for name in _TAIL}}
    error = {"name": run["error_name"], "message": run["error_message"], "traceback": run["trace_text"]}
    told = error if any(value is not None for value in error.values()) else None
    yield {"e": "end", **ended, "status": run["status"], "duration": run["duration"], "error": told}


def _line(told: dict[str, Any]) -> bytes:
    return encode(told).encode() + b"\n"
