"""Parts of `benchmarks.history`: what history costs an empty cell, and what one logged value costs."""

from __future__ import annotations

import asyncio
import math
import statistics
from collections.abc import Mapping

from benchmarks.history_tracked import OURS_OFF, OURS_ON, Candidate, Tracked, shuffled
from benchmarks.measure import goal, goal_faster, report

CELLS, UNCOUNTED_CELLS = 20, 3  # of a block; the first ones come right after the switch
REST_SECONDS = 0.2


async def cells(tracked: Tracked, rounds: int) -> None:
    """Time blocks of empty cells until their replies, and until the kernel is idle."""
    candidates = tracked.candidates
    replies: dict[str, list[list[float]]] = {name: [] for name in candidates}
    idles: dict[str, list[list[float]]] = {name: [] for name in candidates}
    for number in range(rounds + 1):
        for name in shuffled(candidates, number):
            trips = await _block(candidates[name])
            await asyncio.sleep(REST_SECONDS)
            if number:
                replies[name].append([reply for reply, _ in trips])
                idles[name].append([idle for _, idle in trips])
    for what, blocks in (("reply", replies), ("idle", idles)):
        report(f"empty cell until {what}", {name: [t for block in blocks[name] for t in block] for name in blocks})
        _differences(blocks)


async def _block(candidate: Candidate) -> list[tuple[float, float]]:
    await candidate.notebook.run(candidate.on)
    trips = [await candidate.notebook.run("pass") for _ in range(UNCOUNTED_CELLS + CELLS)]
    await candidate.notebook.run(candidate.off)
    return trips[UNCOUNTED_CELLS:]


def _differences(blocks: Mapping[str, list[list[float]]]) -> None:
    """Print what each candidate costs, block by block beside the same round's cells with history off."""
    medians = {name: [statistics.median(block) for block in blocks[name]] for name in blocks}
    off = statistics.median(medians[OURS_OFF]) * 1e3
    for name in list(medians)[1:]:
        pairs = zip(medians[name], medians[OURS_OFF], strict=True)
        costs = [(on - off) * 1e3 for on, off in pairs]
        low, cost, high = statistics.quantiles(costs, n=4) if len(costs) > 1 else costs * 3
        print(f"  {name} costs {cost:+.3f} ms [{low:+.3f} .. {high:+.3f}], {cost / off:+.1%}")
        if name == OURS_ON:
            goal("cost of history on", cost, 0.3, "ms")


async def logs(tracked: Tracked, rounds: int) -> None:
    """Time `log` until it returns: what it was called for survives a kill then."""
    candidates, stores = tracked.candidates, tracked.stores
    means: dict[str, list[float]] = {name: [] for name in stores}
    slowest: dict[str, list[float]] = {name: [] for name in stores}
    for number in range(rounds + 1):
        for name in shuffled(stores, number):
            candidate, expected = candidates[name], stores[name].count("metrics") + 2 * math.prod(candidates[name].logs)
            await candidate.notebook.run(candidate.on)
            batches, p99 = await candidate.notebook.value("timed({}, {})".format(*candidate.logs))
            await candidate.notebook.run(candidate.off)
            while stores[name].count("metrics") < expected:  # noqa: ASYNC110 - what is left must not slow the next one
                await asyncio.sleep(0.1)
            if number:
                means[name] += batches
                slowest[name].append(p99)
    report("one value logged, until `log` returned: means of batches", means, "us")
    medians = [statistics.median(of_one) for of_one in means.values()]
    goal("one logger.log", medians[0] * 1e6, 5, "microseconds")
    if len(medians) > 1:
        goal_faster("logging, beside the faster MLflow", medians[0], min(medians[1:]), 20)
    report("one value logged: 99th percentile of single calls, a round each", slowest, "us")
