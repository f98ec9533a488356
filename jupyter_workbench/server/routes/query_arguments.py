"""The query of a URL: parameters by name, which are checked before anything is done.

Values are taken as they were sent: names and values that people log may have blanks at their ends, and any character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from jupyter_workbench.config.problems import did_you_mean
from jupyter_workbench.server.routes.arguments import MOST_CHARACTERS, REQUIRED, BadRequest

OF_JUPYTER = re.compile(r"token|no_track_activity|_xsrf|_|\d+")
"""Parameters of no route but of the server and its front ends; a number keeps a browser from answering itself."""

LAST_SECOND = 253402300799.0
"""Of the year 9999."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: what it must be, in words, how it is read (ValueError: it is not), and an example of it."""

    expected: str
    read: Callable[[str], Any]
    example: str
    default: Any = REQUIRED
    is_list: bool = False


def words(example: str, default: Any = None) -> Parameter:
    """Return a parameter that is any text."""
    return Parameter("a text", str, example, default)


def list_of_words(example: str) -> Parameter:
    """Return a parameter that may be there any number of times."""
    return Parameter("a text", str, example, (), is_list=True)


def one_of(*choices: str) -> Parameter:
    """Return a parameter that is one of these texts, or None."""

    def read(value: str) -> str:
        if value not in choices:
            raise ValueError
        return value

    return Parameter(f"{', '.join(choices[:-1])} or {choices[-1]}", read, choices[0], None)


def switch() -> Parameter:
    """Return a parameter that is true or false, false when it is missing."""

    def read(value: str) -> bool:
        return {"true": True, "false": False}[value]

    return Parameter("true or false", read, "true", default=False)


def whole_number(smallest: int, largest: int, default: int) -> Parameter:
    """Return a parameter that is a whole number."""

    def read(value: str) -> int:
        if not re.fullmatch(r"\d{1,16}", value, re.ASCII) or not smallest <= int(value) <= largest:
            raise ValueError
        return int(value)

    return Parameter(f"a whole number from {smallest} to {largest}", read, str(default), default)


def moment() -> Parameter:
    """Return a parameter that is a moment, in seconds since 1970 once it is read, or None."""
    return Parameter("a date, with or without a time, or seconds since 1970", _seconds, "2026-11-21T13:46:02Z", None)


def read_query(query: Mapping[str, Sequence[bytes]], parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return the value of every parameter, in the order of ``parameters``. Raises BadRequest with the first wrong one.

    ``project_dir`` and what the server itself reads may be there, and are passed over.
    """
    for name in query:
        if name not in parameters and name != "project_dir" and not OF_JUPYTER.fullmatch(name):
            meant = did_you_mean(name, parameters)
            known = ", ".join(sorted({*parameters, "project_dir"}))
            hint = f"did you mean {meant}?" if meant else f"expected one of {known}"
            raise BadRequest(f"{shown(name)}: unknown parameter - {hint}")
    return {name: _value(name, query.get(name, ()), parameter) for name, parameter in parameters.items()}


def shown(value: str) -> str:
    """Return a value that was refused, cut short if need be."""
    return value if len(value) <= MOST_CHARACTERS else f"{value[:MOST_CHARACTERS]}..."


def _value(name: str, sent: Sequence[bytes], parameter: Parameter) -> Any:
    write = f"write {name}={parameter.example}"
    if not sent:
        if parameter.default is REQUIRED:
            raise BadRequest(f"{name}: expected {parameter.expected}, got nothing - {write}")
        return parameter.default
    if len(sent) > 1 and not parameter.is_list:
        raise BadRequest(f"{name}: expected one, got {len(sent)} - {write}")
    values = [_read(name, one, parameter, write) for one in sent]
    return tuple(values) if parameter.is_list else values[0]


def _read(name: str, sent: bytes, parameter: Parameter, write: str) -> Any:
    try:
        text = sent.decode()
    except UnicodeDecodeError:
        raise BadRequest(f"{name}: expected UTF-8, got {sent[:MOST_CHARACTERS]!r} - {write}") from None
    try:
        return parameter.read(text)
    except (ValueError, KeyError, OverflowError):
        raise BadRequest(f"{name}: expected {parameter.expected}, got {shown(text)} - {write}") from None


def _seconds(value: str) -> float:
    """Read a moment; one without a time zone is in UTC."""
    if re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII):
        seconds = float(value)
    else:
        # Python 3.10 does not know the Z.
        told = datetime.fromisoformat(re.sub(r"[Zz]\Z", "+00:00", value))
        seconds = (told if told.tzinfo else told.replace(tzinfo=timezone.utc)).timestamp()
    if not 0 <= seconds <= LAST_SECOND:
        raise ValueError
    return seconds
