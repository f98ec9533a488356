from __future__ import annotations

import asyncio

import pytest

from jupyter_workbench.server.pace import Pace

SHORT = 0.02


class Listener:
    """Keeps what it is told, and when."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.times: list[float] = []
        self._more = asyncio.Event()

    def __call__(self, thing: str) -> None:
        self.told.append(thing)
        self.times.append(asyncio.get_running_loop().time())
        self._more.set()

    async def until(self, number: int) -> list[str]:
        while len(self.told) < number:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 10)
        return self.told


@pytest.fixture
def a_listener() -> Listener:
    return Listener()


async def test_the_first_is_told_at_once(a_listener):
    Pace(a_listener, SHORT).take("k1", "first", final=False)
    assert a_listener.told == ["first"]


async def test_what_comes_too_soon_gives_way_to_what_comes_after_it(a_listener):
    pace = Pace(a_listener, SHORT)
    for thing in ("first", "second", "third"):
        pace.take("k1", thing, final=False)
    assert await a_listener.until(2) == ["first", "third"]


async def test_something_final_gives_way_to_nothing(a_listener):
    pace = Pace(a_listener, SHORT)
    for thing, final in [("first", False), ("dead", True), ("preparing", False), ("running", True), ("dead", True)]:
        pace.take("k1", thing, final=final)
    assert await a_listener.until(4) == ["first", "dead", "running", "dead"]


async def test_a_subject_is_told_of_no_faster_than_the_pace(a_listener):
    pace = Pace(a_listener, SHORT)
    for number in range(4):
        pace.take("k1", str(number), final=True)
    await a_listener.until(4)
    between = [later - earlier for earlier, later in zip(a_listener.times, a_listener.times[1:], strict=False)]
    assert min(between) >= SHORT * 0.9  # the loop's clock may be a little early


async def test_one_subject_does_not_wait_for_another(a_listener):
    pace = Pace(a_listener, SHORT)
    pace.take("k1", "of one", final=False)
    pace.take("k2", "of another", final=False)
    assert a_listener.told == ["of one", "of another"]


async def test_a_subject_of_which_nothing_more_is_told_is_forgotten(a_listener):
    pace = Pace(a_listener, SHORT)
    pace.take("k1", "first", final=True)
    pace.take("k2", "a clock", final=True)
    pace.take("k2", "strikes", final=True)  # after the pause of both
    await a_listener.until(3)
    assert list(pace._waiting) == ["k2"]
