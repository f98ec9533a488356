"""That something about a run cannot be decided or sent yet: no failure, only a time to come back at."""

from __future__ import annotations


class Postponed(Exception):
    """The run, or the rest of it, must wait until that time (epoch seconds)."""

    def __init__(self, until: float) -> None:
        super().__init__(until)
        self.until = until
