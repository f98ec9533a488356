"""What the run history has to complain about: one line on stderr of the cell, once of each kind, never an exception."""

from __future__ import annotations

import sys
from typing import Set

_said: Set[str] = set()


def disk(error: OSError) -> None:
    """Tell that a record or a blob could not be written."""
    _once(
        "disk",
        "Run history: records cannot be written ({}), so values are missing from this run - "
        "make room or mend the disk; your code is not affected.".format(error.strerror or error),
    )


def internal(error: BaseException) -> None:
    """Tell of a mistake of ours: the cell goes on without the history."""
    _once(
        "internal",
        "Run history: an error of its own ({}: {}), so this run may be incomplete - "
        "restart the kernel, and report it; your code is not affected.".format(type(error).__name__, error),
    )


def off(reason: str) -> None:
    """Tell that something was not kept, since there is no history here; ``reason``: a sentence."""
    _once("off", reason)


def not_the_kernel() -> None:
    """Tell that this process was started by a kernel of ours, and is none."""
    _once(
        "process",
        "Run history: what this process (a worker of the notebook's kernel) logs is not kept - "
        "return the values to the notebook, and log them there.",
    )


def without_step(reason: str) -> None:
    """Tell that a value has no step."""
    _once("step", "Run history: {} - the value was logged without a step.".format(reason))


def forget() -> None:
    """Say all of it again: before the first cell nobody could read it."""
    _said.clear()


def _once(kind: str, sentence: str) -> None:
    if kind in _said:
        return
    _said.add(kind)
    try:
        print(sentence, file=sys.stderr)
    except Exception:
        sys.__stderr__ and sys.__stderr__.write(sentence + "\n")
