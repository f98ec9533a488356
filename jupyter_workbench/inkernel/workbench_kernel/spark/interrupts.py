"""An interrupt of a cell ends the jobs of Spark that the cell has started; ipykernel alone would leave them running.

The handler of SIGINT is ours while a cell runs: ipykernel sets its own before each message. A second connection to the
JVM cancels, from a thread of its own, since the first one waits for the very job.
"""

from __future__ import annotations

import itertools
import logging
import os
import signal
import sys
import threading
import time
from typing import Any, Callable, Optional

from .boot import Boot

PATIENCE_SECONDS = 0.4  # then the cell ends, whatever the JVM does
AFTERWARDS_SECONDS = 3.0  # a job that was planned at that moment begins later, and is cancelled then
PAUSE_SECONDS = 0.1

_groups = itertools.count()


class Interrupts:
    """Interrupts of the cells of one kernel."""

    def __init__(self, boot: Boot) -> None:
        self._boot = boot
        self._before: Any = None
        self._group: Optional[str] = None  # of the jobs that the main thread starts
        self.pressed = False  # while this cell ran
        self._process = os.getpid()

    def cell_begins(self) -> None:
        """Take over SIGINT for a cell of the main thread."""
        self.pressed = False
        before = signal.getsignal(signal.SIGINT)
        if callable(before) and before != self._on_signal:
            self._before = before
            signal.signal(signal.SIGINT, self._on_signal)
        self.name_jobs()

    def cell_ends(self) -> None:
        """Give it back, unless the user's code has taken it meanwhile."""
        if signal.getsignal(signal.SIGINT) == self._on_signal:
            signal.signal(signal.SIGINT, self._before)

    def new_session(self) -> None:
        """Forget the group of another session's jobs."""
        self._group = None

    def name_jobs(self) -> None:
        """Give the jobs of the main thread a group, once for each session and after each interrupt."""
        session = self._boot.session
        if self._group is not None or session is None or not self._boot.is_ready:
            return
        group = "cells-{}".format(next(_groups))
        try:
            if not session.context.getLocalProperty("spark.jobGroup.id"):  # the user may have one of his own
                session.context.setLocalProperty("spark.jobGroup.id", group)
            self._group = group
        except Exception as error:  # it has ended: the gate tells the next cell that needs it
            logging.getLogger(__name__).debug("jobs were given no group: %s", error)

    def _on_signal(self, number: int, frame: Any) -> None:
        if os.getpid() != self._process:  # a forked child, which has no right to the connections
            self._before(number, frame)
            return
        self.pressed = True
        group, self._group = self._group, None
        context = active_context()
        if context is not None:
            cancel = (context, group, self._has_streams)
            thread = threading.Thread(target=_cancel, args=cancel, name="WorkbenchSparkCancel", daemon=True)
            thread.start()
            thread.join(PATIENCE_SECONDS)
        self._before(number, frame)

    def _has_streams(self) -> bool:
        """Whether a streaming query runs, whose jobs are nobody's cell."""
        session = self._boot.session
        return session is not None and session.context._jsc is not None and bool(session.spark.streams.active)


def active_context() -> Any:
    """Return the context that pyspark works with, whoever made it, without asking Java; None when there is none."""
    context = getattr(sys.modules.get("pyspark.context"), "SparkContext", None)
    active = getattr(context, "_active_spark_context", None)
    return active if getattr(active, "_jsc", None) is not None else None


def _cancel(context: Any, group: Optional[str], has_streams: Callable[[], bool]) -> None:
    """Cancel every job but those of streams, and those of the group that begin in the next seconds."""
    try:
        if group is not None and has_streams():
            context.cancelJobGroup(group)
        else:
            context.cancelAllJobs()
        if group is None:
            return
        later = threading.Thread(target=_cancel_later, args=(context, group), name="WorkbenchSparkCancel", daemon=True)
        later.start()
    except Exception as error:
        _tell(error)


def _cancel_later(context: Any, group: str) -> None:
    deadline = time.monotonic() + AFTERWARDS_SECONDS
    try:
        while time.monotonic() < deadline:
            if context._jsc is None:
                return
            context.cancelJobGroup(group)
            time.sleep(PAUSE_SECONDS)
    except Exception as error:
        _tell(error)


def _tell(error: Exception) -> None:
    logging.getLogger(__name__).debug("jobs could not be cancelled: %s", error)
