"""What a kernel does to its spool, made by hand; and everything that a store holds, to be compared."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from jupyter_workbench.history.disk.spool import KernelFacts, Spool
from jupyter_workbench.history.location import ProjectData

FACTS = KernelFacts(
    project="iris",
    project_dir="/projects/iris",
    run_configuration="local",
    target="local",
    target_type="local",
    framework="Python",
    kernel_id="kernel-1",
)
RUN = "a" * 32
RUN_ID = "iris_1504832281117"
OTHER_RUN = "b" * 32
THIRD_RUN = "c" * 32
STREAM = "20260102T030405-0123456789abcdef"
OTHER_STREAM = "20260102T030405-fedcba9876543210"
MORNING = 1504832281.117  # 2017-09-08T00:58:01.117Z

# Holds the spool's lock as a kernel does, says so, and lives until its input ends.
KERNEL = """
import fcntl, os, sys
lock = os.open(sys.argv[1] + "/lock", os.O_RDWR | os.O_CREAT, 0o600)
fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("locked", flush=True)
sys.stdin.read()
"""


def opened(t: float = MORNING, **changes: Any) -> dict[str, Any]:
    return {"e": "open", "t": t, "v": 1, "pid": 1, "python": "3.11.7", "user": "ada", "host": "box", **changes}


def started(run: str = RUN, t: float = MORNING, **changes: Any) -> dict[str, Any]:
    told = {"id": RUN_ID, "source": "train()", "count": 3, "cell": "c1", "notebook": "iris.ipynb"}
    return {"e": "start", "t": t, "run": run, **told, **changes}


def logged(name: str, value: Any, run: str = RUN, t: float = MORNING + 1) -> dict[str, Any]:
    return {"e": "log", "t": t, "run": run, "name": name, "value": value}


def saved(path: str, content: bytes, run: str = RUN, **changes: Any) -> dict[str, Any]:
    told = {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    return {"e": "output", "t": MORNING + 2, "run": run, **told, **changes}


def ended(run: str = RUN, status: str = "Completed", **changes: Any) -> dict[str, Any]:
    return {"e": "end", "t": MORNING + 5, "run": run, "status": status, "duration": 4.892389, "error": None, **changes}


def tagged(key: str, value: str | None, run: str = RUN) -> dict[str, Any]:
    return {"e": "tag", "t": MORNING + 2, "run": run, "key": key, "value": value}


def noted(text: str, run: str = RUN) -> dict[str, Any]:
    return {"e": "note", "t": MORNING + 2, "run": run, "text": text}


def moved(name: str | None, run: str = RUN) -> dict[str, Any]:
    return {"e": "experiment", "t": MORNING + 2, "run": run, "name": name}


def used(run: str = RUN, **changes: Any) -> dict[str, Any]:
    told = {"cpu_seconds": 2.5, "cpu_peak": 180.0, "memory_peak": 1 << 30, "gpu_peak": None, "gpu_memory_peak": None}
    return {"e": "usage", "t": MORNING + 4, "run": run, **told, **changes}


def printed(stdout: str = "", stderr: str = "", run: str = RUN, **changes: Any) -> dict[str, Any]:
    told = {"stdout": stdout, "stdout_omitted": 0, "stderr": stderr, "stderr_omitted": 0}
    return {"e": "tail", "t": MORNING + 4, "run": run, **told, **changes}


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def write(spool: Spool, data: bytes) -> None:
    with (spool.folder / "records.jsonl").open("ab") as file:
        file.write(data)


def leave_blob(spool: Spool, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    (spool.folder / "blobs").mkdir(exist_ok=True)
    (spool.folder / "blobs" / sha256).write_bytes(content)
    return sha256


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, error: int = errno.EACCES) -> None:
    """Let no file of that name be opened, as for a user who may not: for root, every file can be."""
    open_ = os.open

    def refusing(path: Any, *told: Any, **options: Any) -> int:
        if Path(path).name == name:
            raise OSError(error, os.strerror(error))
        return open_(path, *told, **options)

    monkeypatch.setattr(os, "open", refusing)


def age(path: Path, seconds: float) -> None:
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def everything(data: ProjectData) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the database but the moments of closing, which the clock of the reader gives."""
    tables = {
        "streams": "SELECT stream, reached, bad_records, latest, closed IS NOT NULL, project, user FROM streams",
        "runs": "SELECT * FROM runs",
        "metrics": "SELECT * FROM metrics",
        "outputs": "SELECT * FROM outputs",
        "tags": "SELECT * FROM tags",
        "tails": "SELECT * FROM tails",
        "summaries": "SELECT * FROM summaries",
        "texts": "SELECT * FROM texts",
    }
    connection = sqlite3.connect(data.database)
    try:
        return {table: sorted(connection.execute(query), key=repr) for table, query in tables.items()}
    finally:
        connection.close()


def values(data: ProjectData, run: str = RUN) -> list[tuple[str, str]]:
    """``(name, JSON text)`` of everything that was logged to a run, in order."""
    connection = sqlite3.connect(data.database)
    try:
        return connection.execute(
            "SELECT name, value FROM metrics JOIN runs ON runs.number = metrics.run WHERE runs.run = ?"
            " ORDER BY position",
            (run,),
        ).fetchall()
    finally:
        connection.close()
