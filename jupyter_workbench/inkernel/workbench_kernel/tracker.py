"""Decides which cells are runs, and knows the run to which a value belongs.

A cell is a run from ``history on`` (or its own begin, when history is on) to its end (or ``history off``). Cells of
ipykernel's subshells run in other threads at the same time, so there is a cell and a run a thread; threads that the
user started belong to the run of the main thread. A cell that a cell runs (``get_ipython().run_cell``) belongs to it.
"""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict, Optional, Sequence

from . import complaints, outcomes
from .facts import Facts, notebook
from .recorder import Recorder, Run
from .tails import Tails
from .transport import Flusher, Transport
from .uploads import Saved


class Cell:
    """What is known about a cell that runs now."""

    __slots__ = ("count", "info", "request", "shown")

    def __init__(self, info: Any, count: int, request: Dict[str, Any], shown: Any) -> None:
        """``shown``: the traceback that was shown last before it."""
        self.info = info
        self.count = count
        self.request = request
        self.shown = shown


class Tracker:
    """The run history of one kernel: off until the user turns it on."""

    def __init__(self, shell: Any, facts: Facts, recorder: Recorder, transport: Transport, tails: Tails) -> None:
        self.on = False
        self.experiment: Optional[str] = None  # of the runs from now on; None: the notebook is the experiment
        self._shell = shell
        self._facts = facts
        self.recorder = recorder
        self._tails = tails
        self._flusher = Flusher(transport.push, self._measure, lambda: self.is_idle)
        self._cells: Dict[int, Cell] = {}
        self._runs: Dict[int, Run] = {}
        self._last: Optional[Run] = None
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
        shown = outcomes.last_shown(self._shell)
        self._cells[thread] = Cell(info, self._shell.execution_count, request, shown)
        if self.on:
            self._start(thread)

    def cell_ends(self, result: Any) -> None:
        """Close the cell of this thread; ``result`` is None when the cell's coroutine was cancelled."""
        thread = threading.get_ident()
        cell = self._cells.get(thread)
        if cell is None or (result is not None and not _same(result.info, cell.info)):
            return
        self._learn_count(cell, result)
        if thread in self._runs:
            error = outcomes.error_of(result)
            shown = outcomes.last_shown(self._shell)
            described = outcomes.described(error, shown if shown is not cell.shown else None)
            self._end(thread, outcomes.status(error), described)
        del self._cells[thread]

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
        self._last = None
        if threading.get_ident() in self._runs:
            self._end(threading.get_ident(), "Completed", None)

    # ---- what is logged --------------------------------------------------------------------------
    def run(self) -> Optional[Run]:
        """Return the run to which a value of this thread belongs.

        Between two cells (a thread of the user, a widget) that is the one before; None while history is off.
        """
        return self._runs.get(threading.get_ident()) or self._of_other_threads()

    def outputs(self, saved: Sequence[Saved]) -> None:
        """Add outputs to the current run, or else to a run of their own."""
        run = self.run()
        if run is not None:
            self._record_outputs(run, saved)
            return
        run = self._new_run(self._cells.get(threading.get_ident()))
        self._record_outputs(run, saved)
        self.recorder.end(run, "Completed")
        self._flusher.wake()

    def _record_outputs(self, run: Run, saved: Sequence[Saved]) -> None:
        for output in saved:
            self.recorder.output(run, output.name, output.sha256, output.size)

    # ---- below -----------------------------------------------------------------------------------
    def _start(self, thread: int) -> None:
        cell = self._cells[thread]
        self._runs[thread] = self._new_run(cell)
        _safely(lambda: self._tails.begin(_message_id(cell.request)))

    def _end(self, thread: int, status: str, error: Optional[Dict[str, str]]) -> None:
        run = self._runs.pop(thread, None)
        if run is None:
            return
        if self.on:
            self._last = run
        request = _message_id(self._cells[thread].request)
        _safely(lambda: self._keep(self.recorder.tail, run, self._tails.end(request)))
        _safely(lambda: self._keep(self.recorder.usage, run, run.meter.facts()))
        self.recorder.end(run, status, error)

    def _keep(self, write: Callable[[Run, Dict[str, Any]], None], run: Run, facts: Optional[Dict[str, Any]]) -> None:
        if facts is not None:
            write(run, facts)

    def _new_run(self, cell: Optional[Cell]) -> Run:
        path = notebook(self._facts, self._shell.user_ns)
        if cell is None:
            return self.recorder.start(source="", notebook=path, experiment=self.experiment)
        identity = getattr(cell.info, "cell_id", None) or (cell.request.get("metadata") or {}).get("cellId")
        count = cell.count - self._ahead
        return self.recorder.start(
            source=cell.info.raw_cell, count=count, cell=identity, notebook=path, experiment=self.experiment
        )

    def _measure(self) -> None:
        for run in list(self._runs.values()):
            _safely(run.meter.look)

    def _of_other_threads(self) -> Optional[Run]:
        runs = dict(self._runs)
        main = runs.get(threading.main_thread().ident or 0)
        return main or next(reversed(list(runs.values())), self._last)

    def _request(self) -> Dict[str, Any]:
        get_parent = getattr(self._shell, "get_parent", None)
        request = get_parent() if get_parent is not None else None
        return request if isinstance(request, dict) else {}

    def _learn_count(self, cell: Cell, result: Any) -> None:
        count = getattr(result, "execution_count", None)
        if count and _same(result.info, cell.info):
            self._ahead = cell.count - count


def _safely(step: Callable[[], None]) -> None:
    """Take a step without which a run is still a run."""
    try:
        step()
    except Exception as error:
        complaints.internal(error)


def _message_id(request: Dict[str, Any]) -> Any:
    return (request.get("header") or {}).get("msg_id")


def _same(info: Any, other: Any) -> bool:
    """IPython makes a second info for a cell that ended in an unusual way."""
    return info is other or (info.raw_cell, info.store_history) == (other.raw_cell, other.store_history)
