"""The runs of a project brought to a server: once, or on and on; a server that is down is waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from jupyter_workbench.errors import HistoryError, MirrorError
from jupyter_workbench.history.disk.locks import exclusive_if_free
from jupyter_workbench.history.mirror.failures import Unreachable
from jupyter_workbench.history.mirror.progress import Progress
from jupyter_workbench.history.mirror.rounds import Outcome, Rounds, Told
from jupyter_workbench.history.mirror.snapshot import changed, look
from jupyter_workbench.history.mirror.tracking import Tracking

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_workbench.history.location import ProjectData

Result = TypeVar("Result")

POLL_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Between the tries of a mirror that does not go on and on."""

_WAITS = "the runs wait, and it is tried again until it works."


def lock_of(data: ProjectData, tracking: Tracking) -> Path:
    """Return the file that is held by who mirrors a project to a server."""
    data.make()
    return data.root / f"mirror-{tracking.address.key}.lock"


class Mirror:
    """One project and one server. One process at a time works; others wait for it to end.

    ``stop`` ends whatever is under way, after the run that is being brought.
    """

    def __init__(
        self,
        data: ProjectData,
        tracking: Tracking,
        told: Told,
        experiments: Collection[str] = (),
        stop: threading.Event | None = None,
    ) -> None:
        self._data = data
        self._tracking = tracking
        self._told = told
        self._experiments = experiments
        self._stop = stop or threading.Event()

    def once(self) -> Outcome:
        """Bring every run that changed since it was brought; returns what came of it.

        A server that does not answer is tried for half a minute. While another process mirrors the project, as a
        Jupyter server does all the time, it is waited for until nothing is left. Raises ``MirrorError`` and
        ``HistoryError``.
        """
        return self._alone(self._once, self._is_all_there) or Outcome()

    def follow(self, before: Callable[[], object] = lambda: None) -> None:
        """Bring every run, and whatever changes, until ``stop`` is set; ``before`` is called before each look.

        What fails is told once and tried again, ever more seldom, down to once a minute.
        """
        pause = POLL_SECONDS
        while (error := self._followed(before)) is not None:
            if pause == POLL_SECONDS:
                self._told.say(f"{error} - {_WAITS}")
            pause = min(2 * pause + 1, LONGEST_PAUSE_SECONDS)
            self._stop.wait(pause)

    def _followed(self, before: Callable[[], object]) -> HistoryError | None:
        """Follow until ``stop`` is set, or return why `mirror.db` cannot be opened now."""
        try:
            self._alone(lambda progress: self._follow(self._rounds(progress), before))
        except HistoryError as error:
            return error
        return None

    def _once(self, progress: Progress) -> Outcome:
        rounds, total, pauses, is_told = self._rounds(progress), Outcome(), iter(PAUSES_SECONDS), False
        while not self._stop.is_set():
            try:
                outcome = rounds.round()
            except Unreachable as error:
                pause = next(pauses, None)
                if pause is None:
                    raise MirrorError(
                        f"{error} - runs that wait: {len(rounds.waiting())}; run the command again, or with --follow"
                    ) from None
                if not is_told:
                    is_told = True
                    self._told.say(f"{error} - trying again for {sum(PAUSES_SECONDS):.0f} seconds.")
                self._stop.wait(pause)
                continue
            total = Outcome(total.done + outcome.done, total.refused + outcome.refused)
            if outcome.again_at is None:
                break
            self._stop.wait(max(0.0, outcome.again_at - time.time()))
        return total

    def _follow(self, rounds: Rounds, before: Callable[[], object]) -> None:
        is_failing, pause = False, POLL_SECONDS
        while not self._stop.is_set():
            try:
                before()
                rounds.round()
            except (MirrorError, HistoryError) as error:
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                if not is_failing:
                    self._told.say(f"{error} - {_WAITS}")
                is_failing = True
            else:
                if is_failing:
                    self._told.say(f"Runs are mirrored to {self._tracking.address.name} again.")
                is_failing, pause = False, POLL_SECONDS
            self._stop.wait(pause)

    def _rounds(self, progress: Progress) -> Rounds:
        return Rounds(self._data, self._tracking, progress, self._told, self._experiments, self._stop)

    def _is_all_there(self) -> bool:
        """Whether the process that mirrors has brought, or was refused, every run as it is now."""
        with closing(Progress(self._data, self._tracking.address.name)) as progress:
            there = progress.revisions()
        for run, revision in changed(self._data, 0, self._experiments):
            if run in there:
                if there[run][0] != revision:
                    return False
            elif (found := look(self._data, run)) is not None and found.deleted is None:
                return False
        return True

    def _alone(self, work: Callable[[Progress], Result], is_done: Callable[[], bool] = lambda: False) -> Result | None:
        """Work while no other process does; None when ``stop`` was set, or another process had done it, before."""
        is_told = False
        while not self._stop.is_set():
            with exclusive_if_free(lock_of(self._data, self._tracking)) as is_ours:
                if is_ours:
                    with closing(Progress(self._data, self._tracking.address.name)) as progress:
                        return work(progress)
            if is_told and is_done():
                return None
            if not is_told:
                self._told.say(
                    f"Another process mirrors this project to {self._tracking.address.name}: waiting for it."
                )
                is_told = True
            self._stop.wait(POLL_SECONDS)
        return None
