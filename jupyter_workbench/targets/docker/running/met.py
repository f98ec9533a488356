"""The engines on which this process has looked for leftovers, each by its id."""

from __future__ import annotations

_met: set[str] = set()


def is_new(engine_id: str) -> bool:
    """Tell whether nobody has looked there, and take it that somebody does now."""
    if engine_id in _met:
        return False
    _met.add(engine_id)
    return True


def forget(engine_id: str) -> None:
    """Let the next start look once more: the engine went away, and may keep what is not here."""
    _met.discard(engine_id)
