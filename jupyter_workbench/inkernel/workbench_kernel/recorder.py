"""Writes the records of runs; their shapes are the contract with the server's history (version 1).

    {"e":"open","t":..,"v":1,"pid":..,"python":"3.11.7","user":"..","host":".."}             the first of a process
    {"e":"start","t":..,"run":"<uuid4 hex>","id":"<project>_<epoch ms>","source":"..","count":3,"cell":..,"notebook":..}
    {"e":"log","t":..,"run":..,"name":"..","value":<json>}
    {"e":"output","t":..,"run":..,"path":"outputs/model.pkl","sha256":"..","size":123}
    {"e":"end","t":..,"run":..,"status":"Completed|Failed|Canceled","duration":seconds,"error":{"name":..,"message":..}}

``t`` is in epoch seconds. A full disk never breaks the user's cell: it is told once.
"""

from __future__ import annotations

import getpass
import os
import platform
import socket
import uuid
from json.encoder import encode_basestring_ascii as quoted
from time import perf_counter, time
from typing import Any, Dict, Optional

from . import complaints
from .spool import Spool
from .values import encode, plain, text

_MAX_FAST_INT = 1 << 63


class Run:
    """One tracked cell, from its start record to its end record."""

    __slots__ = ("began", "head", "key")

    def __init__(self) -> None:
        self.key = uuid.uuid4().hex
        self.began = perf_counter()
        self.head = '{{"e":"log","run":"{}","t":'.format(self.key)


class Recorder:
    """The records of one kernel process, appended to its spool."""

    def __init__(self, spool: Spool, project: str) -> None:
        self.spool = spool
        self._project = project
        self._last_ms = 0
        self._write({"e": "open", "v": 1, "pid": os.getpid(), "python": platform.python_version(), **_who()})

    def start(
        self, *, source: str, count: Optional[int] = None, cell: Optional[str] = None, notebook: Optional[str] = None
    ) -> Run:
        """Begin a run. Its public id is unique in this process; the store makes it unique in the project."""
        run = Run()
        self._last_ms = max(int(time() * 1000), self._last_ms + 1)
        public = "{}_{}".format(self._project, self._last_ms)
        facts = {"run": run.key, "id": public, "source": source, "count": count, "cell": cell, "notebook": notebook}
        self._write({"e": "start", **facts})
        return run

    def log(self, run: Run, name: Any, value: Any) -> None:
        """Log one value. The usual case, a number or a text, is put together by hand: loops do it."""
        kind = type(value)
        shown = None
        if kind is float:
            if value - value == 0.0:  # neither NaN nor infinite
                shown = repr(value)
        elif kind is int:
            if -_MAX_FAST_INT <= value < _MAX_FAST_INT:
                shown = repr(value)
        elif kind is str:
            shown = quoted(value)
        if shown is not None and type(name) is str:
            line = run.head + repr(time()) + ',"name":' + quoted(name) + ',"value":' + shown + "}\n"
            self._append(line.encode("ascii"))
        else:
            self._write({"e": "log", "run": run.key, "name": text(name), "value": plain(value)})

    def output(self, run: Run, path: str, sha256: str, size: int) -> None:
        """Name a file whose content is in the blobs."""
        self._write({"e": "output", "run": run.key, "path": path, "sha256": sha256, "size": size})

    def end(self, run: Run, status: str, error: Optional[Dict[str, str]] = None) -> None:
        """End a run: its last record."""
        duration = perf_counter() - run.began
        self._write({"e": "end", "run": run.key, "status": status, "duration": duration, "error": error})

    def _write(self, record: Dict[str, Any]) -> None:
        record["t"] = time()
        self._append(encode(record))

    def _append(self, line: bytes) -> None:
        try:
            self.spool.append(line)
        except OSError as error:
            complaints.disk(error)


def _who() -> Dict[str, Optional[str]]:
    try:
        user: Optional[str] = getpass.getuser()
    except Exception:  # a container may run as a number without a name: KeyError, OSError or ImportError
        user = None
    return {"user": user, "host": socket.gethostname()}
