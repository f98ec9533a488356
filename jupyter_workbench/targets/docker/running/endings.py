"""How a container ended, read from the engine before it is removed."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jupyter_workbench.config.containers import memory_text
from jupyter_workbench.targets.docker.engines.endpoints import EngineError
from jupyter_workbench.targets.docker.engines.removing import is_gone_or_going
from jupyter_workbench.targets.docker.running.watching import Watch

if TYPE_CHECKING:
    from jupyter_workbench.config.models import DockerCompute
    from jupyter_workbench.targets.docker.engines.engine import Engine

LOG_LINES = 20
REMOVED = "its container was removed"
WHEN_STOPPED = (-signal.SIGTERM, -9)
"""Exit codes of containers that an engine stops, if it does not say so."""


@dataclass(frozen=True)
class End:
    """An exit code as `subprocess` has it (``-n``: signal n), why, where more is known, and what was said last."""

    code: int
    why: str | None = None
    log: str = ""

    def words(self) -> str:
        """Return the end in words, for the middle of a sentence."""
        return self.why or (f"killed by signal {-self.code}" if self.code < 0 else f"exit code {self.code}")


async def read_end(engine: Engine, container: str, compute: DockerCompute, interruption: str | None) -> End:
    """Read the end of a container; ``interruption`` is what the engine did to all of them.

    An engine that stops ends its containers when it answers no more: then it is waited for. Raises `EngineError` when
    it stays away.
    """
    try:
        end = await _read(engine, container, compute, interruption)
    except EngineError:
        return await _read(engine, container, compute, await Watch.of(engine).comes_back())
    if end.code in WHEN_STOPPED and end.why is None:
        return replace(end, why=await Watch.of(engine).interruption())
    return end


async def _read(engine: Engine, container: str, compute: DockerCompute, interruption: str | None) -> End:
    import docker

    try:
        state = (await engine.call(lambda client: client.api.inspect_container(container)))["State"]
        log = await read_log(engine, container) if state["ExitCode"] else ""
    except docker.errors.APIError as error:
        if not is_gone_or_going(error):
            raise
        return End(-9, REMOVED)
    return End(_signed(int(state["ExitCode"])), _why(state, compute, interruption), log)


async def read_log(engine: Engine, container: str) -> str:
    """Return the last lines that a container said on stdout and stderr."""

    def read(client: Any) -> bytes:
        return bytes(client.api.logs(container, tail=LOG_LINES))

    return (await engine.call(read)).decode("utf-8", "replace").strip()


def _why(state: dict[str, Any], compute: DockerCompute, interruption: str | None) -> str | None:
    if state.get("OOMKilled") and compute.memory is not None:
        limit = memory_text(compute.memory)
        return f"out of memory: its limit is {limit}, the `memory` of aml_config/{compute.name}.compute"
    if state.get("OOMKilled"):
        return "out of memory: the machine of the Docker engine has no more"
    if interruption is None and state.get("Status") == "removing":
        return REMOVED
    return interruption or state.get("Error") or None


def _signed(code: int) -> int:
    """Return an exit code as Python's `subprocess` has it: shells and engines say 128 + n for signal n."""
    return 128 - code if code - 128 in set(signal.Signals) else code
