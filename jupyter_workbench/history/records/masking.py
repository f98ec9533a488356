"""Secrets that are masked in sources, prints, tracebacks, errors, diffs and remotes before these are stored.

Only the secret is masked, so that the text stays readable. One in any other form is not recognised; what a user logs is
the user's own word and is not looked at.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from jupyter_workbench.history.records.secret_forms import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator

MASKED = "[masked]"


_STORAGE_KEY = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==")  # of Azure: 64 bytes
_LOWER = {ord(letter): letter.lower() for letter in string.ascii_uppercase}  # str.lower() may change the length


def mask(text: str) -> str:
    """Return the text with every secret that is recognised replaced by ``[masked]``."""
    parts: list[str] = []
    end = 0
    for start, stop in sorted(_secrets(text)):
        if start >= end:
            parts.extend((text[end:start], MASKED))
        end = max(end, stop)
    return "".join((*parts, text[end:])) if parts else text


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    """Find the places of the secrets; they may overlap."""
    lower = text.lower() if text.isascii() else text.translate(_LOWER)
    for words, pattern in FAMILIES:
        for word in words:
            position = lower.find(word)
            while position >= 0:
                found = pattern.match(text, position)
                if found and found.groupdict().get("open") is None:
                    yield found.span("secret" if "secret" in pattern.groupindex else 0)
                position = lower.find(word, found.end() if found else position + 1)
    if "==" in text:
        yield from (found.span() for found in _STORAGE_KEY.finditer(text))
