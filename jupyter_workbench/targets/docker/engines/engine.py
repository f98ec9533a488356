"""A Docker engine that this machine reaches: one connection a process, used from threads of its own.

Everything else of this room uses the docker SDK through it: ``await engine.call(lambda client: ...)``.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_workbench.targets.docker.engines.connection import Facts, open_connection
from jupyter_workbench.targets.docker.engines.contexts import find_endpoint
from jupyter_workbench.targets.docker.engines.endpoints import Endpoint, EngineError
from jupyter_workbench.targets.docker.engines.streams import follow
from jupyter_workbench.targets.docker.engines.unreachable import explain

if TYPE_CHECKING:
    import docker

    from jupyter_workbench.targets.docker.engines.transport import Client

__all__ = ["Engine", "EngineError", "connect"]

T = TypeVar("T")

THREADS = 8
_kept: dict[Endpoint, Engine] = {}


async def connect(environment: Mapping[str, str]) -> Engine:
    """Return the engine that the docker command would use in this environment, connected.

    One engine an endpoint is kept for the life of the process; a kept one costs no round trip. Raises `EngineError`.
    """
    endpoint = await asyncio.to_thread(find_endpoint, environment)
    engine = _kept.get(endpoint)
    if engine is None:
        engine = _kept[endpoint] = Engine(endpoint)
    try:
        await engine.connected()
    except EngineError:
        engine.forget_unless_connected()
        raise
    return engine


class Engine:
    """An engine; its facts are those of the last connection. Made by `connect`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=f"docker {endpoint.url}")
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._facts: Facts | None = None

    @property
    def endpoint(self) -> str:
        """Where it answers: ``unix:///var/run/docker.sock``."""
        return self._endpoint.url

    @property
    def place(self) -> Endpoint:
        """Where it answers, who named it, and the docker configuration that goes with it."""
        return self._endpoint

    @property
    def is_on_this_machine(self) -> bool:
        """Whether it answers at this machine."""
        return self._endpoint.is_on_this_machine

    @property
    def id(self) -> str:
        """What tells this engine from others, over its restarts too."""
        return self._known().id

    @property
    def architecture(self) -> str:
        """The machine as `uname -m` names it: ``x86_64``, ``aarch64``."""
        return self._known().architecture

    @property
    def is_podman(self) -> bool:
        """Whether it is Podman behind Docker's API."""
        return self._known().is_podman

    @property
    def is_rootless(self) -> bool:
        """Whether it runs as an ordinary user: root in a container is then that user."""
        return self._known().is_rootless

    @property
    def api_version(self) -> str:
        """The version of the API that is spoken: ``1.41``."""
        return self._known().api_version

    async def connected(self) -> None:
        """Make sure that there is a connection; costs nothing when there is one. Raises `EngineError`."""
        if self._client is None:
            await self._run(self._connected_client)

    async def call(self, function: Callable[[docker.DockerClient], T]) -> T:
        """Run a function that ends soon with the engine's client, in a thread of this engine.

        An engine that does not answer raises `EngineError`; other errors of the SDK pass through. A call that is
        cancelled is waited for before `CancelledError` is raised: who cancels can then undo what it did.
        """
        return await self._run(lambda: self._translated(self._connected_client(), function))

    async def stream(self, function: Callable[[docker.DockerClient], Iterable[T]]) -> AsyncGenerator[T, None]:
        """Yield what a function of a client yields: a pull, a log that is followed, a wait for the end.

        It has a thread and a connection of its own. Cancelling the consumer closes the connection at once; one that
        may stop early should hold it in ``contextlib.aclosing``. Errors are those of `call`.
        """
        await self.connected()
        client = await self._run(self._client_for_a_stream)
        try:
            async with contextlib.aclosing(follow(lambda: function(client), client.cut, self.endpoint)) as items:
                async for item in items:
                    yield item
        except Exception as error:
            if told := self._told(error):
                raise told from error
            raise
        finally:
            client.close()

    def forget_unless_connected(self) -> None:
        """Keep nothing of an engine that never answered."""
        if self._facts is None:
            _kept.pop(self._endpoint, None)
            self._threads.shutdown(wait=False)

    async def close(self) -> None:
        """Forget this engine, its connection and its threads; calls that run are waited for."""
        if _kept.get(self._endpoint) is self:
            del _kept[self._endpoint]
        await asyncio.to_thread(self._threads.shutdown)
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def _run(self, function: Callable[[], T]) -> T:
        future = self._threads.submit(function)
        try:
            return await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            if not future.cancel():
                await _until_done(future)
            raise

    def _connected_client(self) -> Client:
        with self._lock:
            if self._client is None:
                self._client, self._facts = open_connection(self._endpoint)
            return self._client

    def _client_for_a_stream(self) -> Client:
        from jupyter_workbench.targets.docker.engines.transport import Client

        return Client(self._endpoint, version=self.api_version, answer_seconds=None)

    def _translated(self, client: Client, function: Callable[[docker.DockerClient], T]) -> T:
        try:
            return function(client)
        except Exception as error:
            if told := self._told(error):
                raise told from error
            raise

    def _told(self, error: Exception) -> EngineError | None:
        """Translate an error of reaching the engine, and connect anew at the next call."""
        told = explain(self._endpoint, error)
        if told is not None:
            with self._lock:
                self._client = None
        return told

    def _known(self) -> Facts:
        if self._facts is None:
            raise RuntimeError(f"{self.endpoint} was never connected to: use `connect`")
        return self._facts


async def _until_done(future: Future[Any]) -> None:
    """Wait for a call whatever comes: it has begun, and what it does is done on the engine."""
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    future.add_done_callback(lambda _: loop.call_soon_threadsafe(done.set))
    while not done.is_set():
        with contextlib.suppress(asyncio.CancelledError):
            await done.wait()
