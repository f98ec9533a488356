"""What went wrong with a tracking server, in four kinds: each means something else for what is to be done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import MirrorError

if TYPE_CHECKING:
    from jupyter_workbench.history.mirror.addresses import Address

_GONE = ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND")
_CAUSE = re.compile(r"\[Errno -?\d+\] ([^'\")]+)|(Read timed out|too many \d+ error responses)")


class Unreachable(MirrorError):
    """The server does not answer, or not now; what was asked for may be done or not."""


class Forbidden(MirrorError):
    """The server does not let us in."""


class Refused(MirrorError):
    """The server does not take this."""


class Gone(MirrorError):
    """The server does not know that run, experiment or model."""


def failure(error: Exception, address: Address) -> MirrorError:
    """Tell what mlflow's client, requests or the store of artifacts raised, in one sentence without credentials."""
    code = getattr(error, "error_code", None)
    reason = _short(address.without_secrets(str(error)))
    if code in _GONE:
        return Gone(reason)
    status = _http_status(error)
    if status in (401, 403):
        return Forbidden(
            f"The tracking server {address.name} does not let us in ({reason}) - set "
            "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
        )
    if status is None or status >= 500 or status in (408, 429):
        return Unreachable(f"The tracking server {address.name} does not answer ({reason})")
    return Refused(reason)


def _http_status(error: Exception) -> int | None:
    """Return the status of the answer: of an exception of mlflow or of requests; None without an answer."""
    if (response := getattr(error, "response", None)) is not None:
        return int(response.status_code)
    ask: Any = getattr(error, "get_http_status_code", None)
    return None if ask is None else int(ask())


def _short(text: str) -> str:
    """Return what is said in a length for one sentence: of a failed connection its cause, else the first line."""
    if cause := _CAUSE.search(text):
        return (cause[1] or cause[2]).lower()
    line = next(iter(text.strip().splitlines()), "no reason was given")
    return line if len(line) <= 300 else f"{line[:299]}…"
