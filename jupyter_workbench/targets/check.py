"""One line of what `workbench computetarget test` says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """What was looked at, whether a kernel can do with it, how it is, and where it cannot, what to do."""

    name: str
    ok: bool
    message: str
    fix: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return ``{name, ok, message, fix}``."""
        return asdict(self)
