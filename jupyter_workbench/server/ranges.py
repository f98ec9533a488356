"""Which bytes of a content a request asks for: `Range` and the conditions beside it, as RFC 9110 has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MOST_RANGES = 50
"""More of them in one request are no download that goes on but a burden: all of it is sent instead, as allowed."""

_RANGES = re.compile(r"bytes[ \t]*=(.*)", re.IGNORECASE | re.DOTALL)
_ONE = re.compile(r"(\d{1,18})-(\d{1,18})?|-(\d{1,18})", re.ASCII)
_TAGS = re.compile(r'\*|(?:W/)?"[^"]*"')


class NoRangeInside(Exception):
    """None of the ranges has a byte of the content: 416."""


@dataclass(frozen=True)
class Span:
    """The bytes from ``first`` to ``last``, both among them."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.last - self.first + 1

    def of(self, size: int) -> str:
        """Return the value of `Content-Range` in a content of ``size`` bytes."""
        return f"bytes {self.first}-{self.last}/{size}"


def spans(headers: Mapping[str, str], etag: str, size: int) -> list[Span] | None:
    """Return what to send of ``size`` bytes, None for all of it. Raises NoRangeInside.

    A `Range` that is not understood counts as none, and so does one whose `If-Range` names another content. Ranges that
    overlap become one.
    """
    wanted = _RANGES.fullmatch(headers.get("Range", "").strip())
    if wanted is None or headers.get("If-Range", etag).strip() != etag:
        return None
    pieces = [piece.strip() for piece in wanted[1].split(",") if piece.strip()]
    matches = [match for piece in pieces if (match := _ONE.fullmatch(piece))]
    if not matches or len(matches) < len(pieces) or len(matches) > MOST_RANGES:
        return None
    if any(match[2] and int(match[2]) < int(match[1]) for match in matches):
        return None
    if size == 0 and any(match[3] and int(match[3]) for match in matches):
        return None  # the last bytes of nothing are nothing, and no Content-Range can say so
    found = [span for match in matches if (span := _span(match, size)) is not None]
    if not found:
        raise NoRangeInside
    return _apart(found)


def is_unchanged(headers: Mapping[str, str], etag: str) -> bool:
    """Tell whether `If-None-Match` names this content: 304."""
    tags = _TAGS.findall(headers.get("If-None-Match", ""))
    return "*" in tags or etag in (tag.removeprefix("W/") for tag in tags)


def is_another(headers: Mapping[str, str], etag: str) -> bool:
    """Tell whether `If-Match` names other contents only: 412."""
    if "If-Match" not in headers:
        return False
    tags = _TAGS.findall(headers["If-Match"])
    return "*" not in tags and etag not in tags


def _span(match: re.Match[str], size: int) -> Span | None:
    """Return the bytes that there are of one range."""
    if match[3] is not None:
        first, last = max(0, size - int(match[3])), size - 1
    else:
        first, last = int(match[1]), min(size - 1, int(match[2] or size - 1))
    return Span(first, last) if first <= last else None


def _apart(found: Sequence[Span]) -> list[Span]:
    """Return the spans as they came if no two share a byte, else merged from the first byte on."""
    merged: list[Span] = []
    for span in sorted(found, key=lambda span: span.first):
        if merged and span.first <= merged[-1].last:
            merged[-1] = Span(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return list(found) if len(merged) == len(found) else merged
