"""How far a preparation is: what a target reports while it makes itself ready, and what every front end shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Step: TypeAlias = Literal["engine", "image", "environment", "project", "kernel"]
Unit: TypeAlias = Literal["bytes", "packages", "files"]


@dataclass(frozen=True)
class Progress:
    """One moment of a preparation; ``done`` of ``total`` counts ``unit``, as far as these are known.

    ``said`` are the lines of the program that works (an installer, an engine) since the moment before.
    """

    step: Step
    message: str
    done: int | None = None
    total: int | None = None
    unit: Unit | None = None
    said: tuple[str, ...] = ()


Report: TypeAlias = Callable[[Progress], None]
"""Takes each moment as it comes, on the thread of the event loop; must be cheap."""


def quiet(_: Progress) -> None:
    """Report to nobody."""
