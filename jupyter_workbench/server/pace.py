"""A pace for things that are told: a few a second for each subject, and never without the first and the last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")

SECONDS_BETWEEN = 0.25


class Pace(Generic[Thing]):
    """Passes things on to ``tell``; what comes too soon waits, and gives way to what comes after it.

    Something that is ``final`` gives way to nothing. Everything happens on the event loop's thread.
    """

    def __init__(self, tell: Callable[[Thing], None], seconds_between: float = SECONDS_BETWEEN) -> None:
        self._tell, self._seconds_between = tell, seconds_between
        self._waiting: dict[str, list[tuple[Thing, bool]]] = {}
        """By subject, for as long as its next one would come too soon."""

    def take(self, subject: str, thing: Thing, *, final: bool) -> None:
        """Tell ``thing`` now, or as soon as its subject may be told of again."""
        waiting = self._waiting.get(subject)
        if waiting is None:
            self._pass_on(subject, thing)
        elif waiting and not waiting[-1][1]:
            waiting[-1] = (thing, final)
        else:
            waiting.append((thing, final))

    def _pass_on(self, subject: str, thing: Thing) -> None:
        self._waiting.setdefault(subject, [])
        asyncio.get_running_loop().call_later(self._seconds_between, self._go_on, subject)
        self._tell(thing)

    def _go_on(self, subject: str) -> None:
        waiting = self._waiting[subject]
        if waiting:
            self._pass_on(subject, waiting.pop(0)[0])
        else:
            del self._waiting[subject]
