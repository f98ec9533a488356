"""What a kernel tells, one type for each ``"e"`` of docs/reference/spool.md; `parsing` makes them of lines."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Open(NamedTuple):
    """The first record of a kernel process; ``variables`` is a JSON list of names."""

    t: float
    python: str | None
    user: str | None
    host: str | None
    ipykernel: str | None
    variables: str | None


class Start(NamedTuple):
    """A cell begins to run; ``prefix`` and ``milliseconds`` are its public id."""

    t: float
    run: str
    prefix: str
    milliseconds: int
    source: str
    execution_count: int | None
    cell: str | None
    notebook: str | None
    experiment: str | None


class Log(NamedTuple):
    """A value by name; ``value`` is its JSON text, ``number`` its size when it is one (``kind`` is then None)."""

    t: float
    run: str
    name: str
    step: int | float | None
    kind: str | None
    number: float | None
    value: str


class Output(NamedTuple):
    """A file was saved to the run."""

    t: float
    run: str
    path: str
    sha256: str
    size: int


class Tag(NamedTuple):
    """A tag was set, or removed (None)."""

    t: float
    run: str
    key: str
    value: str | None


class Note(NamedTuple):
    """The note was replaced; None removes it."""

    t: float
    run: str
    text: str | None


class Experiment(NamedTuple):
    """The run moves to the experiment; None: that of its notebook."""

    t: float
    run: str
    name: str | None


class Usage(NamedTuple):
    """What a long cell took: seconds, percents (100 = one core) and bytes."""

    t: float
    run: str
    cpu_seconds: float | None
    cpu_peak: float | None
    memory_peak: int | None
    gpu_peak: float | None
    gpu_memory_peak: int | None


class Tail(NamedTuple):
    """The last of what the cell printed, and how many characters came before that."""

    t: float
    run: str
    stdout: str
    stdout_omitted: int
    stderr: str
    stderr_omitted: int


class End(NamedTuple):
    """The cell has ended."""

    t: float
    run: str
    status: str
    duration: float | None
    error_name: str | None
    error_message: str | None
    traceback: str | None


Record: TypeAlias = Open | Start | Log | Output | Tag | Note | Experiment | Usage | Tail | End
