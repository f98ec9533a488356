"""What uv printed when it failed -> its parts: the error, its causes, what a program that it ran said, its hints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

MOST_LINES = 12
"""Lines of a failed build that are shown: its reason stands at the end."""

_BEGINNING = re.compile(r"^(error|  cause|hint): ", re.MULTILINE)
_OUTPUT = re.compile(r"^\s*(\[stdout\]|\[stderr\]|--- stdout|--- stderr)\s*$", re.MULTILINE)
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*", re.MULTILINE)
_NOISE = re.compile(r"^\s*[\^~]+\s*$|^\s+File \"[^\"]*\", line \d+.*$", re.MULTILINE)


@dataclass(frozen=True)
class Words:
    """The parts of a failure; ``causes`` from the outermost to the innermost, the error itself first."""

    causes: tuple[str, ...]
    output: str = ""
    hints: tuple[str, ...] = ()

    @property
    def cut(self) -> str:
        """What matters of it: the last cause, and the end of what a program said."""
        last = self.causes[-1] if self.causes else ""
        return "\n".join(part for part in (last, self.output, *(f"hint: {hint}" for hint in self.hints)) if part)


def read_words(text: str) -> Words:
    """Part what uv printed; what is not in its form is one cause."""
    pieces = _BEGINNING.split(text)
    causes: list[str] = []
    hints: list[str] = []
    output = ""
    for kind, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        sentence, *said = _OUTPUT.split(piece, maxsplit=1)
        output = _end(said[-1]) if said else output
        (hints if kind == "hint" else causes).append(_flowing(sentence))
    return Words(tuple(causes) or (_end(text),), output, tuple(hints))


def _flowing(sentence: str) -> str:
    return " ".join(_NOISE.sub("", sentence).split())


def _end(output: str) -> str:
    """Leave the last lines, and of a traceback its exception."""
    text = _TRACEBACK.sub("", dedent(output))
    lines = [line.rstrip() for line in _NOISE.sub("", text).splitlines() if line.strip()]
    return "\n".join(lines[-MOST_LINES:])
