"""How far a preparation is, on stderr: one line that renews itself in a terminal, else one line a change."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import click

from jupyter_workbench.cli.table import cell, text_width

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from jupyter_workbench.targets.progress import Progress

REFRESH_SECONDS = 0.25
REPEAT_SECONDS = 10
"""How often a step that takes long is told without a terminal."""

BAR_WIDTH = 20
ERASE_LINE = "\r\033[K"


class ProgressLine:
    """Takes each moment of a preparation and shows it; `shown` is the context to use it in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._progress: Progress | None = None
        self._told = self._started
        self._terminal = sys.stderr.isatty()

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[Callable[[Progress], None]]:
        """Give the function that takes each moment. The line of a terminal is gone afterwards."""
        ticking = asyncio.create_task(self._tick()) if self._terminal else None
        try:
            yield self._report
        finally:
            if ticking is not None:
                ticking.cancel()
                with suppress(asyncio.CancelledError):
                    await ticking
                click.echo(ERASE_LINE, err=True, nl=False)

    def _report(self, progress: Progress) -> None:
        last, self._progress = self._progress, progress
        if self._terminal:
            return
        changed = last is None or (last.step, last.message) != (progress.step, progress.message)
        is_time = not progress.said and self._clock() - self._told >= REPEAT_SECONDS
        if changed or is_time:
            self._told = self._clock()
            click.echo(f"{self._elapsed()}  {_words(progress)}", err=True)

    async def _tick(self) -> None:
        while True:
            if self._progress is not None:
                columns = shutil.get_terminal_size().columns
                line = _fitted(f"{self._elapsed()}  {_bar(self._progress)}{_words(self._progress)}", columns - 1)
                click.echo(f"{ERASE_LINE}{line}", err=True, nl=False)
            await asyncio.sleep(REFRESH_SECONDS)

    def _elapsed(self) -> str:
        seconds = int(self._clock() - self._started)
        return f"{seconds // 60}:{seconds % 60:02d}"


def bytes_text(size: int) -> str:
    """Write ``532 B``, ``1.4 kB``, ``32.1 MB``, ``5.0 GB``: units of 1000."""
    if size < 1000:
        return f"{size} B"
    number = float(size)
    for unit in ("kB", "MB", "GB"):
        number /= 1000
        if number < 999.95:
            return f"{number:.1f} {unit}"
    return f"{number / 1000:.1f} TB"


def _words(progress: Progress) -> str:
    amount = _amount(progress)
    return f"{progress.step}: {cell(progress.message)}{f', {amount}' if amount else ''}"


def _amount(progress: Progress) -> str | None:
    """Write how much is done of how much; of packages and files only in between, where the message does not tell."""
    done, total, unit = progress.done, progress.total, progress.unit
    if done is None or unit is None or (unit != "bytes" and done in (0, total)):
        return None
    show = bytes_text if unit == "bytes" else str
    amount = show(done) + (f" of {show(total)}" if total else "")
    return amount if unit == "bytes" else f"{amount} {unit}"


def _bar(progress: Progress) -> str:
    """Draw how much is done, or nothing where that is not known."""
    if not progress.total or progress.done is None:
        return ""
    full = min(BAR_WIDTH, BAR_WIDTH * progress.done // progress.total)
    return f"[{'#' * full}{'-' * (BAR_WIDTH - full)}]  "


def _fitted(line: str, width: int) -> str:
    while text_width(line) > width:
        line = line[:-1]
    return line
