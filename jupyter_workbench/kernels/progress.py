"""How far each kernel of this process is with its start: told by provisioners, shown by whoever listens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from jupyter_workbench.targets.progress import Progress

State: TypeAlias = Literal["preparing", "starting", "running", "dead"]

MOST_DEAD = 50
"""Of so many kernels that ended against the user's will the reason is kept, the newest ones."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KernelProgress:
    """One moment of a kernel; ``elapsed`` seconds after its start began. ``reason`` tells why it is dead."""

    kernel_id: str
    project: str
    project_dir: str
    run_configuration: str
    state: State
    progress: Progress | None
    elapsed: float
    reason: str | None


Listener: TypeAlias = Callable[[KernelProgress], None]
"""Takes each moment as it comes, on the thread of the event loop; must be cheap."""


class ProgressBoard:
    """The newest moment of every kernel, and who wants to hear of it. Everything happens on the event loop's thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._newest: dict[str, tuple[KernelProgress, float]] = {}  # and when it was told
        self._listeners: list[Listener] = []

    def report(self, progress: KernelProgress) -> None:
        """Note a moment of a kernel and tell all listeners. A kernel that is dead without a reason is forgotten."""
        self.forget(progress.kernel_id)
        if progress.state != "dead" or progress.reason is not None:
            self._newest[progress.kernel_id] = (progress, self._now())
            self._forget_the_oldest_dead()
        for listener in self._listeners.copy():
            _tell(listener, progress)

    def of(self, kernel_id: str) -> KernelProgress | None:
        """Return the newest moment of a kernel, or None for one that never reported or was forgotten.

        The seconds of a start that is under way go on.
        """
        if kernel_id not in self._newest:
            return None
        progress, told = self._newest[kernel_id]
        goes_on = progress.state in ("preparing", "starting")
        return replace(progress, elapsed=progress.elapsed + self._now() - told) if goes_on else progress

    def forget(self, kernel_id: str) -> None:
        """Forget a kernel, as one that was shut down."""
        self._newest.pop(kernel_id, None)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` every moment from now on, until the function that is returned is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _forget_the_oldest_dead(self) -> None:
        dead = [kernel_id for kernel_id, (progress, _) in self._newest.items() if progress.state == "dead"]
        for kernel_id in dead[:-MOST_DEAD]:
            self.forget(kernel_id)


def _tell(listener: Listener, progress: KernelProgress) -> None:
    try:
        listener(progress)
    except Exception:  # a boundary: no kernel fails because somebody cannot hear of it
        _log.exception("The progress of a kernel was not told")


board = ProgressBoard()
"""That of this process."""


class StartReporter:
    """Tells the board how far the start of one kernel is."""

    def __init__(self, kernel_id: str, project_dir: Path, run_configuration: str) -> None:
        self._kernel = (kernel_id, project_dir.name, str(project_dir), run_configuration)
        self._began = time.monotonic()

    def begins(self) -> None:
        """Tell that a start begins now."""
        self._began = time.monotonic()
        self.tell("preparing")

    def tell(self, state: State, progress: Progress | None = None, reason: str | None = None) -> None:
        """Tell a moment of the start that began last."""
        board.report(KernelProgress(*self._kernel, state, progress, time.monotonic() - self._began, reason))

    def forget(self) -> None:
        """Let the board forget the kernel."""
        board.forget(self._kernel[0])
