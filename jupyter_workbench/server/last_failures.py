"""What failed last for each run configuration: whoever opens a page later sees it, too."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from jupyter_workbench.kernels.progress import KernelProgress
from jupyter_workbench.server.preparations import Preparation
from jupyter_workbench.server.progress_events import event_of_kernel, event_of_preparation


class LastFailures:
    """The newest failed start or preparation of each one, as the event told it, until the same is begun again.

    Hears every moment; on the event loop's thread.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures: dict[tuple[str, str], tuple[dict[str, Any], float]] = {}  # and when that start began

    def of(self, project_dir: str) -> list[dict[str, Any]]:
        """Return those of a project, the oldest first."""
        return [failure for (folder, _), (failure, _) in self._failures.items() if folder == project_dir]

    def kernel(self, moment: KernelProgress) -> None:
        """Take a moment of a kernel."""
        begins = moment.state in ("preparing", "starting")
        fails = moment.state == "dead" and moment.reason is not None
        self._take(event_of_kernel(moment), moment.elapsed, begins=begins, fails=fails)

    def preparation(self, moment: Preparation) -> None:
        """Take a moment of a preparation."""
        begins, fails = moment.state == "running", moment.state == "failed"
        self._take(event_of_preparation(moment), moment.elapsed, begins=begins, fails=fails)

    def forget_those_before(self, moment: float) -> None:
        """Files have changed since: a start that began before had the old ones, and says nothing any more."""
        self._failures = {key: failed for key, failed in self._failures.items() if failed[1] >= moment}

    def _take(self, event: dict[str, Any], elapsed: float, *, begins: bool, fails: bool) -> None:
        key = (event["project_dir"], event["run_configuration"])
        if begins or fails:
            self._failures.pop(key, None)  # the newest is the last one
        if fails:
            self._failures[key] = (event, self._now() - elapsed)
