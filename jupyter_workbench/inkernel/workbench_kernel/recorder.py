"""Writes the records of runs; their shapes are the contract with the server's history (version 1).

    {"e":"open","t":..,"v":1,"pid":..,"python":"3.11.7","ipykernel":..,"user":..,"host":..,"variables":["HOME",..]}
    {"e":"start","t":..,"run":"<32 hex>","id":"<project>_<epoch ms>","source":"..","count":3,"cell":..,"notebook":..,
     "experiment":..}
    {"e":"log","t":..,"run":..,"name":"..","value":<json>,"step":3,"kind":"table|image"}     step and kind: where there
    {"e":"output","t":..,"run":..,"path":"outputs/model.pkl","sha256":"..","size":123}
    {"e":"tag","t":..,"run":..,"key":"..","value":".."}                                      null removes it
    {"e":"note","t":..,"run":..,"text":".."}
    {"e":"experiment","t":..,"run":..,"name":".."}
    {"e":"usage","t":..,"run":..,"cpu_seconds":..,"cpu_peak":percent,"memory_peak":bytes,"gpu_peak":..,..}
    {"e":"tail","t":..,"run":..,"stdout":"..","stdout_omitted":characters,"stderr":"..","stderr_omitted":..}
    {"e":"end","t":..,"run":..,"status":"Completed|Failed|Canceled","duration":seconds,
     "error":{"name":..,"message":..,"traceback":..}}

``t`` is in epoch seconds. A full disk never breaks the user's cell: it is told once.
"""

from __future__ import annotations

import getpass
import os
import platform
import socket
import sys
from json.encoder import encode_basestring_ascii as quoted
from time import perf_counter, time
from typing import Any, Dict, Optional, Union

from . import complaints
from .images import Names
from .spool import Spool
from .usage import Meter
from .values import Plain, encode, is_table, plain, text

_MAX_FAST_INT = 1 << 63


class Run:
    """One tracked cell, from its start record to its end record."""

    __slots__ = ("began", "head", "images", "key", "meter", "public")

    def __init__(self, public: str) -> None:
        """``public``: the id that users see."""
        self.key = os.urandom(16).hex()  # as random as a uuid4, which takes eight times as long
        self.public = public
        self.images: Optional[Names] = None  # of what was logged; made with the first
        self.meter = Meter()
        self.began = perf_counter()
        self.head = '{{"e":"log","run":"{}","t":'.format(self.key)


class Recorder:
    """The records of one kernel process, appended to its spool."""

    def __init__(self, spool: Spool, project: str) -> None:
        self.spool = spool
        self._project = project
        self._last_ms = 0
        self._write({"e": "open", "v": 1, "pid": os.getpid(), **_what(), **_who(), "variables": sorted(os.environ)})

    def start(
        self,
        *,
        source: str,
        count: Optional[int] = None,
        cell: Optional[str] = None,
        notebook: Optional[str] = None,
        experiment: Optional[str] = None,
    ) -> Run:
        """Begin a run. Its public id is unique in this process; the store makes it unique in the project."""
        self._last_ms = max(int(time() * 1000), self._last_ms + 1)
        run = Run("{}_{}".format(self._project, self._last_ms))
        facts = {"run": run.key, "id": run.public, "source": source, "count": count, "cell": cell}
        self._write({"e": "start", **facts, "notebook": notebook, "experiment": experiment})
        return run

    def log(self, run: Run, name: Any, value: Any, step: Union[int, float, None] = None) -> None:
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
            line = run.head + repr(time()) + ',"name":' + quoted(name) + ',"value":' + shown
            self._append((line + ("}\n" if step is None else ',"step":' + repr(step) + "}\n")).encode("ascii"))
        else:
            converted = plain(value)
            table = isinstance(converted, dict) and is_table(value)
            self.log_of_kind(run, text(name), converted, step, "table" if table else None)

    def log_of_kind(
        self, run: Run, name: str, value: Plain, step: Union[int, float, None], kind: Optional[str]
    ) -> None:
        """Log what is no plain number or text; ``kind``: table (lists by column), image (path of an output) or None."""
        record = {"e": "log", "run": run.key, "name": name, "value": value}
        if step is not None:
            record["step"] = step
        if kind is not None:
            record["kind"] = kind
        self._write(record)

    def output(self, run: Run, path: str, sha256: str, size: int) -> None:
        """Name a file whose content is in the blobs."""
        self._write({"e": "output", "run": run.key, "path": path, "sha256": sha256, "size": size})

    def tag(self, run: Run, key: str, value: Optional[str]) -> None:
        """Tag a run; None takes the tag away."""
        self._write({"e": "tag", "run": run.key, "key": key, "value": value})

    def note(self, run: Run, note: str) -> None:
        """Replace the note of a run."""
        self._write({"e": "note", "run": run.key, "text": note})

    def experiment(self, run: Run, name: str) -> None:
        """Move a run to an experiment."""
        self._write({"e": "experiment", "run": run.key, "name": name})

    def tail(self, run: Run, tail: Dict[str, Any]) -> None:
        """Keep the end of what a run printed; ``tail``: of `Tails`."""
        self._write({"e": "tail", "run": run.key, **tail})

    def usage(self, run: Run, usage: Dict[str, Any]) -> None:
        """Keep what a run used; ``usage``: of its meter."""
        self._write({"e": "usage", "run": run.key, **usage})

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


def _what() -> Dict[str, Optional[str]]:
    ipykernel = sys.modules.get("ipykernel")
    return {"python": platform.python_version(), "ipykernel": getattr(ipykernel, "__version__", None)}


def _who() -> Dict[str, Optional[str]]:
    try:
        user: Optional[str] = getpass.getuser()
    except Exception:  # a container may run as a number without a name: KeyError, OSError or ImportError
        user = None
    return {"user": user, "host": socket.gethostname()}
