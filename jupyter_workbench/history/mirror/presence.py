"""Whether a run is on the server: created there once, found again, moved, deleted and restored; not what it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_workbench.history.mirror import description
from jupyter_workbench.history.mirror.points import milliseconds
from jupyter_workbench.history.mirror.postponed import Postponed
from jupyter_workbench.history.mirror.progress import Mirrored

if TYPE_CHECKING:
    from jupyter_workbench.history.mirror.experiments import Experiments
    from jupyter_workbench.history.mirror.progress import Progress
    from jupyter_workbench.history.mirror.snapshot import Snapshot
    from jupyter_workbench.history.mirror.tracking import Found, Tracking

GRACE_SECONDS = 30.0
"""How long a server may take to create a run for somebody who died, or heard no answer, meanwhile."""


class Presence:
    """Of the runs of one project on one server. Methods raise the errors of `Tracking` and ``HistoryError``.

    Creating a run may not be repeated. So it is announced first; who finds it announced looks for the run, and does not
    create it before the request of the one who announced it must have come to its end.
    """

    def __init__(
        self, tracking: Tracking, progress: Progress, experiments: Experiments, clock: Callable[[], float]
    ) -> None:
        self._tracking = tracking
        self._progress = progress
        self._experiments = experiments
        self._clock = clock
        self._silence = float("-inf")
        """When a request was last not answered. What a server that was frozen has taken, it does when it is back."""

    def heard_nothing(self) -> None:
        """Remember that a request was not answered just now."""
        self._silence = self._clock()

    def moved(self, run: Snapshot, mirrored: Mirrored | None, experiment: str) -> Mirrored | None:
        """MLflow cannot move a run to another experiment: it is deleted in the one, and created in the other.

        Returns None for one that is to be created. Raises `Postponed` too.
        """
        if mirrored is None or mirrored.experiment in ("", experiment):
            return mirrored and replace(mirrored, experiment=experiment)
        remote = mirrored.remote or self._looked_for(run, mirrored)
        if remote is not None:
            self._tracking.delete_run(remote)
        self._progress.forget(run.run)
        return None

    def created(self, run: Snapshot, mirrored: Mirrored) -> Mirrored:
        """Return the run with its id on the server, where it is created unless it is there. Raises `Postponed` too."""
        if mirrored.remote is not None:
            return mirrored
        experiment = self._experiments.id_of(mirrored.experiment)
        remote = self._looked_for(run, mirrored)
        if remote is not None:
            self._tracking.restore_run(remote)
        else:
            self._progress.remember(run.run, replace(mirrored, asked=self._clock()))
            first = {description.RUN_KEY: run.run, "mlflow.user": run.user or "unknown"}
            remote = self._tracking.create_run(experiment, run.run_id, milliseconds(run.started), first)
        mirrored = replace(mirrored, asked=None, remote=remote)
        self._progress.remember(run.run, mirrored)
        return mirrored

    def delete(self, run: Snapshot, mirrored: Mirrored | None) -> None:
        """Delete it on the server, if it is or may be there. Raises `Postponed` too."""
        if mirrored is None:
            return  # the server never had it
        remote = mirrored.remote or (self._looked_for(run, mirrored) if mirrored.asked is not None else None)
        if remote is not None:
            self._tracking.delete_run(remote)
        done = replace(mirrored, asked=None, remote=remote, deleted=True, revision=run.revision, problem=None)
        self._progress.remember(run.run, done)

    def restored(self, run: Snapshot, mirrored: Mirrored, remote: str) -> Mirrored:
        """Take it out of the server's bin when we had put it there."""
        if not mirrored.deleted:
            return mirrored
        self._tracking.restore_run(remote)
        mirrored = replace(mirrored, deleted=False)
        self._progress.remember(run.run, mirrored)
        return mirrored

    def _looked_for(self, run: Snapshot, mirrored: Mirrored) -> str | None:
        """Find a run that somebody created: one who died before it was written down, or another computer.

        Raises `Postponed` while a request that was announced may still be under way.
        """
        found = self._tracking.runs_of(self._experiments.id_of(mirrored.experiment), run.run)
        if not found:
            if mirrored.asked is not None:
                until = max(mirrored.asked, self._silence) + GRACE_SECONDS
                if self._clock() < until:
                    raise Postponed(until)
            return None
        self._delete_all_but_the_first(found)
        return found[0].remote

    def _delete_all_but_the_first(self, found: list[Found]) -> None:
        """Two computers may have mirrored the same run at once, each before it could see the other's."""
        for other in found[1:]:
            if not other.is_deleted:
                self._tracking.delete_run(other.remote)
