"""What one run logged, brought to the server: numbers as they come, the rest when it changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from jupyter_workbench.history.mirror import names, snapshot
from jupyter_workbench.history.mirror.points import Point, points
from jupyter_workbench.history.mirror.progress import Reached
from jupyter_workbench.history.mirror.tables import told
from jupyter_workbench.history.mirror.tracking import MOST_POINTS

if TYPE_CHECKING:
    from jupyter_workbench.history.mirror.errand import Errand


@dataclass
class Rest:
    """What is no number of the series that have something new: ``files`` are artifacts, ``latest`` are tags."""

    params: dict[str, str] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


class SeriesMirror:
    """For one moment of one run."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._waiting: list[Point] = []
        self._moved: dict[str, Reached] = {}

    def send_numbers(self) -> None:
        """Send the numbers behind those that are there; many series share a request."""
        reached = self._errand.progress.series(self._errand.run.run)
        for name in snapshot.names(self._errand.data, self._errand.run.number):
            self._send_series(name, reached.get(name, Reached()))
        self._flush()

    def has_rest(self) -> bool:
        """Whether there is anything in `rest`."""
        return bool(self._dirty())

    def rest(self) -> Rest:
        """Read what is no number of every series that has such values, new or not known to be there."""
        rest = Rest()
        for name in self._dirty():
            found = told(name, snapshot.values(self._errand.data, self._errand.run.number, name, without_numbers=True))
            if found.param is not None:
                rest.params[names.key(name)] = found.param
            if found.latest is not None:
                rest.latest[names.latest(name)] = found.latest
            rest.files.update(found.files)
        return rest

    def settle(self) -> None:
        """All of `rest` is there."""
        reached = self._errand.progress.series(self._errand.run.run)
        settled = {name: replace(reached[name], dirty=False) for name in self._dirty()}
        self._errand.progress.reach(self._errand.run.run, settled)

    def _send_series(self, name: str, at: Reached) -> None:
        key = names.key(name)
        for logged in snapshot.values(self._errand.data, self._errand.run.number, name, at.position):
            new = points(key, logged, at.points)
            self._waiting += new or []
            at = Reached(logged.position, at.points + len(new or []), at.dirty or new is None)
            self._moved[name] = at
            if len(self._waiting) >= MOST_POINTS:
                self._flush()

    def _flush(self) -> None:
        """Send what waits, and write down how far it goes; in that order, so that nothing is left out."""
        for start in range(0, len(self._waiting), MOST_POINTS):
            self._errand.tracking.log(self._errand.remote, self._waiting[start : start + MOST_POINTS])
        if self._moved:
            self._errand.progress.reach(self._errand.run.run, self._moved)
        self._waiting, self._moved = [], {}

    def _dirty(self) -> list[str]:
        return [name for name, at in self._errand.progress.series(self._errand.run.run).items() if at.dirty]
