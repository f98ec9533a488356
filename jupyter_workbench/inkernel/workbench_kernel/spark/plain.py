"""Errors that IPython shows as one sentence: a trace would lead the user into code of ours."""

from __future__ import annotations

from typing import List, Optional

RED, USUAL = "\x1b[0;31m", "\x1b[0m"


class SparkNotStarted(RuntimeError):
    """There is no Spark in this kernel; the message says why, and what helps."""

    def _render_traceback_(self) -> List[str]:
        return rendered("SparkNotStarted", str(self))


class SparkEnded(RuntimeError):
    """Java, in which Spark ran, is gone; the message says how."""

    def _render_traceback_(self) -> List[str]:
        return rendered("SparkEnded", str(self))


class Interrupted(KeyboardInterrupt):
    """What the user asked for while Spark was at work; see `interruption`."""

    def _render_traceback_(self) -> List[str]:
        return rendered("KeyboardInterrupt", str(self))


Interrupted.__name__ = Interrupted.__qualname__ = "KeyboardInterrupt"  # as notebooks and the run history know it


def interruption(message: Optional[str] = None) -> KeyboardInterrupt:
    """Return an interrupt without a trace."""
    return Interrupted(message) if message else Interrupted()


def rendered(name: str, message: str) -> List[str]:
    """Return the lines of a notebook's error."""
    return ["{}{}{}{}".format(RED, name, USUAL, ": " + message if message else "")]
