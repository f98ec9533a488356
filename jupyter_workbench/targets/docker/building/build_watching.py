"""What becomes of a container that builds: what it says, how it ends, and its removal."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from jupyter_workbench.targets import build_output
from jupyter_workbench.targets.build_output import Failed, Ready
from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.building.build_failures import Ended
from jupyter_workbench.targets.docker.engines.engine import Engine
from jupyter_workbench.targets.docker.engines.removing import is_gone_or_going, remove_container
from jupyter_workbench.targets.docker.servers import is_gone, this_server
from jupyter_workbench.targets.progress import Progress, Report

LOG_LINES = 20

_held: Counter[str] = Counter()
"""The names of the containers that this process looks after, each with how many do."""


@contextlib.contextmanager
def holding(name: str) -> Iterator[None]:
    """Declare that this process looks after a container from before it is made until it is removed."""
    _held[name] += 1
    try:
        yield
    finally:
        _held[name] -= 1


def is_abandoned(name: str, server: str) -> bool:
    """Tell whether nobody looks after a container of that name any more, as far as can be known here."""
    if server == this_server():
        return _held[name] == 0  # its event loop has ended before it did
    return is_gone(server)


async def follow(engine: Engine, container: str, report: Report) -> Ready | Failed | None:
    """Report what the builder says until it tells the outcome; None when it ends without."""

    def log(client: Any) -> Any:
        return client.api.logs(container, stream=True, follow=True, stdout=True, stderr=False)

    async with contextlib.aclosing(engine.stream(log)) as chunks:
        async for line in build_output.lines(chunks):
            said = build_output.read(line)
            if isinstance(said, Progress):
                report(said)
            elif said is not None:
                return said
    return None


async def ended(engine: Engine, container: str) -> None:
    """Wait until a container has ended or is gone."""
    import docker

    def wait(client: Any) -> Iterator[None]:
        client.api.wait(container)
        yield None

    with contextlib.suppress(docker.errors.NotFound):
        async with contextlib.aclosing(engine.stream(wait)) as ends:
            async for _ in ends:
                return


async def end_of(engine: Engine, container: str) -> Ready | Failed | Ended:
    """Return how a container ended that could not be followed to its outcome: it may have none."""
    import docker

    try:
        await ended(engine, container)
        state = (await engine.call(lambda client: client.api.inspect_container(container)))["State"]
        log: bytes = await engine.call(lambda client: client.api.logs(container, tail=LOG_LINES))
    except docker.errors.APIError as error:
        if not is_gone_or_going(error):
            raise
        return Ended(None, was_out_of_memory=False, log="")
    said = {line: build_output.read(line) for line in log.decode("utf-8", "replace").splitlines()}
    for outcome in said.values():
        if isinstance(outcome, Ready | Failed):
            return outcome
    others = "\n".join(line for line, meaning in said.items() if meaning is None)
    return Ended(int(state["ExitCode"]), bool(state.get("OOMKilled")), others.strip())


async def remove(engine: Engine, container: str) -> None:
    """Remove a container; one that is gone is no error."""
    await engine.call(lambda client: remove_container(client, container))


def server_of(inspected: dict[str, Any]) -> str:
    """Return which process made a container."""
    return str((inspected["Config"]["Labels"] or {}).get(labels.SERVER, ""))
