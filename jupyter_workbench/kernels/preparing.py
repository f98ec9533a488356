"""Make an environment ready ahead of time: what `workbench experiment prepare` and the server's REST do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

from jupyter_workbench.kernels.starting import read_entry
from jupyter_workbench.targets import TARGETS
from jupyter_workbench.targets.progress import Report

SETTLE_SECONDS = 20.0


async def settled() -> None:
    """Wait a while for what preparations still do in the background; a container that goes on ends by itself."""
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.gather(*(target.settled() for target in TARGETS.values())), SETTLE_SECONDS)


async def prepare_environment(
    project_dir: Path, name: str, environment: Mapping[str, str], report: Report, *, upgrade: bool = False
) -> str:
    """Make everything ready that a kernel of the run configuration ``name`` needs.

    Returns a sentence that says so, and below it what the user must know, a line each.
    ``environment`` is that of the process that asks; ``upgrade`` takes the newest packages that the project allows.
    May be cancelled at any time. Raises `WorkbenchError` with the whole reason.
    """
    project, entry = await read_entry(project_dir, name)
    prepared = await TARGETS[str(entry.target_type)].prepare(project, entry, environment, report, upgrade=upgrade)
    if prepared.elsewhere is None and prepared.spark is None:
        return f"{project.name} {name} needs no preparation: its kernel runs in {prepared.python}."
    ready = f"{project.name} {name} is ready: its next kernel starts at once."
    return "\n".join(filter(None, (ready, prepared.notice)))
