"""One line of the page that `workbench doctor` prints."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True)
class Check:
    """What was looked at, how it is, and the command (or the deed) that mends it."""

    name: str
    status: Literal["ok", "warning", "failure"]
    detail: str
    fix: str | None = None

    REINSTALL: ClassVar[str] = f"{sys.executable} -m pip install --force-reinstall jupyter_workbench"

    @classmethod
    def ok(cls, name: str, detail: str) -> Check:
        """Return a pass."""
        return cls(name, "ok", detail)

    @classmethod
    def warning(cls, name: str, detail: str, fix: str) -> Check:
        """Return something that works, but perhaps not as the user thinks."""
        return cls(name, "warning", detail, fix)

    @classmethod
    def failure(cls, name: str, detail: str, fix: str) -> Check:
        """Return something that keeps kernels from working."""
        return cls(name, "failure", detail, fix)

    def as_json(self) -> dict[str, str | None]:
        """Return ``{name, status, detail, fix}``."""
        return asdict(self)
