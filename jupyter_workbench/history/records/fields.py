"""What a field of a record may be; whatever a kernel sends beyond that is refused."""

from __future__ import annotations

import json
import math
import re

BEYOND_DATES = 253402300799.0  # the last second of the year 9999: what datetime can show
MAX_NAME = 250
MAX_TAG_VALUE = 5000
MAX_NOTE = 50_000
MAX_PATH = 1024
_MAX_DIGITS = 4300  # Python refuses to convert longer integers: they are kept as their digits
_SHA256 = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


class BadRecordError(ValueError):
    """A line that is no record of this format; it is counted and passed over."""


def time(value: object) -> float:
    """Take seconds that a date can hold."""
    if type(value) is float and 0 <= value <= BEYOND_DATES:
        return value
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= BEYOND_DATES:
        raise BadRecordError("not a time in seconds")
    return float(value)


def count(value: object) -> int:
    """Take a number of things that the database can hold."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        raise BadRecordError("not a count")
    return value


def optional_count(value: object) -> int | None:
    """Take a count, or None."""
    return None if value is None else count(value)


def amount(value: object) -> float | None:
    """Take a measured amount, or None for one that is not known (nor possible)."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        return None
    return float(value)


def step(value: object) -> int | float | None:
    """Take the x of a logged value; None when it is none that can be drawn."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 63 else None
    return value if math.isfinite(value) else None


def key(value: object) -> str:
    """Take the key of a run."""
    if not isinstance(value, str) or not 0 < len(value) <= 64 or not value.isascii():
        raise BadRecordError("not the key of a run")
    return value


def sha256(value: object) -> str:
    """Take a hash in lower-case hexadecimal."""
    if not isinstance(value, str) or not _SHA256.match(value):
        raise BadRecordError("not a SHA-256 in hexadecimal")
    return value


def text(value: object) -> str:
    """Take text as the database can hold it: a lone surrogate becomes its escape."""
    if not isinstance(value, str):
        raise BadRecordError("not text")
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()


def optional_text(value: object) -> str | None:
    """Take text, or None."""
    return text(value) if isinstance(value, str) else None


def name(value: object) -> str:
    """Take a name that a user gave: 1 to ``MAX_NAME`` characters, not blanks only."""
    told = text(value)
    if not told.strip() or len(told) > MAX_NAME:
        raise BadRecordError("not a name")
    return told


def tag_value(value: object) -> str:
    """Take the value of a tag."""
    told = text(value)
    if len(told) > MAX_TAG_VALUE:
        raise BadRecordError("too long for a tag")
    return told


def path(value: object) -> str:
    """Refuse a path that is not safe to show and to offer for download: relative, printable, without dot parts."""
    if not isinstance(value, str) or len(value) > MAX_PATH or not value.isprintable():
        raise BadRecordError("not the relative path of an output")
    parts = value.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in value or ":" in parts[0]:
        raise BadRecordError("not the relative path of an output on every system")
    return value


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


# ASCII keeps lone surrogates in values, which are lossless.
encode = json.JSONEncoder(separators=(",", ":")).encode
decode = json.JSONDecoder(parse_int=_integer).decode
