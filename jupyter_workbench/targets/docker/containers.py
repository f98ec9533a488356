"""A kernel in a container: from its creation to its removal, with the reason of its end in between."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from jupyter_workbench.config.containers import memory_text
from jupyter_workbench.errors import TargetError
from jupyter_workbench.frameworks import INKERNEL
from jupyter_workbench.targets.base import Address, KernelProcess
from jupyter_workbench.targets.docker import copies, paths
from jupyter_workbench.targets.docker.engine import Engine, EngineError
from jupyter_workbench.targets.docker.environments import forget
from jupyter_workbench.targets.docker.folders import CONNECTION_FILE, SOCKETS, Meeting, connection_text, meeting_of
from jupyter_workbench.targets.docker.heartbeat import answers
from jupyter_workbench.targets.docker.kernel_files import write_kernel_files
from jupyter_workbench.targets.docker.tars import folder_as_tar, texts_as_tar
from jupyter_workbench.targets.docker.watching import Watch
from jupyter_workbench.targets.progress import Progress, Report

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.place import Place

_log = logging.getLogger(__name__)

ANSWER_SECONDS = 120
"""How long a kernel may take to answer: a slow disk reads a large environment for the first time."""

LOG_LINES = 20

live: set[str] = set()
"""The names of the containers that kernels of this process run in."""


@dataclass(frozen=True)
class ContainerKernels:
    """Starts kernels in a place. One object serves one start."""

    place: Place
    report: Report

    @property
    def folder(self) -> PurePosixPath:
        """The process' own folder, as the process sees it."""
        return paths.KERNEL

    def address(self, kernel_id: str) -> Address:
        """Return where clients reach a kernel: sockets in a shared folder, or ports that only this machine has."""
        if self.place.sees_folders:
            return Address("ipc", meeting_of(kernel_id).ip)
        return Address("tcp", "127.0.0.1")

    async def start(self, process: KernelProcess) -> Container:
        """Start a kernel, and return once it answers. Raises `TargetError`; leaves nothing behind when it fails."""
        container = Container(self.place, process, meeting_of(process.kernel_id))
        try:
            self.report(Progress("kernel", "Starting the kernel"))
            await container.create(self.report)
            await container.start()
        except BaseException:
            await asyncio.shield(container.discard())
            raise
        return container


