"""Lines of a builder's log are progress or an outcome; others are passed over."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from jupyter_workbench.targets.build_output import Failed, Ready, lines, read
from jupyter_workbench.targets.progress import Progress


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ('{"step": "environment", "message": "Resolving packages"}', Progress("environment", "Resolving packages")),
        (
            '{"step": "environment", "message": "Installing", "done": 1, "total": 2, "unit": "packages"}',
            Progress("environment", "Installing", 1, 2, "packages"),
        ),
        (
            '{"step": "environment", "message": "Installing", "said": " + six==1.16.0"}',
            Progress("environment", "Installing", said=(" + six==1.16.0",)),
        ),
        ('{"ready": {"python": "3.11.2"}}', Ready({"python": "3.11.2"})),
        ('{"error": {"kind": "uv", "message": "No solution found"}}', Failed("uv", "No solution found")),
        ("Traceback (most recent call last):", None),
        ('{"step": "environment"}', None),
        ('{"ready": null}', None),
        ('"ready"', None),
        ("", None),
    ],
)
def test_a_line_is_progress_or_an_outcome(line: str, meaning: object) -> None:
    assert read(line) == meaning


async def test_lines_come_whole_however_the_log_is_cut() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for chunk in ("Grüße\nzw".encode()[:3], "Grüße\nzw".encode()[3:], b"ei\n\nrest"):
            yield chunk

    assert [line async for line in lines(chunks())] == ["Grüße", "zwei", "", "rest"]
