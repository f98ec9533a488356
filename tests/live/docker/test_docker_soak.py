"""Nothing is left of many kernels in containers, nor of those that are killed at any moment.

What counts: containers, volumes, networks, folders with sockets, connection files, spools, and the threads, file
descriptors and children of the server. The short form runs with the tests; `make soak` does 200 starts and 20 kills.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from ..jupyter import Server, running_server, until
from .owners import Owner
from .projects import build, docker_project

pytestmark = pytest.mark.live

KERNEL = "myiris_docker"
AT_ONCE = 6
SPARE_DESCRIPTORS = 2
"""Connections to the engine that are kept for the next request, and closed when it is slow to come."""

SPARE_THREADS = 2
"""Pools of threads are bounded, but not always full when it begins."""


@dataclass
class Held:
    """What a server's process holds."""

    threads: int
    descriptors: int
    children: int

    @classmethod
    def by(cls, server: Server) -> Held:
        """Look into `/proc`."""
        process = Path(f"/proc/{server.process.pid}")
        tasks = list((process / "task").iterdir())
        return cls(
            threads=len(tasks),
            descriptors=len(list((process / "fd").iterdir())),
            children=sum(map(_children, tasks)),
        )

    def exceeds(self, other: Held) -> bool:
        """Tell whether this is more, beyond what pools may hold for later."""
        return (
            self.threads > other.threads + SPARE_THREADS
            or self.descriptors > other.descriptors + SPARE_DESCRIPTORS
            or self.children > other.children
        )


ANYTHING = Held(10_000, 10_000, 10_000)


def _children(task: Path) -> int:
    try:
        return len((task / "children").read_text().split())
    except (FileNotFoundError, ProcessLookupError):  # the thread has ended
        return 0


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a short name in which the server makes its temporary files, and nobody else."""
    folder = Path(tempfile.mkdtemp(prefix="soak-", dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def server(
    tmp_path: Path, base_image: str, temporary: Path, lasting_engine_environment: dict[str, str]
) -> Iterator[Server]:
    """Run a server at the home of a project whose environment is there, after it has run some kernels at once."""
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    await build(project)
    with running_server(project) as server:
        kernels = [await server.start_kernel(KERNEL) for _ in range(AT_ONCE)]
        for kernel_id in kernels:
            await answers(server, kernel_id)
        assert len(files_left(temporary)) >= 2 * AT_ONCE, "each has a spool and a folder of sockets"
        for kernel_id in kernels:
            await server.request("DELETE", f"api/kernels/{kernel_id}")
        yield server


async def answers(server: Server, kernel_id: str) -> None:
    async with server.kernel(kernel_id) as kernel:
        assert (await kernel.run("print(1 + 1)")).text.endswith("2\n")


def files_left(temporary: Path) -> list[str]:
    """Return what is left in the places where something of a kernel may be."""
    runtime, data = Path(os.environ["JUPYTER_RUNTIME_DIR"]), Path(os.environ["JUPYTER_WORKBENCH_DATA_DIR"])
    found = [
        *runtime.glob("kernel-*"),
        *temporary.glob("jupyter-workbench-*/*"),
        *data.glob("projects/*/spools/*"),
    ]
    return sorted(map(str, found))


async def nothing_is_left(server: Server, before: Held, owner: Owner, temporary: Path) -> None:
    """Wait until nothing is left: what is said when it does not come shows what is."""
    left: list[str] = []

    async def is_so() -> bool:
        held = Held.by(server)
        left[:] = [*owner.leftovers(), *files_left(temporary), *([f"{held}"] if held.exceeds(before) else [])]
        return left == []

    try:
        await until("nothing is left", is_so)
    except AssertionError as error:
        raise AssertionError(f"before: {before}; left: {left}") from error
    assert owner.volumes() == [owner.volume]


@pytest.mark.parametrize("cycles", [10, pytest.param(200, marks=pytest.mark.soak)])
async def test_nothing_is_left_of_kernels_that_were_shut_down(
    server: Server, lasting_owner: Owner, temporary: Path, cycles: int
) -> None:
    await nothing_is_left(server, ANYTHING, lasting_owner, temporary)
    before = Held.by(server)
    for _ in range(cycles):
        kernel_id = await server.start_kernel(KERNEL)
        await answers(server, kernel_id)
        await server.request("DELETE", f"api/kernels/{kernel_id}")
    await nothing_is_left(server, before, lasting_owner, temporary)


Kill = Callable[[Server, str, Owner], Awaitable[None]]


def containers_of(owner: Owner, kernel_id: str) -> list:
    return [
        container
        for container in owner.client.containers.list(all=True, ignore_removed=True)
        if container.labels.get("org.jupyter-workbench.kernel") == kernel_id
    ]


async def kill_the_container(server: Server, kernel_id: str, owner: Owner) -> None:
    for container in containers_of(owner, kernel_id):
        container.kill()


async def remove_the_container(server: Server, kernel_id: str, owner: Owner) -> None:
    for container in containers_of(owner, kernel_id):
        container.remove(force=True)


async def kill_the_process(server: Server, kernel_id: str, owner: Owner) -> None:
    async with server.kernel(kernel_id) as kernel:
        kernel.send("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")

        async def died() -> bool:
            return bool((await server.json("GET", f"workbench/api/kernels/{kernel_id}"))["reason"])

        await until("the death is known", died)


async def kill_in_mid_start(server: Server, kernel_id: str, owner: Owner) -> None:
    async def is_killed() -> bool:
        try:
            return [container.kill() for container in containers_of(owner, kernel_id)] != []
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
            return False  # it is made and not started yet

    await until("the container could be killed", is_killed)


async def shut_down_at_once(server: Server, kernel_id: str, owner: Owner) -> None:
    """Do nothing before the kernel is shut down."""


AT_THE_START: tuple[Kill, ...] = (kill_in_mid_start, shut_down_at_once)
LATER: tuple[Kill, ...] = (kill_the_container, remove_the_container, kill_the_process)
SHORT_FORM: tuple[Kill, ...] = (kill_the_process, kill_the_container, kill_in_mid_start)


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(SHORT_FORM, id="each once"),
        pytest.param(random.Random(20).choices(AT_THE_START + LATER, k=20), id="20 at random", marks=pytest.mark.soak),
    ],
)
async def test_nothing_is_left_of_kernels_that_were_killed(
    server: Server, lasting_owner: Owner, temporary: Path, kills: Sequence[Kill]
) -> None:
    await nothing_is_left(server, ANYTHING, lasting_owner, temporary)
    before = Held.by(server)
    for kill in kills:
        kernel_id = await server.start_kernel(KERNEL)
        if kill in LATER:
            await answers(server, kernel_id)
        await kill(server, kernel_id, lasting_owner)
        await server.request("DELETE", f"api/kernels/{kernel_id}")
    await nothing_is_left(server, before, lasting_owner, temporary)
