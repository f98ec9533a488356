"""The experiments of a server, by our names for them: found, created, or mourned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_workbench.history.mirror.failures import Refused

if TYPE_CHECKING:
    from jupyter_workbench.history.mirror.progress import Progress
    from jupyter_workbench.history.mirror.tracking import Found, Tracking


class Experiments:
    """Each is asked for once in a process."""

    def __init__(self, tracking: Tracking, progress: Progress) -> None:
        self._tracking = tracking
        self._progress = progress
        self._ids: dict[str, str] = {}

    def id_of(self, name: str) -> str:
        """Return the id of an experiment, which is created when it is not there.

        Somebody may have renamed it on the server: it is still the same. Raises `Refused` for one that is deleted.
        """
        if name not in self._ids:
            self._ids[name] = self._find(name)
        return self._ids[name]

    def forget(self) -> None:
        """Ask again: the server may be another one than before."""
        self._ids.clear()

    def _find(self, name: str) -> str:
        remembered = self._progress.experiment(name)
        found = None if remembered is None else self._tracking.experiment(remembered)
        if remembered is not None and found is None:
            for run in self._progress.runs_in(name):  # the server's database is another one, or was emptied
                self._progress.forget(run)
        found = found or self._tracking.experiment_named(name)
        remote = self._tracking.create_experiment(name) if found is None else _active(found, name)
        if remote != remembered:
            self._progress.remember_experiment(name, remote)
        return remote


def _active(found: Found, name: str) -> str:
    if found.is_deleted:
        raise Refused(
            f"its experiment {name} is deleted there - restore it with `mlflow experiments restore -x {found.remote}`"
        )
    return found.remote
