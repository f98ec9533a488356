"""How a cell ended: its status, and its error as the notebook shows it."""

from __future__ import annotations

import asyncio
import re
import traceback
from typing import Any, Dict, Optional

from .values import text

MAX_MESSAGE = 10_000  # characters of an error's message that are kept: the first
MAX_TRACEBACK = 32 * 1024  # and of its traceback: the last
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")  # ECMA-48, 5.4: control sequences


def error_of(result: Any) -> Any:
    """Return the exception that ended a cell, or None; ``result`` is None when its coroutine was cancelled."""
    if result is None:
        return asyncio.CancelledError("the cell was interrupted")
    return result.error_before_exec if result.error_before_exec is not None else result.error_in_exec


def status(error: Any) -> str:
    """Return Completed, Failed or Canceled."""
    if error is None:
        return "Completed"
    # An interrupt reaches a cell that awaits as the cancellation of its coroutine.
    return "Canceled" if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)) else "Failed"


def last_shown(shell: Any) -> Any:
    """Return the traceback that the shell showed last: a list of its own, each time another one (ipykernel 5 to 7)."""
    return getattr(shell, "_last_traceback", None)


def described(error: Any, shown: Any) -> Optional[Dict[str, str]]:
    """Return what the end record tells of an error; ``shown``: its traceback where IPython showed one, or None."""
    if error is None:
        return None
    name = type(error).__name__
    return {"name": name, "message": text(error)[:MAX_MESSAGE], "traceback": _traceback(error, shown)}


def _traceback(error: Any, shown: Any) -> str:
    try:
        lines = shown or [
            line.rstrip("\n") for line in traceback.format_exception(type(error), error, error.__traceback__)
        ]
        return _ANSI.sub("", "\n".join(lines))[-MAX_TRACEBACK:]
    except Exception as failure:  # of an exception whose text cannot be made
        return "(the traceback could not be made: {})".format(type(failure).__name__)
