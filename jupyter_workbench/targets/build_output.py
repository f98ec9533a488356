"""What the builder prints, line by line: `environments.builder` says what it may be."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from jupyter_workbench.targets.progress import Progress


@dataclass(frozen=True)
class Ready:
    """The environment can be used; ``facts`` are those of its ``ready.json``."""

    facts: dict[str, Any]


@dataclass(frozen=True)
class Failed:
    """The environment cannot be built; ``kind`` says what is to blame. `environments.failures` explains the words."""

    kind: str
    words: str


async def lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Yield the lines of a log that comes in pieces."""
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")


def read(line: str) -> Progress | Ready | Failed | None:
    """Return what a line of the builder says; None when it is none of its own."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    match said:
        case {"ready": dict(facts)}:
            return Ready(facts)
        case {"error": {"kind": str(kind), "message": str(words)}}:
            return Failed(kind, words)
        case {"step": "environment", "message": str(message)}:
            spoken = (str(said["said"]),) if "said" in said else ()
            return Progress("environment", message, said.get("done"), said.get("total"), said.get("unit"), spoken)
    return None
