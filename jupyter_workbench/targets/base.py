"""What a compute target is to the rest of the house: a module with the members of `Target`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal, Protocol

from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.frameworks import INKERNEL
from jupyter_workbench.targets.progress import Report, quiet


@dataclass(frozen=True)
class Address:
    """Where clients of this machine reach a kernel: TCP on ``ip``, or Unix sockets called ``<ip>-1`` to ``<ip>-5``."""

    transport: Literal["tcp", "ipc"]
    ip: str


@dataclass(frozen=True)
class KernelProcess:
    """What a target is told of a process that it starts.

    ``command`` has ``{connection_file}`` where the connection file belongs, ``connection`` is what that file says to a
    client, and ``folder`` is the process' own one on this machine, which it is named after.
    """

    kernel_id: str
    command: Sequence[str]
    connection: Mapping[str, object]
    folder: Path


@dataclass(frozen=True)
class Consumption:
    """What a kernel process and its children use: ``memory`` in bytes, ``processor`` in seconds since it began."""

    memory: int
    processor: float


class Running(Protocol):
    """A kernel process that runs elsewhere than among the processes of this machine."""

    @property
    def name(self) -> str:
        """What its place calls it."""
        ...

    @property
    def shares_files(self) -> bool:
        """Whether all files that it writes are those of this machine."""
        ...

    def poll(self) -> int | None:
        """Return the exit code (``-n`` for death by signal n) once it has ended. Answers from memory."""
        ...

    def why(self) -> str | None:
        """Return why it ended, in words, where its place knows more than the exit code tells."""
        ...

    async def wait(self) -> int:
        """Return the exit code once it has ended and everything that it left is brought in."""
        ...

    async def gone(self) -> None:
        """Return once nothing of it is left in its place, after its end."""
        ...

    async def signal(self, number: int) -> None:
        """Send a signal; one to a process that has ended already is no error."""
        ...

    async def outputs(self) -> None:
        """Bring in what it has written so far, where its files are not those of this machine."""
        ...

    async def packages(self) -> tuple[str, ...] | None:
        """Return its packages as ``name==version``, sorted; None when nobody knows them now.

        May be asked with every cell and be cancelled at any time. Raises nothing.
        """
        ...

    async def consumption(self) -> Consumption | None:
        """Return what it uses now; None when nobody knows. Raises nothing."""
        ...


class Begun(Protocol):
    """A kernel process that runs and does not answer yet: the former one of its kernel may still be ending."""

    async def take_over(self) -> Running:
        """Let it take the kernel's address, which must be free now; return once it answers.

        May be cancelled, and leaves nothing behind then. Raises `TargetError` with the whole reason.
        """
        ...

    async def discard(self) -> None:
        """End it, and leave nothing behind."""
        ...


class Elsewhere(Protocol):
    """A place that a kernel can be started in."""

    def address(self, kernel_id: str) -> Address:
        """Return where clients reach a kernel: the same place after each restart."""
        ...

    @property
    def folder(self) -> PurePath:
        """The process' own folder, as the process sees it."""
        ...

    @property
    def ipykernel(self) -> str | None:
        """The version of ipykernel there; None where it is not known."""
        ...

    async def start(self, process: KernelProcess) -> Running:
        """Start a kernel, and return once it answers.

        May be cancelled at any time, and leaves nothing behind then. Raises `TargetError` with the whole reason.
        """
        ...

    async def begin(self, process: KernelProcess) -> Begun | None:
        """Begin a process while the former one of its kernel still ends; None where the two would meet.

        May be cancelled at any time, and leaves nothing behind then. Raises `TargetError` with the whole reason.
        """
        ...

    async def leave(self, kernel_id: str) -> None:
        """Remove what served all processes of a kernel, which will not be started again."""
        ...


@dataclass(frozen=True)
class Prepared:
    """Where a kernel runs, once its compute target is ready.

    ``environment`` is the whole environment of the kernel process. ``notice`` is one line that the user must read in
    the first cell, such as another interpreter than the one asked for. ``python``, ``directory`` and ``inkernel`` (our
    in-kernel package) are paths as the kernel sees them. Without ``elsewhere`` it is a process of this machine.
    ``spark`` is what the kernel is told of its Spark (see `targets.spark`); None where the framework is not PySpark.
    ``fingerprint`` names the environment that was prepared for it; None for the user's own Python.
    """

    python: PurePath
    directory: PurePath
    environment: Mapping[str, str]
    notice: str | None = None
    inkernel: PurePath = INKERNEL
    elsewhere: Elsewhere | None = None
    spark: Mapping[str, object] | None = None
    fingerprint: str | None = None


class Target(Protocol):
    """A kind of compute target. Modules satisfy it: see `local`."""

    async def problems(self, project: Project, entry: Entry, environment: Mapping[str, str]) -> tuple[Problem, ...]:
        """Tell what would keep a kernel of this run configuration from starting; look, and change nothing."""
        ...

    async def prepare(
        self,
        project: Project,
        entry: Entry,
        environment: Mapping[str, str],
        report: Report = quiet,
        *,
        build: bool = True,
        upgrade: bool = False,
    ) -> Prepared:
        """Make the target ready to start a kernel of this run configuration.

        ``environment`` is that of the server. With ``build`` false what is missing is refused, not made; ``upgrade``
        resolves the packages anew. Must not block the event loop and may be cancelled at any time.
        Raises `TargetError` with the whole reason, where it stands and what to do.
        """
        ...

    async def settled(self) -> None:
        """Return when nothing goes on in the background any more that a preparation has begun."""
        ...
