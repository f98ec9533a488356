"""What a compute target is to the rest of the house: a module with the members of `Target`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Entry, Project


@dataclass(frozen=True)
class Prepared:
    """Where a kernel runs, once its compute target is ready.

    ``environment`` is the whole environment of the kernel process. ``notice`` is one line that the user must read in
    the first cell, such as another interpreter than the one asked for.
    """

    python: Path
    directory: Path
    environment: Mapping[str, str]
    notice: str | None = None


class Target(Protocol):
    """A kind of compute target. Modules satisfy it: see `local`."""

    async def problems(self, project: Project, entry: Entry, environment: Mapping[str, str]) -> tuple[Problem, ...]:
        """Tell what would keep a kernel of this run configuration from starting; look, and change nothing."""
        ...

    async def prepare(self, project: Project, entry: Entry, environment: Mapping[str, str]) -> Prepared:
        """Make the target ready to start a kernel of this run configuration.

        ``environment`` is that of the server. Must not block the event loop and may be cancelled at any time.
        Raises `TargetError` with the whole reason, where it stands and what to do.
        """
        ...
