"""Start to first result and restart to first result, through the same manager of jupyter_server.

In turns: a bare ipykernel, our local run configuration, our prepared Docker one, and gateway_provisioners' Docker
kernel.

    python -m benchmarks.kernel_start [ROUNDS]

Goals: local at most 1.15 times the bare kernel; Docker at most 1.4 times the bare kernel and half of
gateway_provisioners, restarted, too. Without an engine (see `benchmarks/engine.py`) the Docker rows are left out.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

from benchmarks.engine import NoEngine, a_user, write_project
from benchmarks.gateway import gateway_subject
from benchmarks.kernels import Subject
from benchmarks.managers import workbench_manager
from benchmarks.measure import goal, report, take_turns
from jupyter_workbench.kernels.preparing import prepare_environment
from jupyter_workbench.targets.progress import quiet

BARE, LOCAL, DOCKER, GATEWAY = "bare ipykernel", "myIris local", "myIris docker", "gateway_provisioners (Docker)"
MOST_OF_BARE = {LOCAL: 1.15, DOCKER: 1.4}
MOST_OF_GATEWAY = 0.5


class Measured(Protocol):
    """A kernel that can be started, restarted and shut down; each returns its seconds."""

    async def start(self) -> float:
        """Start it."""

    async def restart(self) -> float:
        """Restart it."""

    async def shut_down(self) -> float:
        """Shut it down."""


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as root:
        project = write_project(Path(root) / "myIris", "ipykernel")
        os.environ["JUPYTER_WORKBENCH_DATA_DIR"] = str(Path(root) / "data")
        os.chdir(project)
        print(f"load before: {os.getloadavg()[0]:.1f}")
        asyncio.run(_measure(project, rounds))


async def _measure(project: Path, rounds: int) -> None:
    async with _subjects(project) as subjects:
        candidates = {}
        for name, subject in subjects.items():
            for what in ("start", "restart", "shut_down"):
                candidates[what, name] = getattr(subject, what)
        seconds = await take_turns(candidates, rounds)
    for what, title in (("start", "start to first result"), ("restart", "restart to first result")):
        rows = {name: values for (done, name), values in seconds.items() if done == what}
        report(title, rows)
        _compare(rows)


def _compare(rows: dict[str, list[float]]) -> None:
    medians = {name: statistics.median(values) for name, values in rows.items()}
    for name, most in MOST_OF_BARE.items():
        if name in medians:
            goal(f"{name} / {BARE}", medians[name] / medians[BARE], most, "times")
    if GATEWAY in medians:
        goal(f"{DOCKER} / {GATEWAY}", medians[DOCKER] / medians[GATEWAY], MOST_OF_GATEWAY, "times")


@asynccontextmanager
async def _subjects(project: Path) -> AsyncIterator[dict[str, Measured]]:
    manager = workbench_manager(project)
    subjects: dict[str, Measured] = {BARE: Subject(manager, "python3"), LOCAL: Subject(manager, "myiris_local")}
    async with AsyncExitStack() as stack:
        try:
            client = stack.enter_context(a_user())
        except NoEngine as reason:
            print(f"Docker is not measured: {reason}")
        else:
            print(await prepare_environment(project, "docker", os.environ, quiet))
            subjects[DOCKER] = Subject(manager, "myiris_docker")
            subjects[GATEWAY] = await stack.enter_async_context(gateway_subject(client))
        yield subjects


if __name__ == "__main__":
    main()
