"""Whatever a user logs, as JSON: numbers, text, lists, tables of numpy and pandas, anything else by its repr.

Nothing here raises for a value. numpy and pandas are known by what their objects can do: neither is imported.
"""

from __future__ import annotations

import datetime
import json
import math
import operator
from typing import Any, Dict, List, Sequence, Tuple, Union

Plain = Union[None, bool, int, float, str, List[Any], Dict[str, Any]]

MAX_DEPTH = 64  # of lists in lists; deeper parts are kept as text, since no reader could follow them
MAX_INT_BITS = 14_000  # Python refuses to convert an int of more than 4300 digits: it is kept as text
_LEAF_TYPES = (bool, int, float, str, type(None))
_LEAVES = frozenset(_LEAF_TYPES)
_MAX_STEP = 1 << 53  # beyond it a float no longer tells whole numbers apart

_dumps = json.JSONEncoder(separators=(",", ":")).encode


def encode(record: Dict[str, Any]) -> bytes:
    """One line of JSON in ASCII."""
    return _dumps(record).encode("ascii") + b"\n"


def plain(value: Any) -> Plain:
    """Return the value as JSON can hold it: None, bool, int, float, str, lists and dicts with text keys."""
    return _plain(value, ())


def is_table(value: Any) -> bool:
    """Whether it is a data frame (pandas, polars), which becomes lists by column."""
    return hasattr(value, "to_dict") and hasattr(value, "columns")


def step_of(given: Any) -> Union[int, float]:
    """Return a step as a finite number, numpy's too; ValueError (a sentence) when it is none."""
    try:
        if hasattr(given, "__index__") and abs(given) < _MAX_STEP:
            return operator.index(given)
        step = math.nan if isinstance(given, (str, bytes, bytearray)) else float(given)
    except Exception:  # an object may fail in any way: it is no number
        step = math.nan
    if math.isfinite(step):
        return step
    raise ValueError("expected a finite number as step, got {}".format(_represented(given)[:100]))


def text(value: Any) -> str:
    """Its ``str``, whatever that does."""
    try:
        return str.__str__(value) if isinstance(value, str) else str(value)
    except Exception as error:
        return _failed(value, error)


def _plain(value: Any, inside: Tuple[int, ...]) -> Plain:
    try:
        if type(value) in _LEAF_TYPES:
            return _number_or_text(value)
        if id(value) in inside:
            return "[...]"  # as Python shows a list that holds itself
        if len(inside) < MAX_DEPTH:
            return _converted(value, (*inside, id(value)))
    except Exception:  # noqa: S110 - an object may fail in any way: then its repr tells more than the failure
        pass
    return _represented(value)


def _converted(value: Any, inside: Tuple[int, ...]) -> Plain:
    if isinstance(value, (list, tuple)):
        return list(value) if _are_plain(value) else [_plain(item, inside) for item in value]
    if isinstance(value, dict):
        return {text(key): _plain(item, inside) for key, item in value.items()}
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return _number_or_text(int(value))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return str(value)
    return _represented(value) if isinstance(value, type) else _from_a_library(value, inside)


def _are_plain(items: Sequence[Any]) -> bool:
    """Whether nothing has to be done: a column of a large table has a million items."""
    types = set(map(type, items))
    return types <= _LEAVES and (int not in types or not any(_is_huge(item) for item in items))


def _from_a_library(value: Any, inside: Tuple[int, ...]) -> Plain:
    """Tables (pandas, polars), then arrays and scalars (numpy, pandas, torch), then the rest."""
    if is_table(value):
        return _table(value, inside)
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in ("M", "m") and type(value).__module__ == "numpy":
        return _plain(value.astype(str).tolist(), inside)  # numpy's own tolist gives bare nanoseconds
    for method in ("tolist", "to_list"):
        if hasattr(value, method):
            return _listed(getattr(value, method)(), kind, value, inside)
    return _represented(value)


def _listed(listed: Any, kind: str, value: Any, inside: Tuple[int, ...]) -> Plain:
    if isinstance(listed, (*_LEAF_TYPES, list, datetime.date)):
        return _plain(listed, inside)
    return float(listed) if kind == "f" else _represented(value)  # a long double stays one in tolist


def _table(value: Any, inside: Tuple[int, ...]) -> Dict[str, Plain]:
    """Return a table as lists by column; a name that comes again gets a number, as in ``pandas.read_csv``."""
    table: Dict[str, Plain] = {}
    for position, column in enumerate(value.columns):
        name = unique = text(column)
        number = 0
        while unique in table:
            number += 1
            unique = "{}.{}".format(name, number)
        series = value.iloc[:, position] if hasattr(value, "iloc") else value[column]
        table[unique] = _plain(series, inside)
    return table


def _number_or_text(value: Plain) -> Plain:
    return _represented(value) if _is_huge(value) else value


def _is_huge(value: Any) -> bool:
    return type(value) is int and value.bit_length() > MAX_INT_BITS


def _represented(value: Any) -> str:
    try:
        return str.__str__(repr(value))
    except Exception as error:
        return hex(value) if type(value) is int else _failed(value, error)


def _failed(value: Any, error: Exception) -> str:
    return "<{} whose text cannot be made: {}>".format(type(value).__name__, type(error).__name__)
