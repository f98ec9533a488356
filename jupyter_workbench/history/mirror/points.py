"""Logged numbers, and lists of numbers, as points of MLflow's metrics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_workbench.history.records.fields import decode

if TYPE_CHECKING:
    from jupyter_workbench.history.mirror.snapshot import Logged, Snapshot

_LARGEST_STEP = (1 << 63) - 1
# MLflow shows what begins so among the system metrics of a run.
_USAGE = {
    "cpu_seconds": "system/cpu_seconds",
    "cpu_peak": "system/cpu_peak_percentage",
    "memory_peak": "system/memory_peak_bytes",
    "gpu_peak": "system/gpu_peak_percentage",
    "gpu_memory_peak": "system/gpu_memory_peak_bytes",
}


class Point(NamedTuple):
    """``timestamp`` in milliseconds. The value may be NaN or infinite."""

    key: str
    value: float
    timestamp: int
    step: int


def points(key: str, logged: Logged, before: int) -> list[Point] | None:
    """Return the points of one value; None when it is no number and no list of numbers.

    ``before`` counts the points of the series so far: it is the step of a value that was logged without one. The same
    value gives the same points whenever it is sent, so that MLflow keeps one of each.
    """
    numbers = numbers_of(logged)
    if numbers is None:
        return None
    timestamp = milliseconds(logged.t)
    if logged.kind == "number":
        return [Point(key, numbers[0], timestamp, _whole(logged.step, before))]
    return [Point(key, number, timestamp, before + place) for place, number in enumerate(numbers)]


def usage(run: Snapshot) -> list[Point]:
    """Return what a run used, as far as it was measured."""
    timestamp = milliseconds(run.ended if run.ended is not None else run.started)
    used = {key: getattr(run, name) for name, key in _USAGE.items()}
    return [Point(key, float(value), timestamp, 0) for key, value in used.items() if value is not None]


def numbers_of(logged: Logged) -> list[float] | None:
    """Return the numbers that a value is made of, or None when it is another one."""
    if logged.kind == "number" and logged.number is not None:
        return [logged.number]
    if logged.kind not in ("number", "list"):
        return None
    value = decode(logged.value)
    items = value if isinstance(value, list) else [value]  # a NaN, which SQLite has as NULL, or an immense integer
    return [float(item) for item in items] if items and all(map(_is_number, items)) else None


def milliseconds(seconds: float) -> int:
    """Return a time as MLflow has it."""
    return int(seconds * 1000)


def _whole(step: float | None, otherwise: int) -> int:
    """MLflow's steps are whole numbers of 64 bits: half an epoch counts as the one that it is in."""
    return otherwise if step is None or abs(step) > _LARGEST_STEP else math.floor(step)


def _is_number(item: Any) -> bool:
    return isinstance(item, float) or (isinstance(item, int) and not isinstance(item, bool) and abs(item) < 1 << 1023)
