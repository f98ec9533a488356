"""A registry whose answers stop in the middle of a layer until the test lets them go on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import docker

from .registries import Registry

MEGABYTE = 1 << 20
LAYER_BYTES = 8 * MEGABYTE
BYTES_AT_ONCE = 1 << 16


@dataclass
class SlowRegistry:
    """Passes on what a registry says; of what is longer than half a layer the rest waits for `go_on`."""

    behind: Registry
    address: str = ""
    _goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def go_on(self) -> None:
        """Wait no more."""
        self._goes_on.set()

    def image(self, client: docker.DockerClient, base: str) -> str:
        """Put an image there that is made of ``base`` and a layer that no engine has; return its name."""
        name = self.behind.push_upon(client, base, LAYER_BYTES)
        return name.replace(self.behind.address, self.address, 1)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of an engine."""
        host, _, port = self.behind.address.partition(":")
        answers, asks = await asyncio.open_connection(host, int(port))
        self._tasks |= {
            asyncio.create_task(self._pass_on(reader, asks)),
            asyncio.create_task(self._slow(answers, writer)),
        }

    async def close(self) -> None:
        """End all connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _slow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._pass_on(reader, writer, LAYER_BYTES // 2)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, at_most: int | None = None
    ) -> None:
        passed = 0
        with contextlib.suppress(OSError), contextlib.closing(writer):
            while data := await reader.read(BYTES_AT_ONCE):
                passed += len(data)
                if at_most is not None and passed > at_most:
                    await self._goes_on.wait()
                writer.write(data)
                await writer.drain()


@contextlib.asynccontextmanager
async def slow_registry(behind: Registry) -> AsyncIterator[SlowRegistry]:
    """Serve on loopback what a registry has."""
    slow = SlowRegistry(behind)
    server = await asyncio.start_server(slow.serve, "127.0.0.1", 0)
    slow.address = "{}:{}".format(*server.sockets[0].getsockname())
    try:
        yield slow
    finally:
        server.close()
        await slow.close()
