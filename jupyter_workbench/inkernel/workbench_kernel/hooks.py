"""IPython's events of a cell, passed on to the tracker so that nothing of ours can break or slow down a cell.

Registered once, when the kernel starts: ``history on`` must know the cell in which it stands.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any, Callable, Optional

from . import complaints
from .shield import Shield
from .tracker import Tracker


class Hooks:
    """``pre_run_cell`` and ``post_run_cell``."""

    def __init__(self, tracker: Optional[Tracker], notice: Optional[str] = None) -> None:
        """``notice``: a line to show once, in the first cell of the user. Without a tracker that is all."""
        self._tracker = tracker
        self._notice = notice
        self._process = os.getpid()
        self._interrupt: Optional[threading.Timer] = None

    def register(self, shell: Any) -> None:
        """Listen to the cells of this shell."""
        shell.events.register("pre_run_cell", self.pre_run_cell)
        shell.events.register("post_run_cell", self.post_run_cell)

    def pre_run_cell(self, info: Any) -> None:
        """Open a cell. IPython calls this before a cell that is not silent."""
        if self._notice is not None and info.store_history and not info.silent:  # else nobody may ever read it
            notice, self._notice = self._notice, None
            print(notice, file=sys.stderr, flush=True)  # before anything that the cell prints
        tracker = self._tracker
        if tracker is not None:
            self._interrupt = self._whole(tracker, tracker.cell_begins, info).deliver_later()

    def post_run_cell(self, result: Any) -> None:
        """Close a cell. IPython calls this after it; one that is interrupted now is already over."""
        if self._interrupt is not None:
            self._interrupt.cancel()  # it was meant for this cell, not for the next
        tracker = self._tracker
        if tracker is not None:
            self._whole(tracker, tracker.cell_ends, result)

    def _whole(self, tracker: Tracker, step: Callable[[Any], None], argument: Any) -> Shield:
        """Take a step whole: an interrupt beside it leads to a second call, which then changes nothing."""
        shield = Shield()
        if os.getpid() != self._process:
            return shield  # a forked child that came out of its cell
        try:
            try:
                if tracker.is_idle:
                    step(argument)
                    return shield
                with shield:
                    step(argument)
            except KeyboardInterrupt:
                with shield:
                    step(argument)
                shield.pressed = True
        except Exception as error:
            complaints.internal(error)
        return shield
