"""What a cell of a Docker kernel takes longer than one of a local kernel: a round trip, and a large output.

    python -m benchmarks.docker_latency [ROUND TRIPS] [OUTPUTS]

Both kernels are there all the time and take turns. A round trip is `1 + 1`, until the kernel is idle again and its
messages are here; the output is 50 MB of text, until its last byte is here. Goal: the median of Docker at most 1.25
times that of local.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from benchmarks.engine import NoEngine, a_user, write_project
from benchmarks.kernels import Subject
from benchmarks.managers import workbench_manager
from benchmarks.measure import goal, report, take_turns
from jupyter_workbench.kernels.preparing import prepare_environment
from jupyter_workbench.targets.progress import quiet

LOCAL, DOCKER = "myIris local", "myIris docker"
MEGABYTES = 50
OUTPUT = f"print('x' * {MEGABYTES * 1_000_000})"
DEADLINE_SECONDS = 60
MOST = 1.25


def main() -> None:
    """Measure and print."""
    round_trips = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    outputs = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    try:
        _with_engine(round_trips, outputs)
    except NoEngine as reason:
        print(f"not measured: {reason}")


def _with_engine(round_trips: int, outputs: int) -> None:
    with tempfile.TemporaryDirectory() as root, a_user():
        project = write_project(Path(root) / "myIris", "ipykernel")
        os.environ["JUPYTER_WORKBENCH_DATA_DIR"] = str(Path(root) / "data")
        os.chdir(project)
        print(f"load before: {os.getloadavg()[0]:.1f}")
        asyncio.run(_measure(project, round_trips, outputs))


async def _measure(project: Path, round_trips: int, outputs: int) -> None:
    print(await prepare_environment(project, "docker", os.environ, quiet))
    manager = workbench_manager(project)
    async with AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(_kernel(manager, kernel))
            for name, kernel in ((LOCAL, "myiris_local"), (DOCKER, "myiris_docker"))
        }
        for what, code, size, rounds in (
            ("round trip of 1 + 1", "1 + 1", 0, round_trips),
            (f"{MEGABYTES} MB of output", OUTPUT, MEGABYTES * 1_000_000, outputs),
        ):
            cells: dict[str, Callable[[], Awaitable[None]]] = {
                name: partial(_run, client, code, size) for name, client in clients.items()
            }
            _print(what, await take_turns(cells, rounds))


@asynccontextmanager
async def _kernel(manager: AsyncMappingKernelManager, name: str) -> AsyncIterator[AsyncKernelClient]:
    subject = Subject(manager, name)
    await subject.start()
    client = subject.kernel.client()
    client.start_channels(stdin=False, hb=False)
    try:
        # Until its output is sure to come: a subscription takes a moment.
        await client.wait_for_ready(timeout=DEADLINE_SECONDS)
        yield client
    finally:
        client.stop_channels()
        await subject.shut_down()


async def _run(client: AsyncKernelClient, code: str, size: int) -> None:
    message_id = client.execute(code)
    reply = await client.get_shell_msg(timeout=DEADLINE_SECONDS)
    assert reply["parent_header"]["msg_id"] == message_id
    seen = 0
    while True:
        message = await client.get_iopub_msg(timeout=DEADLINE_SECONDS)
        if message["parent_header"].get("msg_id") != message_id:
            continue
        if message["msg_type"] == "stream":
            seen += len(message["content"]["text"])
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            break
    assert seen >= size


def _print(what: str, seconds: dict[str, list[float]]) -> None:
    report(what, seconds)
    for name, values in seconds.items():
        print(f"  {name}: 95th percentile {statistics.quantiles(values, n=20, method='inclusive')[-1] * 1000:.3f} ms")
    goal(f"{DOCKER} / {LOCAL}", statistics.median(seconds[DOCKER]) / statistics.median(seconds[LOCAL]), MOST, "times")


if __name__ == "__main__":
    main()
