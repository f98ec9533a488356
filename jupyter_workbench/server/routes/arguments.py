"""The bodies of requests: one JSON object each, whose fields are checked before anything is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_workbench.config.problems import did_you_mean
from jupyter_workbench.errors import WorkbenchError

REQUIRED = object()
MISSING: Any = object()
"""The value of a field that may be missing where None would be something else."""

MOST_DAYS = 36_500
MOST_CHARACTERS = 60
"""Of a value that was refused are shown."""


class BadRequest(WorkbenchError):
    """A request that is not understood. The message: what was expected, what came - what to do."""


@dataclass(frozen=True)
class Field:
    """One field of a body: what it must be, in words, and an example of it."""

    expected: str
    fits: Callable[[Any], bool]
    example: Any
    default: Any = REQUIRED


def text(example: str) -> Field:
    """Return a field that is a text with something in it."""
    return Field("a text", lambda value: isinstance(value, str) and value != "", example)


def flag() -> Field:
    """Return a field that is true or false, false when it is missing."""
    return Field("true or false", lambda value: isinstance(value, bool), False, default=False)


def days(example: float) -> Field:
    """Return a field that is a number of days, None when it is missing."""
    return Field(f"a number of days from 0 to {MOST_DAYS}, or null", _is_days, example, default=None)


def read_body(raw: bytes, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the value of every field. Raises BadRequest with the first that is wrong."""
    example = f"send {json.dumps({name: field.example for name, field in fields.items()})}"
    data = _read_object(raw, example, may_be_empty=all(field.default is not REQUIRED for field in fields.values()))
    for name in data:
        if name not in fields:
            meant = did_you_mean(name, fields)
            raise BadRequest(f"{_shown(name)}: unknown field - {f'did you mean {meant}?' if meant else example}")
    return {name: _value(name, data, field, example) for name, field in fields.items()}


def _read_object(raw: bytes, example: str, may_be_empty: bool) -> dict[str, Any]:
    if not raw.strip():
        if may_be_empty:
            return {}
        raise BadRequest(f"expected a JSON object in the body of the request, got nothing - {example}")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BadRequest(
            f"expected a JSON object in the body of the request, got other text ({reason}) - {example}"
        ) from None
    if not isinstance(data, dict):
        raise BadRequest(f"expected a JSON object in the body of the request, got {_shown(data)} - {example}")
    return data


def _value(name: str, data: Mapping[str, Any], field: Field, example: str) -> Any:
    if name not in data:
        if field.default is REQUIRED:
            raise BadRequest(f"{name}: expected {field.expected}, got nothing - {example}")
        return field.default
    if not field.fits(data[name]):
        raise BadRequest(f"{name}: expected {field.expected}, got {_shown(data[name])} - {example}")
    return data[name]


def _is_days(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_DAYS


def _shown(value: Any) -> str:
    written = json.dumps(value)
    return written if len(written) <= MOST_CHARACTERS else f"{written[:MOST_CHARACTERS]}..."
