"""One container with a kernel: created, started, watched until its end, and removed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.base import Consumption, KernelProcess
from jupyter_workbench.targets.docker.building.environments import forget
from jupyter_workbench.targets.docker.engines.engine import Engine, EngineError
from jupyter_workbench.targets.docker.engines.removing import remove_container
from jupyter_workbench.targets.docker.engines.undisturbed import undisturbed
from jupyter_workbench.targets.docker.running import met, transfers
from jupyter_workbench.targets.docker.running.consumption import consumption_of
from jupyter_workbench.targets.docker.running.endings import End, read_end, read_log
from jupyter_workbench.targets.docker.running.heartbeat import answers
from jupyter_workbench.targets.docker.running.package_list import PackageList
from jupyter_workbench.targets.docker.running.process_files import ProcessFiles
from jupyter_workbench.targets.docker.running.watching import Watch
from jupyter_workbench.targets.progress import Report

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.running.place import Place

_log = logging.getLogger(__name__)

ANSWER_SECONDS = 120
"""How long a kernel may take to answer: a slow disk reads a large environment for the first time."""

PORT_SECONDS, PORT_PAUSE_SECONDS = 10.0, 0.2
"""How long a port is waited for, and how often it is tried."""

PORT_IN_USE = "address already in use"
"""What engines say of a port of this machine that no container has, and something else has."""

endings: set[asyncio.Task[None]] = set()
"""What follows the containers of this process until they are removed."""

live: set[str] = set()
"""The names of the containers that kernels of this process run in."""


async def removed() -> None:
    """Wait until the containers of this process are removed, once their kernels were asked to end."""
    if endings:
        await asyncio.wait(endings)


@dataclass(eq=False)
class Container:
    """One kernel process; satisfies `targets.base.Running`, and `Begun` until it has taken over."""

    place: Place
    process: KernelProcess
    is_gated: bool = False
    """It begins beside the former process of its kernel, and waits until `take_over`."""
    _id: str = ""
    _end: End | None = None
    _ending: asyncio.Task[None] | None = None
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _bringing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._files = ProcessFiles(self.place, self.process)
        self._packages = PackageList(self.place, self.process)

    @property
    def name(self) -> str:
        """The name of the container."""
        return self.place.name_of(self.process)

    @property
    def shares_files(self) -> bool:
        """Whether the kernel writes into folders of this machine."""
        return self.place.sees_folders and self.place.project_volume is None

    def poll(self) -> int | None:
        """Return the exit code once it has ended."""
        return self._end.code if self._end is not None else None

    def why(self) -> str | None:
        """Return why it ended, where the exit code does not tell."""
        return self._end.why if self._end is not None else None

    async def wait(self) -> int:
        """Return the exit code once it has ended and what it left is brought in; the removal may still go on."""
        await self._ended.wait()
        assert self._end is not None
        return self._end.code

    async def gone(self) -> None:
        """Return once the container is removed, or left to the next process where that fails."""
        if self._ending is not None:
            await asyncio.wait([self._ending])

    async def signal(self, number: int) -> None:
        """Send a signal to the kernel, which the container's init passes on."""
        import docker

        if self._end is not None:
            return
        with contextlib.suppress(docker.errors.NotFound, EngineError):  # gone: so is what should be signalled
            try:
                await self._engine.call(lambda client: client.api.kill(self._id, number))
            except docker.errors.APIError as error:
                if error.status_code not in (409, 500):  # it has ended already; Podman says 500
                    raise

    async def outputs(self) -> None:
        """Bring in what it has written so far, where its files are not those of this machine."""
        async with self._bringing:  # an older answer must not overwrite a newer one
            await transfers.bring_out(self.place, self.process, self._id)

    async def packages(self) -> tuple[str, ...] | None:
        """Return its packages, those that were installed since it started too."""
        return await self._packages.of(self._id)

    async def consumption(self) -> Consumption | None:
        """Return what all processes of the container use."""
        return await consumption_of(self._engine, self._id)

    async def create(self, report: Report) -> None:
        """Make the container with everything in it."""
        live.add(self.name)
        # undisturbed: else it would go on while all is undone
        await undisturbed(asyncio.to_thread(self._files.write, is_gated=self.is_gated))
        settings = self.place.settings(self.process, is_gated=self.is_gated)
        self._id = await self._call(
            "created", lambda client: client.api.create_container_from_config(settings, self.name)["Id"]
        )
        await transfers.bring_in(self.place, self.process, self._id, report)
        await undisturbed(asyncio.to_thread(self._files.stand_in))

    async def start(self) -> None:
        """Start it, and follow it until its end."""
        watch = Watch.of(self._engine)
        end = watch.end_of(self._id)  # first: a watch with nobody to wait for ends
        await watch.listen()
        if end.done():
            end.result()
        await self._start()
        self._ending = asyncio.create_task(self._follow(end))
        endings.add(self._ending)
        self._ending.add_done_callback(endings.discard)

    async def take_over(self) -> Container:
        """Let the kernel take its address and return once it answers; one that ends instead raises with the reason."""
        try:
            if self.is_gated:
                await undisturbed(asyncio.to_thread(self._files.hand_over))
                self._files.open_gate()
            await self._answered()
        except BaseException:
            await asyncio.shield(self.discard())
            raise
        return self

    async def _answered(self) -> None:
        answer = asyncio.create_task(answers(self.process.connection))
        ended = asyncio.create_task(self._ended.wait())
        try:
            await asyncio.wait([answer, ended], timeout=ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise await self._no_answer()
            _check(answer)
        finally:
            answer.cancel()
            ended.cancel()

    async def discard(self) -> None:
        """Undo everything."""
        if self._ending is not None:
            self._ending.cancel()
        if self._id:
            Watch.of(self._engine).forget(self._id)
        try:
            await self._remove()
        finally:
            self._let_go()

    @property
    def _engine(self) -> Engine:
        return self.place.engine

    async def _start(self) -> None:
        # A client chose its ports a while ago, and any connection of this machine may have got one since.
        patience = time.monotonic() + PORT_SECONDS
        while True:
            try:
                await self._call("started", lambda client: client.api.start(self._id))
            except TargetError as error:
                if PORT_IN_USE not in str(error) or time.monotonic() > patience:
                    raise
            else:
                return
            await asyncio.sleep(PORT_PAUSE_SECONDS)

    async def _call(self, what: str, function: Any) -> Any:
        import docker

        try:
            return await self._engine.call(function)
        except docker.errors.APIError as error:
            forget(self._engine, self.place.built.fingerprint)  # the environment may have gone meanwhile
            said = error.explanation or error
            raise TargetError(f"The container of {self.place.shown_name} cannot be {what}: {said}") from error

    async def _no_answer(self) -> TargetError:
        if self._end is not None:
            forget(self._engine, self.place.built.fingerprint)
            said = f"\nIt said:\n{self._end.log}" if self._end.log else ""
            return TargetError(
                f"The kernel of {self.place.shown_name} ended before it answered ({self._end.words()}).{said}"
            )
        log = await read_log(self._engine, self._id)
        said = f"\nIt said:\n{log}" if log else ""
        return TargetError(f"The kernel of {self.place.shown_name} did not answer within {ANSWER_SECONDS} s.{said}")

    async def _follow(self, end: asyncio.Future[str | None]) -> None:
        """Wait for the end, read why it came, bring in what was written, and remove the container."""
        import docker.errors

        read, is_brought = End(-9), True
        try:
            interruption = await end
            read = await read_end(self._engine, self._id, self.place.compute, interruption)
            await self.outputs()
            self._files.all_is_fetched()
        except docker.errors.NotFound:
            self._files.all_is_fetched()
            _log.warning("The container %s was removed, with whatever was not brought in from it.", self.name)
        except EngineError as error:
            read = End(read.code, read.why or f"the Docker engine went away: {error}", read.log)
            is_brought = self.place.sees_folders
            met.forget(self._engine.id)
        except Exception as error:  # what it left cannot be read: it has ended all the same
            _log.exception("The container %s ended, and what it left could not be brought in.", self.name)
            read, is_brought = End(read.code, read.why or str(error), read.log), False
        self._end = read
        self._ended.set()
        self._let_go()
        if is_brought:  # else it stays, as a leftover that the next start or the next server looks into
            await self._remove()

    async def _remove(self) -> None:
        """Remove the container; one that cannot be removed now is a leftover, which the next server removes."""
        import docker.errors

        name = self._id or self.name
        try:
            await self._engine.call(lambda client: remove_container(client, name))
            self._files.all_is_fetched()
        except EngineError:
            pass  # with the engine gone there is nothing that could be done now
        except docker.errors.APIError:
            _log.warning("The container %s could not be removed.", self.name, exc_info=True)

    def _let_go(self) -> None:
        live.discard(self.name)
        self._files.close()


def _check(answer: asyncio.Task[None]) -> None:
    """Raise `TargetError` when a kernel could not even be asked."""
    if (error := answer.exception()) is not None:
        raise TargetError(f"The kernel cannot be reached: {error}") from error
