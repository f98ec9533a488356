"""The log of each start and preparation: its steps, and what programs said at them, until the same is started again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from jupyter_workbench.environments.secrets import masked
from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.kernels.progress import KernelProgress
from jupyter_workbench.server.preparations import Preparation
from jupyter_workbench.targets.progress import Progress

MOST_LINES = 1000
MOST_CHARACTERS = 256 * 1024
"""Of one log, in which the newest lines are kept."""

LONGEST_LINE = 4000


class NoSuchLog(WorkbenchError):
    """No start or preparation of this server has that id, or the same was started again since."""

    http_status = 404


@dataclass
class StartLog:
    """The newest lines of one start, each with the seconds since it began."""

    project_dir: str
    run_configuration: str
    is_over: bool = False
    left_out: int = 0
    _lines: deque[tuple[float, str]] = field(default_factory=deque)
    _characters: int = 0
    _message: str | None = None

    def step(self, elapsed: float, message: str) -> None:
        """Add what happens now, unless that is what happened last."""
        if message != self._message:
            self._message = message
            self.add(elapsed, message)

    def add(self, elapsed: float, text: str) -> None:
        """Add a text line by line, masked, and leave out the oldest lines when there are too many."""
        for line in masked(text).splitlines():
            shown = line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} ..."
            self._lines.append((elapsed, shown))
            self._characters += len(shown)
        while len(self._lines) > MOST_LINES or self._characters > MOST_CHARACTERS:
            self._characters -= len(self._lines.popleft()[1])
            self.left_out += 1

    def as_json(self) -> dict[str, Any]:
        """Return it as `docs/reference/rest.md` has it."""
        lines = [{"elapsed": round(elapsed, 3), "text": text} for elapsed, text in self._lines]
        return {"left_out": self.left_out, "lines": lines}


class StartLogs:
    """The logs by the id of the kernel or of the preparation. Hears every moment; on the event loop's thread."""

    def __init__(self) -> None:
        self._logs: dict[str, StartLog] = {}

    def of(self, id_: str) -> StartLog:
        """Return the log of the newest start of a kernel, or of a preparation. Raises NoSuchLog."""
        if id_ not in self._logs:
            raise NoSuchLog(
                f"expected the id of a kernel or of a preparation that this server has started, got {id_} - "
                f"a log is kept until its run configuration is started again"
            )
        return self._logs[id_]

    def kernel(self, moment: KernelProgress) -> None:
        """Take a moment of a kernel; what comes after its start is not logged."""
        is_end = moment.state in ("running", "dead")
        log = self._log(moment.kernel_id, moment.project_dir, moment.run_configuration, is_end=is_end)
        if log is None:
            return
        _note(log, moment.elapsed, moment.progress)
        if moment.state == "starting":
            log.step(moment.elapsed, "Starting the kernel")
        if moment.state == "dead" and moment.reason is not None:
            log.add(moment.elapsed, moment.reason)

    def preparation(self, moment: Preparation) -> None:
        """Take a moment of a preparation."""
        is_end = moment.state != "running"
        log = self._log(moment.id, str(moment.project.directory), moment.run_configuration, is_end=is_end)
        if log is None:
            return
        if not is_end:  # its last progress was told
            _note(log, moment.elapsed, moment.progress)
        elif moment.message is not None:
            log.add(moment.elapsed, moment.message)

    def _log(self, id_: str, project_dir: str, run_configuration: str, *, is_end: bool) -> StartLog | None:
        """Return the log of a start that is under way, a new one if it begins now; None when it was over before."""
        log = self._logs.get(id_)
        if log is None or log.is_over:
            if is_end:
                return None
            self._forget(id_, project_dir, run_configuration)
            log = self._logs[id_] = StartLog(project_dir, run_configuration)
        log.is_over = is_end
        return log

    def _forget(self, id_: str, project_dir: str, run_configuration: str) -> None:
        same = (project_dir, run_configuration)
        for other, log in list(self._logs.items()):
            if other == id_ or (log.is_over and (log.project_dir, log.run_configuration) == same):
                del self._logs[other]


def _note(log: StartLog, elapsed: float, progress: Progress | None) -> None:
    if progress is not None:
        log.step(elapsed, progress.message)
        for line in progress.said:
            log.add(elapsed, line)
