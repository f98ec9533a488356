"""A round: every run that changed since the server got it, brought there one after the other."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.history.mirror.failures import Gone, Refused, Unreachable
from jupyter_workbench.history.mirror.left_out import LeftOut
from jupyter_workbench.history.mirror.postponed import Postponed
from jupyter_workbench.history.mirror.run import RunMirror
from jupyter_workbench.history.mirror.snapshot import Changed, changed, look, newest

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.mirror.progress import Progress
    from jupyter_workbench.history.mirror.tracking import Tracking

_TRIES = 3
"""How often a server that answers other questions may fail on one run before that run is left out."""

_COARSE_SECONDS = 2.0


@dataclass(frozen=True)
class Told:
    """What a mirror says while it works: ``say`` gets sentences, ``count`` how many runs of how many are done."""

    say: Callable[[str], None]
    count: Callable[[int, int], None]


@dataclass
class Outcome:
    """Of a round: ``refused`` counts the runs that the server did not take."""

    done: int = 0
    refused: int = 0
    again_at: float | None = None
    """When (epoch seconds) a run that had to be postponed can be decided."""


class Rounds:
    """The rounds of one process, which is the only one to mirror this project to this server."""

    def __init__(
        self,
        data: ProjectData,
        tracking: Tracking,
        progress: Progress,
        told: Told,
        experiments: Collection[str],
        stop: threading.Event,
    ) -> None:
        self._data = data
        self._tracking = tracking
        self._told = told
        self._experiments = experiments
        self._stop = stop
        self._run = RunMirror(data, tracking, progress)
        # A run that was refused is tried once more by every mirror that begins: the server may take it now.
        self._there = {run: revision for run, (revision, problem) in progress.revisions().items() if problem is None}
        self._seen = 0
        self._stamp: object = None
        self._failures: Counter[str] = Counter()
        self._left_out = LeftOut()

    def waiting(self) -> list[Changed]:
        """List the runs that have another revision than the server, and are not left out for now."""
        if newest(self._data) < self._seen:
            self._seen = 0  # the history was repaired, and counts anew
        found = {each.run: each for each in self._left_out.due()}
        found.update((each.run, each) for each in changed(self._data, self._seen, self._experiments))
        waiting = (each for each in found.values() if self._there.get(each.run) != each.revision)
        return [each for each in waiting if not self._left_out.holds(each)]

    def round(self) -> Outcome:
        """Bring each run that waits. Raises ``MirrorError`` and ``HistoryError``; what was brought until then is."""
        stamp = _stamp(self._data)
        if stamp is not None and stamp == self._stamp and not self._left_out.due():
            return Outcome()
        outcome, waiting = Outcome(), self.waiting()
        for place, each in enumerate(waiting):
            if self._stop.is_set():
                return outcome
            self._told.count(place, len(waiting))
            self._bring(each, outcome)
        if waiting:
            self._told.count(len(waiting), len(waiting))
        if outcome.again_at is None:
            self._stamp = stamp
            self._seen = max(self._seen, *(each.revision for each in waiting), 0)
        return outcome

    def _bring(self, each: Changed, outcome: Outcome) -> None:
        try:
            self._run.bring(each.run)
        except Postponed as postponed:
            outcome.again_at = min(outcome.again_at or postponed.until, postponed.until)
        except (Refused, Gone) as refused:
            self._refuse(each, outcome, str(refused))
        except Unreachable as error:
            self._tracking.ping()  # raises when the server is down: then it is not the run's fault
            self._failures[each.run] += 1
            if self._failures[each.run] < _TRIES:
                raise
            self._refuse(each, outcome, str(error))
        except WorkbenchError:
            raise
        except Exception as error:  # a fault of ours with one run must keep no other from the server
            reason = self._tracking.address.without_secrets(f"{type(error).__name__}: {error}")
            self._refuse(each, outcome, f"this was not foreseen, please report it ({reason})")
        else:
            outcome.done += 1
            self._there[each.run] = each.revision
            self._left_out.remove(each.run)

    def _refuse(self, each: Changed, outcome: Outcome, reason: str) -> None:
        outcome.refused += 1
        self._run.refuse(each.run, each.revision, reason)
        if self._left_out.add(each, reason):
            snapshot = look(self._data, each.run)
            name = each.run if snapshot is None else snapshot.run_id
            self._told.say(f"The run {name} is not mirrored: {reason}. The others are; it is tried again later.")


def _stamp(data: ProjectData) -> object:
    """Tell cheaply whether anything was written: a project that rests is looked at every second.

    None while something was written lately: another write might leave the same stamp, as clocks of files are coarse.
    """
    stamp = []
    for path in (data.database, data.database.with_name(f"{data.database.name}-wal")):
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        if abs(time.time() - found.st_mtime) < _COARSE_SECONDS:
            return None
        stamp.append((path.name, found.st_mtime_ns, found.st_size, found.st_ino))
    return stamp
