"""Make an environment: from nothing, when nothing changed, and after one package was added.

Ours beside a Dockerfile with pip, and beside the strongest way that people use: BuildKit, uv and a cache mount. In
turns, on a private engine (`.ci/engine`), so that a build from nothing finds nothing.

    python -m benchmarks.environment [ROUNDS]

Goals: 5 times faster than pip in a Dockerfile from nothing, and 15 times after one package; nowhere slower than
BuildKit with uv, and 1.5 times faster after one package; under 50 ms when nothing changed.

What is fair: every build may read what the network has and nothing that an earlier one left, all install the same
newest versions, and all are counted until a container could start with the environment. Ours runs in a process that
is there already, as the server is; for the others their client is started, as they are used. Why repo2docker
is not here is in the README.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import docker

from benchmarks.dockerfiles import PIP, UV, Dockerfile
from benchmarks.engine import NoEngine, a_user, private_engine, remove_everything, write_packages, write_project
from benchmarks.measure import goal, report, take_turns
from jupyter_workbench.kernels.preparing import prepare_environment
from jupyter_workbench.targets.progress import quiet

PACKAGES = ("scikit-learn", "pandas", "matplotlib", "ipykernel")
ADDED = "humanize"
OURS, WITH_PIP, WITH_UV = "ours", "docker build with pip", "BuildKit, uv, cache mount"
COLD, UNCHANGED, ONE_ADDED = "from nothing", "nothing changed", "one package added"


class Way(Protocol):
    """A way to make an environment; each method returns its seconds."""

    async def cold(self, packages: Sequence[str]) -> float:
        """Forget what is kept, and make it."""

    async def build(self, packages: Sequence[str]) -> float:
        """Make it."""


class Ours:
    """What `workbench experiment prepare` does, in a process that runs already."""

    def __init__(self, client: docker.DockerClient, project: Path) -> None:
        self._client, self._project = client, project

    async def cold(self, packages: Sequence[str]) -> float:
        """Remove the user's volume, then build."""
        remove_everything(self._client, os.environ["LOGNAME"])
        return await self.build(packages)

    async def build(self, packages: Sequence[str]) -> float:
        """Return the seconds until a kernel could be started."""
        write_packages(self._project, *packages)
        before = time.perf_counter()
        await prepare_environment(self._project, "docker", os.environ, quiet)
        return time.perf_counter() - before


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"load before: {os.getloadavg()[0]:.1f}")
    try:
        seconds = _measure(rounds)
    except NoEngine as reason:
        print(f"not measured: {reason}")
    else:
        _print(seconds)


def _measure(rounds: int) -> dict[tuple[str, str], list[float]]:
    with tempfile.TemporaryDirectory() as root, private_engine(), a_user() as client:
        ways: dict[str, Way] = {OURS: Ours(client, write_project(Path(root) / "myIris"))}
        for name, text, buildkit in ((WITH_PIP, PIP, False), (WITH_UV, UV, True)):
            dockerfile = Dockerfile(name, text, Path(root) / ("uv" if buildkit else "pip"), buildkit)
            dockerfile.write()
            ways[name] = dockerfile
        return asyncio.run(take_turns(_candidates(ways), rounds, warm_up=False))


def _candidates(ways: dict[str, Way]) -> dict:
    steps = {}
    for name, way in ways.items():
        steps[COLD, name] = partial(way.cold, PACKAGES)
        steps[UNCHANGED, name] = partial(way.build, PACKAGES)
        steps[ONE_ADDED, name] = partial(way.build, [*PACKAGES, ADDED])
    return steps


def _print(seconds: dict[tuple[str, str], list[float]]) -> None:
    medians = {key: statistics.median(values) for key, values in seconds.items()}
    for step in (COLD, UNCHANGED, ONE_ADDED):
        report(step, {name: values for (done, name), values in seconds.items() if done == step})
        for other in (WITH_PIP, WITH_UV):
            print(f"  {other} / ours: {medians[step, other] / medians[step, OURS]:.1f} times")
    print()
    ours = {step: medians[step, OURS] for step in (COLD, UNCHANGED, ONE_ADDED)}
    goal(f"{COLD}, of pip", ours[COLD] / medians[COLD, WITH_PIP], 1 / 5, "times")
    goal(f"{ONE_ADDED}, of pip", ours[ONE_ADDED] / medians[ONE_ADDED, WITH_PIP], 1 / 15, "times")
    goal(f"{COLD}, of uv", ours[COLD] / medians[COLD, WITH_UV], 1, "times")
    goal(f"{UNCHANGED}, of uv", ours[UNCHANGED] / medians[UNCHANGED, WITH_UV], 1, "times")
    goal(f"{ONE_ADDED}, of uv", ours[ONE_ADDED] / medians[ONE_ADDED, WITH_UV], 1 / 1.5, "times")
    goal(UNCHANGED, ours[UNCHANGED] * 1000, 50, "ms")


if __name__ == "__main__":
    main()
