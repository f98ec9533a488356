"""Ends Java with the kernel from its first moment on.

Java itself ends when its standard input does, but reads that only when it has started, which may take seconds. Linux
can send a signal when the thread that has started a process ends, also by ``kill -9`` of its process:
https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, Callable, Dict

PR_SET_PDEATHSIG = 1


class Tied(Dict[str, Any]):
    """Arguments of `subprocess.Popen` for a process that pyspark starts: it puts a ``preexec_fn`` of its own there."""

    def __setitem__(self, name: str, value: Any) -> None:
        """Keep an argument."""
        is_ours = name == "preexec_fn" and sys.platform.startswith("linux")
        super().__setitem__(name, _then_tied(value) if is_ours else value)


def _then_tied(before: Callable[[], object]) -> Callable[[], object]:
    """Return what the new process does before it becomes Java; what it needs is there before the fork."""
    try:
        import ctypes
    except ImportError:  # a Python that was built without it
        return before
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def tie() -> None:
        before()
        prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)  # as a polite end: Java removes its files
        if os.getppid() != parent:  # it was killed just before
            os._exit(1)

    return tie
