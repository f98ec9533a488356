"""Knows when containers end, from the engine's own events: nobody asks every few seconds."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.engines.engine import Engine, EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docker import DockerClient

PATIENCE_SECONDS = 10.0
"""How long an engine that does not answer may be restarting; a container that it kept alive is then found again."""

PAUSE_SECONDS = 0.2
RESTARTED = "the Docker engine was restarted"

_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Watch]] = WeakKeyDictionary()


class Watch:
    """Waits for the ends of containers of one engine: one connection, however many containers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[str, asyncio.Future[str | None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self._interruption: str | None = None  # what the engine did since it was last listened to

    @classmethod
    def of(cls, engine: Engine) -> Watch:
        """Return the watch of an engine; there is one for each event loop."""
        watches = _watches.setdefault(asyncio.get_running_loop(), {})
        return watches.setdefault(engine.endpoint, cls(engine))

    async def listen(self) -> None:
        """Return once every later end will be noticed."""
        if self._task is None or self._task.done():
            self._listening.clear()
            self._task = asyncio.create_task(self._watch())
        listening = asyncio.ensure_future(self._listening.wait())
        await asyncio.wait([self._task, listening], return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()

    def end_of(self, container: str) -> asyncio.Future[str | None]:
        """Return what is done when a container has ended, with what the engine did to it, if it did.

        An `EngineError` in it: the engine has gone, for good.
        """
        return self._waiting.setdefault(container, self._loop.create_future())

    def forget(self, container: str) -> None:
        """Wait no more for a container; the connection ends with the last one."""
        self._waiting.pop(container, None)
        if not self._waiting and self._task is not None:
            self._task.cancel()
            self._task = None

    async def interruption(self) -> str | None:
        """Return what the engine does to its containers at this moment, as one that stops; None when it does nothing.

        One that stops takes no new connections, and may still answer on those that it has. Raises `EngineError`.
        """
        try:
            async with contextlib.aclosing(self._engine.stream(lambda client: [client.ping()])) as answers:
                async for _ in answers:
                    return None
        except EngineError:
            pass
        return await self.comes_back()

    async def comes_back(self) -> str:
        """Wait for an engine that went away; return what it did then. Raises `EngineError` when it stays away."""
        deadline = self._loop.time() + PATIENCE_SECONDS
        while True:
            try:
                await self._engine.call(lambda client: client.ping())
            except Exception as error:  # whatever an engine that begins to answer says
                if self._loop.time() > deadline:
                    raise error if isinstance(error, EngineError) else EngineError(str(error)) from error
            else:
                return RESTARTED
            await asyncio.sleep(PAUSE_SECONDS)

    async def _watch(self) -> None:
        """Follow the events; when they break off, look at the containers themselves once the engine is back."""
        import docker.errors

        while True:
            try:
                async for event in self._engine.stream(self._events):
                    self._ended(event["Actor"]["ID"])
            except docker.errors.APIError as error:  # it answers, and will not tell: to ask again is no use
                self._give_up(EngineError(_no_events(self._engine, error)))
                return
            except Exception as error:  # whatever a connection that breaks off raises
                broken: Exception = error
            else:
                broken = EngineError("The Docker engine closed the connection.")
            if not await self._find_again(broken):
                return
            await asyncio.sleep(PAUSE_SECONDS)

    def _events(self, client: DockerClient) -> Iterable[dict[str, Any]]:
        filters = {"type": "container", "event": ["die", "destroy"], "label": f"{labels.OWNER}={labels.owner()}"}
        events: Iterable[dict[str, Any]] = client.events(decode=True, filters=filters)
        self._loop.call_soon_threadsafe(self._begin)
        return events

    def _begin(self) -> None:
        self._listening.set()
        interruption, self._interruption = self._interruption, None
        for container in list(self._waiting):
            task = asyncio.ensure_future(self._look(container, interruption))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _look(self, container: str, interruption: str | None) -> None:
        """Notice an end that came before the events did."""
        import docker

        try:
            state = (await self._engine.call(lambda client: client.api.inspect_container(container)))["State"]
        except docker.errors.NotFound:
            self._ended(container, interruption)
        else:
            if state["Status"] in ("exited", "dead"):
                self._ended(container, interruption)

    async def _find_again(self, broken: Exception) -> bool:
        """Wait for an engine that went away; when it stays away its containers count as ended."""
        with contextlib.suppress(Exception):
            self._interruption = await self.comes_back()
            return True
        self._give_up(broken if isinstance(broken, EngineError) else EngineError(str(broken)))
        return False

    def _give_up(self, gone: EngineError) -> None:
        """Count all containers as ended: nobody can tell any more."""
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(gone)
        self._waiting.clear()
        self._listening.set()

    def _ended(self, container: str, interruption: str | None = None) -> None:
        future = self._waiting.pop(container, None)
        if future is not None and not future.done():
            future.set_result(interruption)


def _no_events(engine: Engine, error: Any) -> str:
    return (
        f"expected the Docker engine at {engine.endpoint} to tell the ends of containers, got a refusal "
        f"({error.explanation or error}) - allow its events (GET /events) to this user"
    )
