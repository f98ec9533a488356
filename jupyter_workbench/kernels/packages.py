"""The packages of one kernel process, for the run history: listed beside the kernel, by its own Python."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path, PurePath

from jupyter_workbench.targets.base import Running
from jupyter_workbench.targets.packages import MAX_BYTES, PROGRAM, Listing, read_listing

LIST_SECONDS = 30.0
"""How long a Python may take: a slow disk reads a large environment for the first time."""

PAUSE_SECONDS = 60.0
"""After a Python that gave no list."""

REAP_SECONDS = 1.0
"""How long the end of a killed Python is waited for: what it started elsewhere may hold its output open."""

_PIECE_BYTES = 1 << 16

Stamp = tuple[tuple[str, int], ...]

_log = logging.getLogger(__name__)
_known: dict[tuple[str, str | None], tuple[Stamp, Listing]] = {}
"""By interpreter and search path: what was listed, and how its folders were then."""


class KernelPackages:
    """Tells the packages of a kernel; one that runs elsewhere is asked there, once ``running`` is known."""

    def __init__(self, python: PurePath, environment: Mapping[str, str], *, is_elsewhere: bool) -> None:
        self.running: Running | None = None
        self._python, self._environment, self._is_elsewhere = python, environment, is_elsewhere
        self._failed_at: float | None = None

    async def __call__(self) -> tuple[str, ...] | None:
        """Return ``name==version``, sorted, or None when nobody knows. Cancelling it ends what it has begun."""
        if self._is_elsewhere:
            return await self.running.packages() if self.running is not None else None
        listing = await self._listing()
        return listing.packages if listing is not None else None

    async def _listing(self) -> Listing | None:
        key = (str(self._python), self._environment.get("PYTHONPATH"))
        known = _known.get(key)
        if known is not None and await asyncio.to_thread(_stamp, known[1]) == known[0]:
            return known[1]
        if self._failed_at is not None and time.monotonic() - self._failed_at < PAUSE_SECONDS:
            return None
        try:
            printed = await asyncio.wait_for(_printed(self._python, self._environment), LIST_SECONDS)
            listing = read_listing(printed)
        except asyncio.CancelledError:  # nobody waited so long, and nobody would at the next run
            self._failed_at = time.monotonic()
            raise
        except (OSError, ValueError, asyncio.TimeoutError) as error:
            self._failed_at = time.monotonic()
            _log.warning("The packages of %s cannot be listed: %s", self._python, error or "it took too long")
            return None
        _known[key] = (await asyncio.to_thread(_stamp, listing), listing)
        return listing


def _stamp(listing: Listing) -> Stamp:
    """Return when the folders have changed: an installation makes or renames something in one of them."""
    stamp = []
    for folder in listing.folders:
        with contextlib.suppress(OSError):
            stamp.append((folder, os.stat(folder).st_mtime_ns))  # noqa: PTH116 - hundreds of times a minute
    return tuple(stamp)


async def _printed(python: PurePath, environment: Mapping[str, str]) -> bytes:
    """Run the program in the interpreter's own folder: the project's has nothing to say."""
    process = await asyncio.create_subprocess_exec(
        *(str(python), "-I", "-c", PROGRAM),
        cwd=Path(python).parent,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None, "it is a pipe"
    output = b""
    try:
        while piece := await process.stdout.read(_PIECE_BYTES):
            output += piece
            if len(output) > MAX_BYTES:
                raise ValueError("it said too much")
        await process.wait()
    finally:
        if process.returncode is None:
            _kill(process)
            await _reap(process)
    if process.returncode:
        raise ValueError(f"exit code {process.returncode}")
    return output


def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill it and what it started: an interpreter may be a shell script around the real one."""
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


async def _reap(process: asyncio.subprocess.Process) -> None:
    """See the end of a killed process, which comes after all that is left in its pipe has been read."""
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(process.communicate(), REAP_SECONDS)
