"""One line of a spool -> one record. The bytes come from a kernel: whatever is not as it must be is refused whole."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

_SHA256 = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)
_PUBLIC_ID = re.compile(r"(.*_)(\d{1,15})\Z", re.ASCII | re.DOTALL)
_END_STATUSES = ("Completed", "Failed", "Canceled")
_LAST_SECOND = 253402300799.0  # of the year 9999: what datetime can show
_MAX_DIGITS = 4300  # Python refuses to convert longer integers: they are kept as their digits
_MAX_PATH = 1024


class BadRecordError(ValueError):
    """A line that is no record of this format; it is counted and passed over."""


class Open(NamedTuple):
    """The first record of a kernel process."""

    t: float
    python: str | None
    user: str | None
    host: str | None


class Start(NamedTuple):
    """A cell begins to run; ``run_id`` is the public id without the milliseconds that ``milliseconds`` holds."""

    t: float
    run: str
    prefix: str
    milliseconds: int
    source: str
    execution_count: int | None
    cell: str | None
    notebook: str | None


class Log(NamedTuple):
    """A value by name; ``value`` is its JSON text, ``number`` its size when it is one."""

    t: float
    run: str
    name: str
    number: float | None
    value: str


class Output(NamedTuple):
    """A file was saved to the run."""

    t: float
    run: str
    path: str
    sha256: str
    size: int


class End(NamedTuple):
    """The cell has ended."""

    t: float
    run: str
    status: str
    duration: float | None
    error_name: str | None
    error_message: str | None


Record: TypeAlias = Open | Start | Log | Output | End


def parse(line: bytes) -> Record:
    """Read a line; raises ``BadRecordError`` unless it is a known record with fields of the right kinds."""
    try:
        told = decode(line.decode())
        return _PARSERS[told["e"]](_time(told["t"]), told)
    except BadRecordError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadRecordError(str(error)) from None


def check_path(path: str) -> None:
    """Refuse a path that is not safe to show and to offer for download: relative, printable, without dot parts."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or len(path) > _MAX_PATH or not path.isprintable():
        raise BadRecordError("not the relative path of an output")
    if "\\" in path or ":" in parts[0]:
        raise BadRecordError("not the relative path of an output on every system")


def _open(t: float, told: dict[str, Any]) -> Open:
    return Open(
        t, _optional_text(told.get("python")), _optional_text(told.get("user")), _optional_text(told.get("host"))
    )


def _start(t: float, told: dict[str, Any]) -> Start:
    prefix, milliseconds = _public_id(_text(told["id"]), t)
    count = told.get("count")
    return Start(
        t=t,
        run=_key(told["run"]),
        prefix=prefix,
        milliseconds=milliseconds,
        source=_text(told["source"]),
        execution_count=None if count is None else _count(count),
        cell=_optional_text(told.get("cell")),
        notebook=_optional_text(told.get("notebook")),
    )


def _public_id(public: str, t: float) -> tuple[str, int]:
    """``"Iris_1504832281116"`` -> ``("Iris_", 1504832281116)``."""
    found = _PUBLIC_ID.match(public)
    return (found[1], int(found[2])) if found else (f"{public}_", int(t * 1000))


def _log(t: float, told: dict[str, Any]) -> Log:
    value = told["value"]
    number: float | None = None
    if isinstance(value, (int, float)):
        try:
            number = float(value)
        except OverflowError:
            number = None
    return Log(t, _key(told["run"]), _text(told["name"]), number, _encode(value))


def _output(t: float, told: dict[str, Any]) -> Output:
    path, sha256 = told["path"], told["sha256"]
    if not isinstance(path, str) or not isinstance(sha256, str) or not _SHA256.match(sha256):
        raise BadRecordError("an output has a path and a SHA-256 in hexadecimal")
    check_path(path)
    return Output(t, _key(told["run"]), path, sha256, _count(told["size"]))


def _end(t: float, told: dict[str, Any]) -> End:
    status, duration, error = told["status"], told.get("duration"), told.get("error")
    if status not in _END_STATUSES:
        raise BadRecordError("not a status that a run ends with")
    if duration is not None:
        duration = _time(duration)
    name, message = (error.get("name"), error.get("message")) if isinstance(error, dict) else (None, None)
    return End(t, _key(told["run"]), status, duration, _optional_text(name), _optional_text(message))


_PARSERS: dict[str, Callable[[float, dict[str, Any]], Record]] = {
    "open": _open,
    "start": _start,
    "log": _log,
    "output": _output,
    "end": _end,
}


def _time(value: object) -> float:
    """Seconds that a date can hold."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= _LAST_SECOND:
        raise BadRecordError("not a time in seconds")
    return float(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        raise BadRecordError("not a count")
    return value


def _key(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 64 or not value.isascii():
        raise BadRecordError("not the key of a run")
    return value


def _text(value: object) -> str:
    """Text as the database can hold it: a lone surrogate becomes its escape."""
    if not isinstance(value, str):
        raise BadRecordError("not text")
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()


def _optional_text(value: object) -> str | None:
    return _text(value) if isinstance(value, str) else None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


# ASCII keeps lone surrogates in values, which are lossless.
_encode = json.JSONEncoder(separators=(",", ":")).encode
decode = json.JSONDecoder(parse_int=_integer).decode
