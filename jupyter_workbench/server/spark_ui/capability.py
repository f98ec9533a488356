"""What lets the documents of a Spark UI load their parts: their sandbox has no origin, so they come without cookies.

A capability is a part of the path that nobody can guess. It holds for one kernel of one server process and for a few
hours, and is kept nowhere: who knows the key can tell whether it is right.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

PERIOD_SECONDS = 6 * 3600
"""One is given for the period that has begun, and holds for the next one too."""


class Capabilities:
    """One for each server."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._key, self._now = secrets.token_bytes(32), now

    def of(self, kernel_id: str) -> str:
        """Return the capability of a kernel, for somebody who may see it."""
        return self._in_period(kernel_id, self._period())

    def opens(self, capability: str, kernel_id: str) -> bool:
        """Tell whether it is that of the kernel, and not too old."""
        given = capability.encode("utf-8", "replace")
        periods = (self._period(), self._period() - 1)
        return any(hmac.compare_digest(given, self._in_period(kernel_id, period).encode()) for period in periods)

    def _period(self) -> int:
        return int(self._now() // PERIOD_SECONDS)

    def _in_period(self, kernel_id: str, period: int) -> str:
        digest = hmac.digest(self._key, f"{period} {kernel_id}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
