"""Decides which cells are runs, and knows the run to which a value belongs.

A cell is a run from ``history on`` (or its own begin, when history is on) to its end (or ``history off``). Cells of
ipykernel's subshells run in other threads at the same time, so there is a cell and a run a thread; threads that the
user started belong to the run of the main thread. A cell that a cell runs (``get_ipython().run_cell``) belongs to it.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Dict, Optional, Sequence

from .facts import Facts, notebook
from .recorder import Recorder, Run
from .transport import Flusher, Transport
from .uploads import Saved
from .values import text

_MAX_MESSAGE = 10_000  # characters of an error's message that are kept


class Cell:
    """What is known about a cell that runs now."""

    __slots__ = ("count", "info", "request")

    def __init__(self, info: Any, count: int, request: Dict[str, Any]) -> None:
        self.info = info
        self.count = count
        self.request = request


class Tracker:
    """The run history of one kernel: off until the user turns it on."""

    def __init__(self, shell: Any, facts: Facts, recorder: Recorder, transport: Transport) -> None:
        self.on = False
        self._shell = shell
        self._facts = facts
        self._recorder = recorder
        self._flusher = Flusher(transport.push, lambda: self.is_idle)
        self._cells: Dict[int, Cell] = {}
        self._runs: Dict[int, Run] = {}
        self._ahead = 0  # newer IPythons count a cell before pre_run_cell, older ones after it

    @property
    def is_idle(self) -> bool:
        """Whether no record can come of the next step."""
        return not self.on and not self._runs

    # ---- cells: called by the hooks, whole or not at all ----------------------------------------
    def cell_begins(self, info: Any) -> None:
        """Open a cell that the user ran in this thread; calling it again for the same cell changes nothing."""
        if info.silent or not info.store_history:
            return
        thread = threading.get_ident()
        request = self._request()
        if thread in self._cells:
            if _message_id(self._cells[thread].request) == _message_id(request):
                return
            self._end(thread, "Failed", {"name": "Unknown", "message": "IPython never told that the cell ended"})
        self._cells[thread] = Cell(info, self._shell.execution_count, request)
        if self.on:
            self._start(thread)

    def cell_ends(self, result: Any) -> None:
        """Close the cell of this thread; ``result`` is None when the cell's coroutine was cancelled."""
        thread = threading.get_ident()
        cell = self._cells.get(thread)
        if cell is None or (result is not None and not _same(result.info, cell.info)):
            return
        del self._cells[thread]
        self._learn_count(cell, result)
        if thread in self._runs:
            error = _error(result)
            self._end(thread, _status(error), _described(error))

    # ---- the switch ------------------------------------------------------------------------------
    def turn_on(self) -> None:
        """Make runs of cells: of the cell that says so as well, with its whole source."""
        self.on = True
        self._flusher.wake()
        thread = threading.get_ident()
        cell = self._cells.get(thread)
        if cell is not None and thread not in self._runs:
            self._learn_count(cell, getattr(self._shell.displayhook, "exec_result", None))
            self._start(thread)

    def turn_off(self) -> None:
        """Make no more runs: that of the cell that says so ends here."""
        self.on = False
        if threading.get_ident() in self._runs:
            self._end(threading.get_ident(), "Completed", None)

    # ---- what is logged --------------------------------------------------------------------------
    def log(self, name: Any, value: Any) -> None:
        """Log a value of the current run; nothing happens outside of one."""
        if self._runs:
            run = self._runs.get(threading.get_ident()) or self._of_other_threads()
            if run is not None:
                self._recorder.log(run, name, value)

    def outputs(self, saved: Sequence[Saved]) -> None:
        """Add outputs to the current run, or else to a run of their own."""
        run = self._runs.get(threading.get_ident()) or self._of_other_threads()
        if run is not None:
            self._record_outputs(run, saved)
            return
        run = self._new_run(self._cells.get(threading.get_ident()))
        self._record_outputs(run, saved)
        self._recorder.end(run, "Completed")
        self._flusher.wake()

    def _record_outputs(self, run: Run, saved: Sequence[Saved]) -> None:
        for output in saved:
            self._recorder.output(run, output.name, output.sha256, output.size)

    # ---- below -----------------------------------------------------------------------------------
    def _start(self, thread: int) -> None:
        self._runs[thread] = self._new_run(self._cells[thread])

    def _end(self, thread: int, status: str, error: Optional[Dict[str, str]]) -> None:
        run = self._runs.pop(thread, None)
        if run is None:
            return
        self._recorder.end(run, status, error)

    def _new_run(self, cell: Optional[Cell]) -> Run:
        path = notebook(self._facts, self._shell.user_ns)
        if cell is None:
            return self._recorder.start(source="", notebook=path)
        identity = getattr(cell.info, "cell_id", None) or (cell.request.get("metadata") or {}).get("cellId")
        count = cell.count - self._ahead
        return self._recorder.start(source=cell.info.raw_cell, count=count, cell=identity, notebook=path)

    def _of_other_threads(self) -> Optional[Run]:
        runs = dict(self._runs)
        main = runs.get(threading.main_thread().ident or 0)
        return main or next(reversed(list(runs.values())), None)

    def _request(self) -> Dict[str, Any]:
        get_parent = getattr(self._shell, "get_parent", None)
        request = get_parent() if get_parent is not None else None
        return request if isinstance(request, dict) else {}

    def _learn_count(self, cell: Cell, result: Any) -> None:
        count = getattr(result, "execution_count", None)
        if count and _same(result.info, cell.info):
            self._ahead = cell.count - count


def _message_id(request: Dict[str, Any]) -> Any:
    return (request.get("header") or {}).get("msg_id")


def _same(info: Any, other: Any) -> bool:
    """IPython makes a second info for a cell that ended in an unusual way."""
    return info is other or (info.raw_cell, info.store_history) == (other.raw_cell, other.store_history)


def _error(result: Any) -> Any:
    if result is None:
        return asyncio.CancelledError("the cell was interrupted")
    return result.error_before_exec if result.error_before_exec is not None else result.error_in_exec


def _status(error: Any) -> str:
    if error is None:
        return "Completed"
    # An interrupt reaches a cell that awaits as the cancellation of its coroutine.
    return "Canceled" if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)) else "Failed"


def _described(error: Any) -> Optional[Dict[str, str]]:
    if error is None:
        return None
    return {"name": type(error).__name__, "message": text(error)[:_MAX_MESSAGE]}
