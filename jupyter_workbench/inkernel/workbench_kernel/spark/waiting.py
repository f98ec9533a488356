"""Waits for Spark as a user can bear it: visibly after a second, and interruptibly."""

from __future__ import annotations

from time import monotonic
from typing import Callable

from .boot import Boot
from .place import Place

VISIBLE_SECONDS = 1.0
TICK_SECONDS = 0.25


def wait(boot: Boot, new_place: Callable[[], Place]) -> None:
    """Return when Spark has started or could not be started."""
    began = shown = monotonic()
    place = None
    try:
        while not boot.wait(TICK_SECONDS):
            now = monotonic()
            if now - shown >= VISIBLE_SECONDS:
                shown = now
                place = place or new_place()
                text = "Waiting for Spark to start ({:.0f} s)".format(now - began)
                place.show(text, '<span style="opacity: 0.7">{}</span>'.format(text))
    finally:
        if place is not None:
            place.clear()
