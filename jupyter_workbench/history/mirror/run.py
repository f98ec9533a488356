"""One run brought up to date on the server: created once, then whatever changed since the revision that it has.

Here are the order of the steps, and what is done when the server lost the run; `presence` and `sending` are the steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_workbench.history.mirror import names
from jupyter_workbench.history.mirror.experiments import Experiments
from jupyter_workbench.history.mirror.failures import Gone, Refused, Unreachable
from jupyter_workbench.history.mirror.presence import Presence
from jupyter_workbench.history.mirror.progress import Mirrored
from jupyter_workbench.history.mirror.sending import Sending
from jupyter_workbench.history.mirror.snapshot import look

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.mirror.progress import Progress
    from jupyter_workbench.history.mirror.snapshot import Snapshot
    from jupyter_workbench.history.mirror.tracking import Tracking

DELETED_THERE = "it was deleted on the tracking server"


class RunMirror:
    """Brings runs of one project to one server. Methods raise the errors of `Tracking` and ``HistoryError``.

    Whatever is interrupted anywhere is done right by the next call: each step is remembered after it, and may be
    repeated; `Presence` sees to the one that may not.
    """

    def __init__(
        self, data: ProjectData, tracking: Tracking, progress: Progress, clock: Callable[[], float] = time.time
    ) -> None:
        self._data = data
        self._tracking = tracking
        self._progress = progress
        self._experiments = Experiments(tracking, progress)
        self._presence = Presence(tracking, progress, self._experiments, clock)
        self._sending = Sending(data, tracking, progress, clock)

    def bring(self, run: str) -> str | None:
        """Bring one run up to date; returns its id on the server, None for one that is not to be there.

        Raises `Postponed` too.
        """
        snapshot = look(self._data, run)
        if snapshot is None:
            return None  # removed for good: what the server has stays as it is
        try:
            return self._bring_again(snapshot)
        except Unreachable:
            self._presence.heard_nothing()
            raise

    def refuse(self, run: str, revision: int, problem: str) -> None:
        """Leave a run alone until it changes, or another mirror begins."""
        mirrored = self._progress.run(run) or Mirrored(experiment="")
        self._progress.remember(run, replace(mirrored, revision=revision, problem=problem))

    def _bring_again(self, run: Snapshot) -> str | None:
        """Bring it, from the beginning when the server does not know what it had."""
        try:
            return self._bring(run)
        except Gone:
            self._experiments.forget()
            self._progress.forget(run.run)
            return self._bring(run)

    def _bring(self, run: Snapshot) -> str | None:
        experiment = names.experiment(run.project, run.experiment)
        mirrored = self._presence.moved(run, self._progress.run(run.run), experiment)
        if run.deleted is not None:
            self._presence.delete(run, mirrored)
            return None
        mirrored = self._presence.created(run, mirrored or Mirrored(experiment))
        remote = mirrored.remote
        assert remote is not None, "it was created"
        mirrored = self._presence.restored(run, mirrored, remote)
        try:
            self._sending.send(run, mirrored, remote)
        except Refused:
            if self._tracking.is_deleted(remote):
                raise Refused(DELETED_THERE) from None
            raise
        return remote
