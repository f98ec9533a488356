"""What a run holds, sent to the run on the server: numbers, texts, tables, outputs, tags, and at last its status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_workbench.history.mirror import description, names
from jupyter_workbench.history.mirror.artifacts import Artifacts
from jupyter_workbench.history.mirror.errand import Errand
from jupyter_workbench.history.mirror.points import milliseconds, usage
from jupyter_workbench.history.mirror.postponed import Postponed
from jupyter_workbench.history.mirror.series import SeriesMirror

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.mirror.progress import Mirrored, Progress
    from jupyter_workbench.history.mirror.snapshot import Snapshot
    from jupyter_workbench.history.mirror.tracking import Tracking

WHOLE_SECONDS = 5.0
WHOLE_FACTOR = 10.0
"""From one time that a running run's texts and tables are sent, whole as they are, to the next: so many seconds, and so
many times longer than it took. A loop that logs a text with every step would send more and more all day."""


class Sending:
    """Of the runs of one project to one server. Methods raise the errors of `Tracking` and ``HistoryError``."""

    def __init__(self, data: ProjectData, tracking: Tracking, progress: Progress, clock: Callable[[], float]) -> None:
        self._data = data
        self._tracking = tracking
        self._progress = progress
        self._clock = clock
        self._next_whole: dict[str, float] = {}

    def send(self, run: Snapshot, mirrored: Mirrored, remote: str) -> None:
        """Send what changed. The status comes last: a run that has ended on the server is complete there."""
        errand = Errand(self._data, self._tracking, self._progress, run, remote)
        series = SeriesMirror(errand)
        series.send_numbers()
        self._tracking.log(remote, usage(run))
        if run.status == "Running" and series.has_rest() and self._clock() < self._next_whole.get(run.run, 0.0):
            raise Postponed(self._next_whole[run.run])
        began = self._clock()
        rest = series.rest()
        self._tracking.log(remote, params=rest.params.items())
        tables = Artifacts(errand).bring(rest.files)
        tags = {**_latest(mirrored.tags), **rest.latest, **description.tags(run), **description.tables(tables)}
        mirrored = self._with_tags(run, mirrored, remote, tags)
        series.settle()
        self._next_whole[run.run] = self._clock() + max(WHOLE_SECONDS, WHOLE_FACTOR * (self._clock() - began))
        status = description.STATUS[run.status]
        if status != mirrored.status:
            self._tracking.set_status(remote, status, None if run.ended is None else milliseconds(run.ended))
        self._progress.remember(run.run, replace(mirrored, status=status, revision=run.revision, problem=None))
        if run.status != "Running":
            self._next_whole.pop(run.run, None)

    def _with_tags(self, run: Snapshot, mirrored: Mirrored, remote: str, tags: Mapping[str, str]) -> Mirrored:
        """Send the tags that changed, and remove those that are gone.

        Those to be sent are written down first, without a value: whoever goes on knows that they may be there.
        """
        changed = {key: value for key, value in tags.items() if mirrored.tags.get(key) != value}
        gone = [key for key in mirrored.tags if key not in tags]
        if not changed and not gone:
            return mirrored
        self._progress.remember(run.run, replace(mirrored, tags={**mirrored.tags, **dict.fromkeys(changed)}))
        self._tracking.log(remote, tags=changed.items())
        for key in gone:
            self._tracking.remove_tag(remote, key)
        mirrored = replace(mirrored, tags=tags)
        self._progress.remember(run.run, mirrored)
        return mirrored


def _latest(tags: Mapping[str, str | None]) -> dict[str, str]:
    """Return the tags of texts that were logged: nobody removes those."""
    return {key: value for key, value in tags.items() if value is not None and key.startswith(names.LATEST)}
