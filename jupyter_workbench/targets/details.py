"""What a compute target has to run kernels with. What nobody knows is None."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Disk:
    """The file system with a folder; sizes are in bytes."""

    folder: str
    total: int
    free: int


@dataclass(frozen=True)
class Image:
    """An image; without ``id`` it is not on the engine yet. ``size`` is in bytes."""

    name: str
    id: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Details:
    """``cores`` and ``memory`` (bytes) are the most that a kernel gets; ``python`` is that of the kernels.

    ``problem`` says why something is not known that should be.
    """

    cores: float | None = None
    memory: int | None = None
    disk: Disk | None = None
    image: Image | None = None
    python: str | None = None
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as `docs/reference/rest.md` has it."""
        return asdict(self)
