"""Records as a kernel writes them, brought into a store of their own without any kernel."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from jupyter_workbench.history.disk.spool import KernelFacts
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.store.store import Store

METRICS = {f"metric {number}": number + 0.5 for number in range(10)}
TAGS = {"model": "logistic", "fold": "3", "team": "iris"}
_FACTS = KernelFacts("myIris", "/home/me/myIris", "local", "local", "local", "Python", notebook="iris.ipynb")
_STREAM = "20260101T000000-0123456789abcdef"
_LINES = 5000  # of one piece


class OneStream:
    """The records of one kernel process; a context manager, since the store has to be let go."""

    def __init__(self, root: Path) -> None:
        self.data = ProjectData(root)
        self._store = Store(self.data)
        self._reached = 0
        self.apply(_line({"e": "open", "v": 1, "pid": 1, "python": "3.11.7", "user": "me", "host": "here"}))

    def __enter__(self) -> OneStream:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._store.close()

    def apply(self, lines: bytes) -> None:
        """Bring lines into the store, in one transaction."""
        offset, self._reached = self._reached, self._reached + len(lines)
        assert self._store.apply(_STREAM, offset, lines, _FACTS) == self._reached

    def run(self, key: str | None = None) -> bytes:
        """Return the records of a whole run."""
        run = key or uuid.uuid4().hex
        start = {"run": run, "id": f"myIris_{time.time_ns() // 1000000}", "source": "fit()", "count": 1, "cell": "a"}
        records = [{"e": "start", **start, "notebook": None, "experiment": None}]
        records += [{"e": "log", "run": run, "name": name, "value": value} for name, value in METRICS.items()]
        records += [{"e": "tag", "run": run, "key": key, "value": value} for key, value in TAGS.items()]
        records += [{"e": "end", "run": run, "status": "Completed", "duration": 0.5, "error": None}]
        return b"".join(map(_line, records))

    def log_series(self, run: str, name: str, values: Iterator[float]) -> None:
        """Bring a long series into the store, in pieces."""
        lines: list[bytes] = []
        for step, value in enumerate(values):
            lines.append(_line({"e": "log", "run": run, "name": name, "value": value, "step": step}))
            if len(lines) == _LINES:
                self.apply(b"".join(lines))
                lines.clear()
        self.apply(b"".join(lines))


def _line(record: dict[str, object]) -> bytes:
    return json.dumps({**record, "t": time.time()}).encode() + b"\n"
