"""Shows what Spark does while a cell runs: a thread asks its status tracker twice a second, over its own connection.

No listener in the JVM: that would need a jar of ours for each version of Scala, and a front end that knows it.
Jobs of a streaming query are no cell's: they belong to a group that has the query's run as its name.
"""

from __future__ import annotations

import logging
import os
import threading
from time import monotonic
from typing import Any, Callable, Dict, Optional, Set

from . import bar
from .bar import Counts
from .boot import Boot
from .place import Place

PERIOD_SECONDS = 0.5
LAST_LOOK_SECONDS = 0.3  # the end of a cell waits so long at most for its last numbers


class Progress:
    """The displays of one kernel, one for each cell that keeps Spark busy for a while."""

    def __init__(self, boot: Boot) -> None:
        self._boot = boot
        self._cell: Optional[_Cell] = None
        self._awake = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._process = os.getpid()

    def cell_begins(self, place: Place) -> None:
        """Watch what happens from now on, to show it there."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="WorkbenchSparkProgress", daemon=True)
            self._thread.pydev_do_not_trace = True  # type: ignore[attr-defined]  # a debugger must not stop it
            self._thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
            self._thread.start()
        self._cell = _Cell(place)
        self._awake.set()

    def cell_ends(self, at_once: bool) -> None:
        """Leave one quiet line, if anything was shown; ``at_once``: with the numbers that are known."""
        cell, self._cell = self._cell, None
        self._awake.clear()
        if cell is None or os.getpid() != self._process:
            return
        cell.over.set()
        if cell.place.is_shown:
            cell.finished.wait(0 if at_once else LAST_LOOK_SECONDS)
            cell.show_end()

    def _work(self) -> None:
        while True:
            self._awake.wait()
            cell = self._cell
            if cell is None:
                continue
            try:
                self._watch(cell)
            except Exception as error:  # the JVM has ended, or is about to
                logging.getLogger(__name__).debug("no progress is shown: %s", error)
            cell.finished.set()
            cell.over.wait()

    def _watch(self, cell: _Cell) -> None:
        while not cell.over.wait(PERIOD_SECONDS):
            session = self._boot.session
            if session is not None and self._boot.is_ready:
                _look(cell, session.context)
                if not cell.over.is_set():
                    cell.show()
        session = self._boot.session
        if session is not None and cell.place.is_shown:
            _look(cell, session.context)


def _look(cell: _Cell, context: Any) -> None:
    cell.look(context.statusTracker(), lambda job: _is_of_a_stream(context, job))


def _is_of_a_stream(context: Any, job: int) -> bool:
    """Whether a streaming query has begun the job. Not all jobs of other groups are another's: the user names some."""
    try:
        data = context._jsc.sc().statusStore().job(job)
        group, description = data.jobGroup(), data.description()
        return bool(
            group.isDefined() and description.isDefined() and "runId = {}".format(group.get()) in description.get()
        )
    except Exception as error:  # Spark has forgotten it, or is another than those that we know
        logging.getLogger(__name__).debug("nobody knows whose job %s is: %s", job, error)
        return False


class _Cell:
    """What was seen while one cell ran."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.over = threading.Event()
        self.finished = threading.Event()
        self._began = monotonic()  # to wait for Spark is not its work: the last look before a job was seen
        self._looked = self._began
        self._shown = ""
        self._jobs: Dict[int, Set[int]] = {}  # job -> its stages
        self._stages: Dict[int, Any] = {}  # stage -> what was last told of it
        self._at_work: Set[int] = set()
        self._of_others: Set[int] = set()  # jobs

    def look(self, tracker: Any, is_anothers: Callable[[int], bool]) -> None:
        """Ask for the jobs and stages at work, and once more for those that were at the last look.

        ``is_anothers``: whether the cell has nothing to do with a job.
        """
        if not self._jobs:
            self._began = self._looked
        self._looked = monotonic()
        for job in set(tracker.getActiveJobsIds()) - set(self._jobs) - self._of_others:
            if is_anothers(job):
                self._of_others.add(job)
                continue
            info = tracker.getJobInfo(job)
            if info is not None:
                self._jobs[job] = set(info.stageIds)
        at_work = {stage for stage in tracker.getActiveStageIds() if any(stage in own for own in self._jobs.values())}
        for stage in at_work | self._at_work:
            info = tracker.getStageInfo(stage)
            if info is not None:
                self._stages[stage] = info
        self._at_work = at_work

    def show(self) -> None:
        """Show how far it is; nothing as long as there was nothing to do."""
        if not self._stages:
            return
        counts, seconds = self._counts(), monotonic() - self._began
        text = bar.running(counts, seconds)
        if text != self._shown:
            self._shown = text
            self.place.show(text, bar.running_html(counts, seconds))

    def show_end(self) -> None:
        """Show how much it was."""
        text = bar.ended(self._counts(), monotonic() - self._began)
        self.place.show(text, bar.ended_html(text))

    def _counts(self) -> Counts:
        stages = list(self._stages.values())
        return Counts(
            jobs=self._count_jobs(),
            jobs_seen=len(self._jobs),
            stages=len(stages),
            stages_done=sum(1 for stage in stages if stage.stageId not in self._at_work),
            tasks=sum(stage.numTasks for stage in stages),
            done=sum(stage.numCompletedTasks for stage in stages),
            active=sum(stage.numActiveTasks for stage in stages if stage.stageId in self._at_work),
            failed=sum(stage.numFailedTasks for stage in stages),
        )

    def _count_jobs(self) -> int:
        """Spark counts them one by one: those between were too short to be seen, unless others had jobs meanwhile."""
        if self._of_others or not self._jobs:
            return len(self._jobs)
        return max(self._jobs) - min(self._jobs) + 1
