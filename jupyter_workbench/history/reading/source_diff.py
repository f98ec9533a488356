"""How one source differs from another, as a unified diff, in a time that the length of both bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

_Opcode = tuple[str, int, int, int, int]

_CONTEXT = 3
_MOST_PAIRS = 10_000_000
"""Of lines that are matched: difflib takes cubic time for lines that repeat, hours for a cell of some MB."""


def unified(first: str, other: str, name: str, other_name: str) -> str:
    """Return the diff that makes ``other`` of ``first``; empty when no line differs.

    Where too many lines differ, the whole stretch from the first to the last of them is shown as replaced.
    """
    old, new = first.splitlines(), other.splitlines()
    if old == new:
        return ""
    matcher = SequenceMatcher(None, "", "")
    matcher.opcodes = _opcodes(old, new)  # type: ignore[attr-defined]  # what its methods keep their answer in
    lines = [f"--- {name}", f"+++ {other_name}"]
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        lines += _hunk(old, new, group)
    return "\n".join(lines)


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[_Opcode]:
    """Match what lies between the lines that are alike at both ends; see `SequenceMatcher.get_opcodes`."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    until, new_until = len(old) - tail, len(new) - tail
    found = [("equal", 0, head, 0, head)] if head else []
    found += [
        (kind, head + a, head + b, head + c, head + d)
        for kind, a, b, c, d in _between(old[head:until], new[head:new_until])
    ]
    return [*found, ("equal", until, len(old), new_until, len(new))] if tail else found


def _between(old: Sequence[str], new: Sequence[str]) -> list[_Opcode]:
    if len(old) * len(new) > _MOST_PAIRS:
        return [("replace", 0, len(old), 0, len(new))]
    return list(SequenceMatcher(None, old, new).get_opcodes())


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the lines at the beginning that are the same in both."""
    pairs = zip(old, new, strict=False)
    return next((number for number, (one, another) in enumerate(pairs) if one != another), min(len(old), len(new)))


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[_Opcode]) -> Iterator[str]:
    yield f"@@ -{_range(group[0][1], group[-1][2])} +{_range(group[0][3], group[-1][4])} @@"
    for kind, start, end, new_start, new_end in group:
        if kind == "equal":
            yield from (f" {line}" for line in old[start:end])
            continue
        yield from (f"-{line}" for line in old[start:end])
        yield from (f"+{line}" for line in new[new_start:new_end])


def _range(start: int, end: int) -> str:
    """Write a range of lines as `diff -u` does: from 1, the line before where it is empty, no length of 1."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"
