"""What the environments of a project were built from when they were last seen prepared: a file beside its run history.

It outlives the server: what has changed since is told after a restart, too. Who loses it is told less, no more.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any

from jupyter_workbench.config.project import Project
from jupyter_workbench.environments.changes import Inputs
from jupyter_workbench.history.location import ProjectData, project_data

FILE = "environments.json"
VERSION = 1

_log = logging.getLogger(__name__)


class SeenEnvironments:
    """Keeps, for each project, `Inputs` by the names of run configurations. Its methods may be called by any thread."""

    def __init__(self) -> None:
        self._lock = Lock()

    def recall(self, project: Project, run_configuration: str) -> Inputs | None:
        """Return what an environment was built from; None when nobody has seen it, or the file cannot be read."""
        told = _read(_data(project).root / FILE).get(run_configuration, {})
        try:
            return Inputs(**{**told, "packages": tuple(told["packages"])})
        except (TypeError, KeyError):  # nothing, or something of others
            return None

    def keep(self, project: Project, run_configuration: str, inputs: Inputs) -> None:
        """Remember what an environment was built from. Where that cannot be written, a line of the log says why."""
        data = _data(project)
        with self._lock:
            seen = {**_read(data.root / FILE), run_configuration: asdict(inputs)}
            try:
                data.make()
                _write(data.root / FILE, seen)
            except OSError as error:
                _log.warning("%s cannot be written: %s", data.root / FILE, error.strerror)


def _data(project: Project) -> ProjectData:
    return project_data(project.directory, project.id)


def _read(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(told, dict) and told.get("version") == VERSION and isinstance(told.get("seen"), dict)
    return told["seen"] if is_ours else {}


def _write(file: Path, seen: dict[str, Any]) -> None:
    """Write the whole file or nothing: another server may read it now."""
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")
    draft = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as opened:
            json.dump({"version": VERSION, "seen": seen}, opened)
        draft.replace(file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        raise
