"""An output of a run made a version of a model that the tracking server keeps."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

from jupyter_workbench.errors import MirrorError, RunNotFound
from jupyter_workbench.history.disk.locks import exclusive_if_free
from jupyter_workbench.history.mirror import names
from jupyter_workbench.history.mirror.description import RUN_KEY
from jupyter_workbench.history.mirror.mirror import lock_of
from jupyter_workbench.history.mirror.postponed import Postponed
from jupyter_workbench.history.mirror.progress import Progress
from jupyter_workbench.history.mirror.run import RunMirror
from jupyter_workbench.history.mirror.snapshot import look, run_of

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.mirror.snapshot import Snapshot
    from jupyter_workbench.history.mirror.tracking import Tracking

PATIENCE_SECONDS = 60.0
"""How long another process that mirrors the project, or a request under way, is waited for."""

_PAUSE_SECONDS = 0.5
_PATH, _CONTENT = "workbench.path", "workbench.sha256"


def register(data: ProjectData, tracking: Tracking, run_id: str, path: str, name: str) -> str:
    """Mirror a run and make its output ``path`` a version of the model ``name``; returns the version.

    The same output of the same run is the same version, however often it is registered. Raises ``RunNotFound``,
    ``MirrorError`` and ``HistoryError``.
    """
    run = look(data, run_of(data, run_id))
    if run is None or run.deleted is not None:
        raise RunNotFound(
            f"The run {run_id} is in the bin - take it out with `workbench history delete -r {run_id} --undo`."
        )
    if path not in run.outputs:
        kept = ", ".join(sorted(run.outputs)) or "none"
        raise MirrorError(f"-ap: expected an output of the run {run_id} ({kept}), got {path}")
    remote = _brought(data, tracking, run)
    tags = {RUN_KEY: run.run, _PATH: names.text(path, names.MAX_TAG), _CONTENT: run.outputs[path]}
    return tracking.register(name, remote, names.path(path), tags)


def _brought(data: ProjectData, tracking: Tracking, run: Snapshot) -> str:
    """Bring the run to the server, or see that another process did; returns its id there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with (
            exclusive_if_free(lock_of(data, tracking)) as is_ours,
            closing(Progress(data, tracking.address.name)) as progress,
        ):
            if is_ours:
                try:
                    remote = RunMirror(data, tracking, progress).bring(run.run)
                except Postponed:
                    remote = None
            else:
                there = progress.run(run.run)
                is_there = there is not None and there.problem is None and there.revision >= run.revision
                remote = there.remote if there is not None and is_there else None
        if remote is not None:
            return remote
        if time.monotonic() > deadline:
            raise MirrorError(
                f"{run.run_id}: another process mirrors this project to {tracking.address.name} and has not come to "
                "this run - try again later"
            )
        time.sleep(_PAUSE_SECONDS)
