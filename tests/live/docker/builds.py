"""What tests of builds have in common: dependency files in short, and a package whose build can be held up.

Run as a program it is another process that wants an environment: ``builds.py IMAGE LINE ...``; see `another_process`.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import tarfile
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest

from jupyter_workbench.environments import local_files
from jupyter_workbench.environments.spec import EnvironmentSpec, Requirement
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.building import build, build_watching, environments
from jupyter_workbench.targets.docker.building.environments import Built
from jupyter_workbench.targets.docker.engines.engine import Engine, connect
from jupyter_workbench.targets.docker.images import images, network
from jupyter_workbench.targets.docker.images.network import CompanyNetwork
from jupyter_workbench.targets.docker.servers import this_server
from jupyter_workbench.targets.progress import Progress, Report, quiet

FILE = "aml_config/conda_dependencies.yml"
KERNEL = "ipykernel"

GO_ON = "/tmp/go-on"
"""The build of `a_held_package` waits for this file in its container."""

_BACKEND = """
import os, time, zipfile

def build_wheel(folder, *_):
    {first}
    name = "{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("{name}.py", "text = '{text}'")
        wheel.writestr("{name}-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
        wheel.writestr("{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("{name}-1.0.dist-info/RECORD", "{name}.py,,\\n{name}-1.0.dist-info/RECORD,,\\n")
    return name
"""
_HELD = f"""while not os.path.exists("{GO_ON}"):
        time.sleep(0.05)"""
_BROKEN = 'raise SystemExit("cc: command not found")'

_PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "{name}"
version = "1.0"
"""


def spec_of(*lines: str, files: Sequence[Path] = (), python: str | None = None) -> EnvironmentSpec:
    """Return what a dependency file with these lines of pip asks for; the first one is line 4."""
    requirements = [Requirement(text, line) for line, text in enumerate(lines, 4)]
    return EnvironmentSpec(FILE, python=python, requirements=tuple(requirements), files=tuple(files))


def a_held_package(folder: Path, name: str = "held") -> EnvironmentSpec:
    """Return what asks for a package whose build waits until `go_on`; its progress is `is_held`.

    Builds of one name wait for each other, as uv sees to: take another ``name``, which begins alike, for another one.
    """
    return a_package(folder / name, first=_HELD, text=str(uuid.uuid4()))  # no environment of another test


def a_broken_package(folder: Path) -> EnvironmentSpec:
    """Return what asks for a package that cannot be built."""
    return a_package(folder / "broken", first=_BROKEN)


def a_package(folder: Path, *, first: str = "pass", text: str = "") -> EnvironmentSpec:
    """Return what asks for a package of the name of its folder; its one module has a `text`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "backend.py").write_text(_BACKEND.format(name=folder.name, first=first, text=text))
    (folder / "pyproject.toml").write_text(_PROJECT.format(name=folder.name))
    return spec_of(KERNEL, str(local_files.place(0, folder)), files=[folder])


def is_held(progress: Progress) -> bool:
    """Tell that the package of `a_held_package` is being built."""
    return progress.message.startswith("Building held")


def go_on(container: Any) -> None:
    """Let the build in a container go on."""
    with io.BytesIO() as archive:
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.addfile(tarfile.TarInfo(GO_ON.lstrip("/")))
        assert container.put_archive("/", archive.getvalue())


@dataclass
class Reports:
    """A report that can be waited for."""

    messages: list[str] = field(default_factory=list)
    _waiting: list[tuple[Callable[[Progress], bool], asyncio.Event]] = field(default_factory=list)

    def __call__(self, progress: Progress) -> None:
        """Take one moment."""
        self.messages.append(progress.message)
        for wanted, event in self._waiting:
            if wanted(progress):
                event.set()

    async def until(self, wanted: Callable[[Progress], bool]) -> None:
        """Return once something is reported that was not before."""
        event = asyncio.Event()
        self._waiting.append((wanted, event))
        await asyncio.wait_for(event.wait(), 60)


@dataclass(frozen=True)
class Builds:
    """`environments.ensure` with what every test says."""

    engine: Engine
    image: str
    image_id: str
    network: CompanyNetwork

    async def ensure(self, spec: EnvironmentSpec, report: Report = quiet, **options: Any) -> Built:
        """Ask for an environment."""
        network_ = options.pop("network", self.network)
        return await environments.ensure(self.engine, self.image, self.image_id, spec, network_, report, **options)

    async def failure(self, spec: EnvironmentSpec, **options: Any) -> str:
        """Return the message of an environment that cannot be had."""
        with pytest.raises(TargetError) as raised:
            await self.ensure(spec, **options)
        return str(raised.value)


@asynccontextmanager
async def builds_on(environment: dict[str, str], image: str) -> AsyncIterator[Builds]:
    """Connect to the engine; nothing is compiled any more when the test is over."""
    async with _connected(environment, image) as builds:
        yield builds
        await stop_compiling(builds.engine)


async def stop_compiling(engine: Engine) -> None:
    """End what goes on after an environment is ready, also of other processes: its container is gone then."""
    await _kill_builds(engine)
    await build.compiled()
    for container in await engine.call(lambda client: build_containers(client, labels.owner())):  # of other processes
        await build_watching.remove(engine, container.id)


def build_containers(client: docker.DockerClient, owner: str, *also: str) -> list[Any]:
    """Return the containers that build environments of a user; ``also`` are labels that they must have, too."""
    theirs = [f"{labels.OWNER}={owner}", f"{labels.KIND}=build", *also]
    return client.containers.list(all=True, filters={"label": theirs}, ignore_removed=True)


@asynccontextmanager
async def _connected(environment: dict[str, str], image: str) -> AsyncIterator[Builds]:
    engine = await connect(environment)
    image_id = await images.image_id(engine, image)
    assert image_id is not None
    try:
        yield Builds(engine, image, image_id, network.company_network(environment))
    finally:
        await engine.close()


async def _kill_builds(engine: Engine, *also: str) -> None:
    for container in await engine.call(lambda client: build_containers(client, labels.owner(), *also)):
        with suppress(docker.errors.APIError):  # it has ended by itself
            await engine.call(lambda _, container=container: container.kill())


@dataclass
class AnotherProcess:
    """A process that wants an environment, too."""

    process: asyncio.subprocess.Process

    async def until(self, wanted: Callable[[Progress], bool]) -> None:
        """Return once it has reported something."""
        while not ("message" in (said := await self._next()) and wanted(Progress("environment", said["message"]))):
            assert "message" in said, said

    async def result(self) -> dict[str, Any]:
        """Return what came of it: ``prefix``, or ``error``."""
        while "message" in (said := await self._next()):
            pass
        await self.process.wait()
        return said

    async def kill(self) -> None:
        """Kill it with -9."""
        self.process.kill()
        await self.process.wait()

    async def _next(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        assert line, "it ended without a word"
        return dict(json.loads(line))


async def another_process(image: str, spec: EnvironmentSpec) -> AnotherProcess:
    """Start a process that wants an environment on the engine of this test, as the same user."""
    words = [json.dumps([[requirement.text for requirement in spec.requirements], list(map(str, spec.files))])]
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, image, *words, stdout=asyncio.subprocess.PIPE
    )
    return AnotherProcess(process)


async def _main(image: str, asked: str) -> None:
    lines, files = json.loads(asked)
    async with _connected(dict(os.environ), image) as builds:
        try:
            built = await builds.ensure(spec_of(*lines, files=[Path(file) for file in files]), _print_progress)
        except TargetError as error:
            _print({"error": str(error)})
        else:
            _print({"prefix": str(built.prefix)})
        await _kill_builds(builds.engine, f"{labels.SERVER}={this_server()}")  # the test may have begun one of its own
        await build.compiled()


def _print_progress(progress: Progress) -> None:
    _print({"message": progress.message})


def _print(said: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
