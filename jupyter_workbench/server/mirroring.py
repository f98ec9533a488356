"""Mirrors the runs of the projects that a server shows to an MLflow tracking server, when one is set."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from traitlets import List, Unicode
from traitlets.config import LoggingConfigurable

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.mirror.__main__ import CANNOT
from jupyter_workbench.kernels.commands import command_of
from jupyter_workbench.kernels.follower import describe_exit

if TYPE_CHECKING:
    from jupyter_workbench.config.project import Project
    from jupyter_workbench.kernels.discovery import Discovery

INTERVAL_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 300.0
COMMAND = command_of("jupyter_workbench.history.mirror.__main__")


class WorkbenchMirror(LoggingConfigurable):
    """One for each server. The work is done by a process of its own, which ends with the server."""

    tracking_uri = Unicode(
        help="The MLflow tracking server that the runs of all projects are mirrored to; none by default."
    ).tag(config=True)
    experiments: List[Any] = List(
        Unicode(), help="Only the runs of these experiments are mirrored; those of all by default."
    ).tag(config=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._closed = threading.Event()
        self._process: subprocess.Popen[str] | None = None

    def start(self, discovery: Discovery) -> None:
        """Begin, in a thread that ends with the server; does nothing when no tracking server is set."""
        if self.tracking_uri:
            projects = lambda: discovery.refresh().projects  # noqa: E731
            threading.Thread(target=self._supervise, args=(projects,), name="workbench-mirror", daemon=True).start()

    async def close(self) -> None:
        """End the process; what it was about to do is done by the next one."""
        self._closed.set()
        if self._process is not None:
            _close_input(self._process)

    def _supervise(self, projects: Callable[[], Iterable[Project]]) -> None:
        pause = INTERVAL_SECONDS
        while not self._closed.is_set():
            began = time.monotonic()
            try:
                code = self._run(projects)
            except (OSError, WorkbenchError) as error:
                why = str(error)
            else:
                if code == CANNOT:
                    return
                why = f"their process ended: {describe_exit(code)}"
            if self._closed.is_set():
                return
            if time.monotonic() - began > LONGEST_PAUSE_SECONDS:
                pause = INTERVAL_SECONDS
            self.log.warning("jupyter_workbench: runs are not mirrored for %.3g seconds (%s)", pause, why)
            self._closed.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _run(self, projects: Callable[[], Iterable[Project]]) -> int:
        """Start the process and tell it the projects, those that appear later too, until it ends."""
        process = self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the same is told as messages, without credentials
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is meant for the server
        )
        listener = threading.Thread(target=self._listen, args=(process,), daemon=True)
        listener.start()
        told: set[str] = set()
        try:
            self._order(process, {"tracking_uri": self.tracking_uri, "experiments": list(self.experiments)})
            while process.poll() is None and not self._closed.is_set():
                for name, data in _with_history(projects()):
                    if str(data.root) not in told:
                        told.add(str(data.root))
                        self._order(process, {"data": str(data.root), "project": name})
                listener.join(INTERVAL_SECONDS)
        except (BrokenPipeError, ValueError):
            pass  # it has ended, or was closed
        finally:
            _close_input(process)
        code = process.wait()
        listener.join()
        return code

    def _order(self, process: subprocess.Popen[str], order: dict[str, Any]) -> None:
        assert process.stdin is not None, "it is a pipe"
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None, "it is a pipe"
        for line in process.stdout:
            with suppress(ValueError):
                told = json.loads(line)
                tell = self.log.error if told["level"] == "error" else self.log.warning
                tell("jupyter_workbench: %s", told["text"])


def _close_input(process: subprocess.Popen[str]) -> None:
    with suppress(OSError):
        assert process.stdin is not None, "it is a pipe"
        process.stdin.close()


def _with_history(projects: Iterable[Project]) -> Iterable[tuple[str, ProjectData]]:
    for project in projects:
        data = project_data(project.directory, project.id)
        if data.database.exists():
            yield project.name, data
