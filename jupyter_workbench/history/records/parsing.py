"""Lines of a spool -> records. The bytes come from a kernel: whatever is not as it must be is refused whole.

Secrets are masked here: to look for them takes time, and nobody else can write to the store while records go in.
"""

from __future__ import annotations

import re
import sys
from itertools import chain
from typing import TYPE_CHECKING, Any

from jupyter_workbench.history.records import fields
from jupyter_workbench.history.records.fields import BadRecordError, decode, encode, optional_text, text
from jupyter_workbench.history.records.kinds import (
    End,
    Experiment,
    Log,
    Note,
    Open,
    Output,
    Record,
    Start,
    Tag,
    Tail,
    Usage,
)
from jupyter_workbench.history.records.masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable

_PUBLIC_ID = re.compile(r"(.*_)(\d{1,15})\Z", re.ASCII | re.DOTALL)
_END_STATUSES = ("Completed", "Failed", "Canceled")
_MAX_VARIABLES = 10_000
# Of an error, what a kernel tells: the first characters of its message, the last ones of its traceback.
_MAX_MESSAGE = 10_000
_MAX_TRACEBACK = 32 * 1024
_MAX_DEPTH = 200  # more than any kernel tells, and less than what a reader with many calls above it fails at
_BIGGEST = sys.float_info.max
_KINDS = {bool: "bool", int: None, float: None, str: "text", list: "list", dict: "dict", type(None): "null"}


def parse_lines(offset: int, lines: bytes) -> list[tuple[int, Record | None]]:
    """Read whole lines, the first of which begins at ``offset``: each with its own, None for a bad one."""
    told: list[tuple[int, Record | None]] = []
    for line in lines.split(b"\n")[:-1]:
        if line:
            try:
                told.append((offset, parse(line)))
            except BadRecordError:
                told.append((offset, None))
        offset += len(line) + 1
    return told


def parse(line: bytes) -> Record:
    """Read a line; raises ``BadRecordError`` unless it is a known record with fields of the right kinds."""
    try:
        told = decode(line.decode())
        return _PARSERS[told["e"]](fields.time(told["t"]), told)
    except BadRecordError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadRecordError(str(error)) from None


def _open(t: float, told: dict[str, Any]) -> Open:
    variables = told.get("variables")
    if isinstance(variables, list):
        variables = encode([text(name) for name in variables[:_MAX_VARIABLES] if isinstance(name, str)])
    else:
        variables = None
    python, user, host, ipykernel = (optional_text(told.get(key)) for key in ("python", "user", "host", "ipykernel"))
    return Open(t, python, user, host, ipykernel, variables)


def _start(t: float, told: dict[str, Any]) -> Start:
    prefix, milliseconds = _public_id(text(told["id"]), t)
    return Start(
        t=t,
        run=fields.key(told["run"]),
        prefix=prefix,
        milliseconds=milliseconds,
        source=mask(text(told["source"])),
        execution_count=fields.optional_count(told.get("count")),
        cell=optional_text(told.get("cell")),
        notebook=optional_text(told.get("notebook")),
        experiment=_experiment_name(told.get("experiment")),
    )


def _public_id(public: str, t: float) -> tuple[str, int]:
    """``"Iris_1504832281116"`` -> ``("Iris_", 1504832281116)``."""
    found = _PUBLIC_ID.match(public)
    return (found[1], int(found[2])) if found else (f"{public}_", int(t * 1000))


def _experiment_name(value: object) -> str | None:
    try:
        return fields.name(value)
    except BadRecordError:
        return None  # a run is worth more than the name of its experiment


def _log(t: float, told: dict[str, Any]) -> Log:
    value = told["value"]
    kind = _KINDS[type(value)]
    if kind in ("list", "dict"):
        _refuse_deep(value)
    number: float | None = None
    if kind is None or kind == "bool":
        try:
            number = float(value)
        except OverflowError:
            number = None
    # `encode` takes its time for a number; NaN and the infinities have names that `repr` does not know.
    written = repr(value) if kind is None and -_BIGGEST <= value <= _BIGGEST else encode(value)
    if "kind" in told:
        kind = _told_kind(told["kind"], value, kind)
    step = fields.step(told["step"]) if "step" in told else None
    return Log(t, fields.key(told["run"]), text(told["name"]), step, kind, number, written)


def _refuse_deep(value: list[Any] | dict[str, Any]) -> None:
    level: list[Any] = [value]
    for _ in range(_MAX_DEPTH):
        parts = chain.from_iterable(part.values() if type(part) is dict else part for part in level)
        level = [part for part in parts if type(part) is list or type(part) is dict]
        if not level:
            return
    raise BadRecordError("nested deeper than a reader can follow")


def _told_kind(told: object, value: object, kind: str | None) -> str | None:
    """Take a kernel's word about a value, where the value can be that."""
    if told == "table" and isinstance(value, dict) and all(isinstance(column, list) for column in value.values()):
        return "table"
    return "image" if told == "image" and isinstance(value, str) else kind


def _output(t: float, told: dict[str, Any]) -> Output:
    path, sha256, size = fields.path(told["path"]), fields.sha256(told["sha256"]), fields.count(told["size"])
    return Output(t, fields.key(told["run"]), path, sha256, size)


def _tag(t: float, told: dict[str, Any]) -> Tag:
    value = told["value"]
    return Tag(t, fields.key(told["run"]), fields.name(told["key"]), None if value is None else fields.tag_value(value))


def _note(t: float, told: dict[str, Any]) -> Note:
    return Note(t, fields.key(told["run"]), text(told["text"])[: fields.MAX_NOTE] or None)


def _experiment(t: float, told: dict[str, Any]) -> Experiment:
    name = told["name"]
    return Experiment(t, fields.key(told["run"]), None if name is None else fields.name(name))


def _usage(t: float, told: dict[str, Any]) -> Usage:
    cpu, cpu_peak, memory, gpu, gpu_memory = (
        fields.amount(told.get(key))
        for key in ("cpu_seconds", "cpu_peak", "memory_peak", "gpu_peak", "gpu_memory_peak")
    )
    whole = [None if size is None else int(size) for size in (memory, gpu_memory)]
    return Usage(t, fields.key(told["run"]), cpu, cpu_peak, whole[0], gpu, whole[1])


def _tail(t: float, told: dict[str, Any]) -> Tail:
    return Tail(
        t,
        fields.key(told["run"]),
        mask(text(told["stdout"])),
        fields.count(told["stdout_omitted"]),
        mask(text(told["stderr"])),
        fields.count(told["stderr_omitted"]),
    )


def _end(t: float, told: dict[str, Any]) -> End:
    status, duration, error = told["status"], told.get("duration"), told.get("error")
    if status not in _END_STATUSES:
        raise BadRecordError("not a status that a run ends with")
    if duration is not None:
        duration = fields.time(duration)
    told_error = error if isinstance(error, dict) else {}
    name, message, traceback = (optional_text(told_error.get(key)) for key in ("name", "message", "traceback"))
    return End(
        t,
        fields.key(told["run"]),
        status,
        duration,
        name and name[: fields.MAX_NAME],
        message and mask(message[:_MAX_MESSAGE]),
        traceback and mask(traceback[-_MAX_TRACEBACK:]),
    )


_PARSERS: dict[str, Callable[[float, dict[str, Any]], Record]] = {
    "open": _open,
    "start": _start,
    "log": _log,
    "output": _output,
    "tag": _tag,
    "note": _note,
    "experiment": _experiment,
    "usage": _usage,
    "tail": _tail,
    "end": _end,
}
