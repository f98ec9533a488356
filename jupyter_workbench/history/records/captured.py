"""What the server finds out about the surroundings of a run, a moment after it began."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Captured:
    """The project and the kernel's packages at the time ``captured`` (epoch seconds); what nobody knows is None.

    ``diff`` leads from the commit to the files as they were, and is None where nothing differs. ``git_problem`` tells
    in words why the rest of git is not known. ``packages`` are ``name==version``, sorted.
    """

    captured: float
    commit_id: str | None = None
    branch: str | None = None
    git_remote: str | None = None
    dirty: bool | None = None
    diff: str | None = None
    git_problem: str | None = None
    packages: tuple[str, ...] | None = None
