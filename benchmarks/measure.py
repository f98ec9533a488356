"""Timing side by side: each round takes every candidate once, in turn, so that noise falls on all of them alike."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)

Candidate = Callable[[], Awaitable[float | None]]
"""Does its work once; returns the seconds to count, or None when the whole call is to be counted."""


def side_by_side(candidates: Mapping[str, Candidate], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each candidate in each round; one more round warms up."""
    return asyncio.run(take_turns(candidates, rounds))


async def take_turns(
    candidates: Mapping[Name, Candidate], rounds: int, *, warm_up: bool = True
) -> dict[Name, list[float]]:
    """Do the same where an event loop runs already; without a warm-up each round counts."""
    seconds: dict[Name, list[float]] = {name: [] for name in candidates}
    for number in range(rounds + warm_up):
        for name, candidate in candidates.items():
            before = time.perf_counter()
            counted = await candidate()
            if number >= warm_up:
                seconds[name].append(counted if counted is not None else time.perf_counter() - before)
    return seconds


def report(title: str, seconds: Mapping[str, list[float]], unit: str = "ms") -> None:
    """Print median and quartiles of each candidate and its ratio to the first one's median."""
    scale = {"s": 1.0, "ms": 1e3, "us": 1e6}[unit]
    base = statistics.median(next(iter(seconds.values())))
    width = max(len(name) for name in seconds)
    print(f"\n{title}")
    for name, values in seconds.items():
        low, median, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
        print(
            f"  {name:{width}}  median {median * scale:9.3f} {unit}  "
            f"[{low * scale:.3f} .. {high * scale:.3f}]  ratio {median / base:5.2f}"
        )


def goal(what: str, value: float, limit: float, unit: str) -> None:
    """Print a number beside its goal; both in ``unit``."""
    verdict = "goal met" if value <= limit else "GOAL MISSED"
    print(f"  {what}: {value:.3f} {unit}, goal at most {limit:.3f} {unit}: {verdict}")


def goal_faster(what: str, ours: float, others: float, times: float) -> None:
    """Print how many times faster we are than somebody else, beside the goal; both in the same unit."""
    verdict = "goal met" if others >= ours * times else "GOAL MISSED"
    print(f"  {what}: {others / ours:.1f} times faster, goal at least {times:g} times: {verdict}")
