"""Logged texts, dicts, lists of anything and tables, as a param, a tag and artifacts.

A table is a JSON file as `mlflow.log_table` writes it, ``{"columns": [...], "data": [[...], ...]}``:
https://mlflow.org/docs/latest/api_reference/python_api/mlflow.html#mlflow.log_table
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from jupyter_workbench.history.mirror import names
from jupyter_workbench.history.mirror.points import milliseconds, numbers_of
from jupyter_workbench.history.records.fields import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_workbench.history.mirror.snapshot import Logged

_SCALARS = ("text", "bool", "null", "number")


@dataclass
class Told:
    """What is no number of one series: ``files`` are artifacts, ``{path: content}``."""

    param: str | None = None
    latest: str | None = None
    files: dict[str, str] = field(default_factory=dict)


def told(name: str, series: Iterable[Logged]) -> Told:
    """Bring the values of one series that are no numbers into MLflow's forms.

    A text is a param, cut where MLflow has a limit, and then whole in ``texts/NAME.txt``. When others follow, the
    param stays, as params do; the newest is a tag, and all are in ``texts/NAME.json``. Dicts are the rows of
    ``dicts/NAME.json``. Tables, and lists of anything but numbers, are ``tables/NAME.json``, ``tables/NAME/2.json``
    and so on. Images are outputs, and stay at their paths.
    """
    file, found = names.file(name), Told()
    scalars: list[tuple[Any, ...]] = []
    rows: list[dict[str, Any]] = []
    tables = 0
    for logged in series:
        if logged.kind in _SCALARS:
            if numbers_of(logged) is None:
                scalars.append((logged.step, milliseconds(logged.t), _text(logged)))
        elif logged.kind == "dict":
            rows.append(decode(logged.value))
        elif logged.kind in ("table", "list") and numbers_of(logged) is None:
            tables += 1
            path = f"tables/{file}.json" if tables == 1 else f"tables/{file}/{tables}.json"
            found.files[path] = _table(decode(logged.value))
    if rows:
        found.files[f"dicts/{file}.json"] = _records(rows)
    _add_texts(found, file, scalars)
    return found


def is_table(path: str) -> bool:
    """Whether an artifact is one of these tables."""
    return path.startswith(("texts/", "dicts/", "tables/")) and path.endswith(".json")


def _add_texts(found: Told, file: str, scalars: list[tuple[Any, ...]]) -> None:
    if not scalars:
        return
    first = scalars[0][2]
    found.param = names.text(first, names.MAX_PARAM)
    if len(first) > names.MAX_PARAM:
        found.files[f"texts/{file}.txt"] = first
    if len(scalars) > 1:
        found.latest = names.text(scalars[-1][2], names.MAX_TAG)
        found.files[f"texts/{file}.json"] = _json(["step", "time", "value"], scalars)


def _text(logged: Logged) -> str:
    """Return the word that Python has for it, as MLflow's own params have."""
    if logged.kind == "number":
        return logged.value  # an integer beyond all floats
    value = decode(logged.value)
    return value if isinstance(value, str) else str(value)


def _table(value: Any) -> str:
    if isinstance(value, dict):
        columns = [column if isinstance(column, list) else [column] for column in value.values()]
        return _json(list(value), zip_longest(*columns))
    if value and all(isinstance(item, dict) for item in value):
        return _records(value)
    if value and all(isinstance(item, list) for item in value):
        width = max(map(len, value))
        return _json([str(number) for number in range(width)], (row + [None] * (width - len(row)) for row in value))
    return _json(["value"], ([item] for item in value))


def _records(rows: list[dict[str, Any]]) -> str:
    columns = list({key: None for row in rows for key in row})
    return _json(columns, ([row.get(column) for column in columns] for row in rows))


def _json(columns: list[str], rows: Iterable[Iterable[Any]]) -> str:
    return json.dumps({"columns": columns, "data": [[_finite(cell) for cell in row] for row in rows]})


def _finite(value: Any) -> Any:
    """JSON has no NaN; pandas, which reads these files, takes null for it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return value
