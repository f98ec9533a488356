"""How one source differs from another."""

from __future__ import annotations

import itertools
import re

import pytest

from jupyter_workbench.history.reading import source_diff
from jupyter_workbench.history.reading.source_diff import unified


def test_the_diff_makes_the_other_source_of_the_first() -> None:
    sources = ["\n".join(lines) for length in range(4) for lines in itertools.product("ab", repeat=length)]
    middle = "\n".join("0123456789")
    sources += [f"a\n{middle}\nb", f"a\n{middle}\na", f"{middle}\nb\n{middle}", middle]
    for first, other in itertools.product(sources, repeat=2):
        assert applied(first.splitlines(), unified(first, other, "x", "y")) == other.splitlines()


def applied(lines: list[str], diff: str) -> list[str]:
    made: list[str] = []
    at = 0
    for line in diff.splitlines()[2:]:
        if found := re.fullmatch(r"@@ -(\d+)(,0)?(?:,\d+)? \+\d+(?:,\d+)? @@", line):
            start = int(found[1]) if found[2] else int(found[1]) - 1
            made += lines[at:start]
            at = start
            continue
        if line[0] in " -":
            assert lines[at] == line[1:]
            at += 1
        if line[0] in " +":
            made.append(line[1:])
    return made + lines[at:]


def test_sources_of_many_lines_that_repeat_are_compared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    matched: list[int] = []

    class Matcher(source_diff.SequenceMatcher):  # type: ignore[type-arg]
        def __init__(self, junk: None, old: str, new: str) -> None:
            matched.append(len(old) * len(new))
            super().__init__(junk, old, new)

    monkeypatch.setattr(source_diff, "SequenceMatcher", Matcher)
    first = "\n".join(["import this", *(f"x{i % 50} = {i % 7}" for i in range(100_000)), "print(x0)"])
    other = "\n".join(["import this", *(f"x{i % 50} = {i * 3 % 7}" for i in range(100_001)), "print(x0)"])
    told = unified(first, other, "x", "y").splitlines()
    # The first two lines are alike, and the last one.
    assert told[:4] == ["--- x", "+++ y", "@@ -1,100002 +1,100003 @@", " import this"]
    assert len(told) == 3 + 2 + 99_999 + 100_000 + 1
    assert max(matched) < 100_000_000


def test_one_line_that_differs_is_found_in_a_source_of_any_length() -> None:
    lines = [f"x{i % 50} = 1" for i in range(200_000)]
    changed = [*lines[:100_000], "y = 2", *lines[100_001:]]
    told = unified("\n".join(lines), "\n".join(changed), "x", "y").splitlines()
    assert told[2:] == [
        "@@ -99998,7 +99998,7 @@",
        *(f" x{i} = 1" for i in (47, 48, 49)),
        "-x0 = 1",
        "+y = 2",
        *(f" x{i} = 1" for i in (1, 2, 3)),
    ]