@dataclass(eq=False)
class Container:
    """One kernel process; satisfies `targets.base.Running`."""

    place: Place
    process: KernelProcess
    meeting: Meeting
    _id: str = ""
    _lease: int = -1
    _code: int | None = None
    _why: str | None = None
    _log: str = ""
    _task: asyncio.Task[None] | None = None
    _brings: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def name(self) -> str:
        """The name of the container."""
        return self.place.name_of(self.process)

    @property
    def _engine(self) -> Engine:
        return self.place.engine

    def poll(self) -> int | None:
        """Return the exit code once it has ended."""
        return self._code

    def why(self) -> str | None:
        """Return why it ended, where the exit code does not tell."""
        return self._why

    async def wait(self) -> int:
        """Return the exit code once it has ended and what it left is brought in."""
        assert self._task is not None
        await asyncio.shield(self._task)
        return self._code if self._code is not None else 1

    async def signal(self, number: int) -> None:
        """Send a signal to the kernel, which the container's init passes on."""
        import docker

        if self._code is not None:
            return
        with contextlib.suppress(docker.errors.NotFound, EngineError):  # gone: so is what should be signalled
            try:
                await self._engine.call(lambda client: client.api.kill(self._id, number))
            except docker.errors.APIError as error:
                if error.status_code not in (409, 500):  # it has ended already; Podman says 500
                    raise

    async def outputs(self) -> None:
        """Bring in what it has written so far, where its files are not those of this machine."""
        async with self._brings:
            if not self.place.sees_folders:
                await copies.fetch_tree(self._engine, self._id, paths.KERNEL, self.process.folder, _of_the_history)
            if self.place.project_volume is not None:
                await copies.bring_back(
                    self._engine, self._id, self.place.project.directory, self.place.run_configuration
                )

    async def create(self, report: Report) -> None:
        """Make the container with everything in it."""
        live.add(self.name)
        files = (self.process.folder, self.place.built, self.place.variables, self.place.ca_bundle)
        await asyncio.to_thread(write_kernel_files, *files)
        self._lease = await asyncio.to_thread(self.meeting.open)
        if self.place.sees_folders:
            ip = str(paths.SOCKETS / SOCKETS)
            await asyncio.to_thread(self.meeting.write_connection, self.process.connection, ip)
        settings = self.place.settings(self.process, self.meeting)
        self._id = (await self._call_create(settings))["Id"]
        if not self.place.sees_folders:
            await self._put_files()
        if self.place.project_volume is not None:
            user = tuple(map(int, self.place.user.split(":")))
            await copies.bring_in(self._engine, self._id, self.place.project.directory, (user[0], user[1]), report)

    async def start(self) -> None:
        """Start it and return once the kernel answers; one that ends instead raises with the reason."""
        watch = Watch.of(self._engine)
        await watch.listen()
        end = watch.end_of(self._id)
        await self._call_start()
        self._task = asyncio.create_task(self._end(end))
        answer = asyncio.create_task(answers(self.process.connection))
        try:
            await asyncio.wait([answer, self._task], timeout=ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                await self._never_answered()
        finally:
            answer.cancel()

    async def discard(self) -> None:
        """Undo everything."""
        if self._id:
            Watch.of(self._engine).forget(self._id)
        if self._task is not None:
            self._task.cancel()
        with contextlib.suppress(EngineError):  # with the engine gone there is nothing that could be undone now
            await self._remove()
        self._let_go()
        await asyncio.to_thread(self.meeting.remove)

    async def _call_create(self, settings: dict[str, Any]) -> dict[str, Any]:
        import docker

        def create(client: docker.DockerClient) -> dict[str, Any]:
            return dict(client.api.create_container_from_config(settings, self.name))

        try:
            return await self._engine.call(create)
        except docker.errors.APIError as error:
            raise self._refused(error) from error

    async def _call_start(self) -> None:
        import docker

        try:
            await self._engine.call(lambda client: client.api.start(self._id))
        except docker.errors.APIError as error:
            forget(self._engine, self.place.built.fingerprint)  # the environment may have gone meanwhile
            raise self._refused(error) from error

    def _refused(self, error: Any) -> TargetError:
        return TargetError(f"The container of {self._shown_name} cannot be started: {error.explanation or error}")

    @property
    def _shown_name(self) -> str:
        return f"{self.place.project.name} {self.place.run_configuration}"

    async def _put_files(self) -> None:
        """Put in what an engine that sees none of our folders cannot mount."""
        user = self.place.user
        connection = {str(paths.SOCKETS / CONNECTION_FILE): connection_text(self.process.connection, "0.0.0.0")}  # noqa: S104 - inside the container, published on loopback only
        for tar in (
            folder_as_tar(self.process.folder, paths.KERNEL, user),
            folder_as_tar(INKERNEL, paths.INKERNEL, user),
            texts_as_tar(connection, user),
        ):
            await self._engine.call(lambda client, tar=tar: client.api.put_archive(self._id, "/", tar))  # type: ignore[misc]

    async def _never_answered(self) -> None:
        assert self._task is not None
        if self._task.done():
            await self._task
            said = f"\nIt said:\n{self._log}" if self._log else ""
            raise TargetError(
                f"The kernel of {self._shown_name} ended before it answered ({self._why or _exit(self._code)}).{said}"
            )
        log = await self._read_log()
        raise TargetError(
            f"The kernel of {self._shown_name} did not answer within {ANSWER_SECONDS} s.\nIt said:\n{log}"
        )

    async def _end(self, end: asyncio.Future[str | None]) -> None:
        """Wait for the end, read why it came, bring in what was written, and remove the container."""
        try:
            interruption = await end
            await self._read_state(interruption)
            await self.outputs()
        except EngineError as error:
            self._code, self._why = -9, self._why or f"the Docker engine went away: {error}"
        except Exception as error:  # what it left cannot be read: it has ended all the same
            _log.exception("The container %s ended, and what it left could not be brought in.", self.name)
            self._code, self._why = self._read_code, self._why or str(error)
        else:
            self._code = self._read_code
            with contextlib.suppress(EngineError):
                await self._remove()
        finally:
            self._let_go()

    async def _read_state(self, interruption: str | None) -> None:
        import docker

        try:
            state = (await self._engine.call(lambda client: client.api.inspect_container(self._id)))["State"]
        except docker.errors.NotFound:
            self._read_code, self._why = -9, "its container was removed"
            return
        self._log = await self._read_log()
        self._read_code = _signed(int(state["ExitCode"]))
        if state.get("OOMKilled"):
            self._why = self._out_of_memory()
        elif interruption is not None:
            self._why = interruption
        elif state.get("Error"):
            self._why = str(state["Error"])

    _read_code: int = 1

    def _out_of_memory(self) -> str:
        memory = self.place.compute.memory
        if memory is None:
            return "out of memory: the machine has no more"
        return f"out of memory: its limit is {memory_text(memory)} (memory in {self.place.compute.name}.compute)"

    async def _read_log(self) -> str:
        def read(client: Any) -> bytes:
            return bytes(client.api.logs(self._id, tail=LOG_LINES))

        return (await self._engine.call(read)).decode("utf-8", "replace").strip()

    async def _remove(self) -> None:
        import docker

        name = self._id or self.name
        with contextlib.suppress(docker.errors.NotFound):
            try:
                await self._engine.call(lambda client: client.api.remove_container(name, force=True, v=True))
            except docker.errors.APIError as error:
                if error.status_code != 409:  # somebody else removes it just now
                    raise

    def _let_go(self) -> None:
        live.discard(self.name)
        if self._lease >= 0:
            os.close(self._lease)
            self._lease = -1


def _signed(code: int) -> int:
    """Return an exit code as Python's `subprocess` has it: shells and engines say 128 + n for signal n."""
    return 128 - code if code > 128 else code


def _exit(code: int | None) -> str:
    return f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def _of_the_history(path: Path) -> bool:
    """Tell which files of a kernel's folder the run history wants."""
    return path.parts[:1] in (("records.jsonl",), ("blobs",), ("start-error.txt",))
