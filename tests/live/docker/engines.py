"""Engines of a test's own: a private dockerd (by `.ci/engine`) and Podman's Docker-compatible service."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException

from .owners import client_of

ENGINE = Path(__file__).parents[3] / ".ci" / "engine"
SHORT_FOLDERS = "/var/tmp"
"""Sockets have names of at most 107 characters, and engines may be blind to the folder of the tests."""

DEADLINE_SECONDS = 30
PAUSE_SECONDS = 0.1
CLIENT_SECONDS = 120
MOST = 16384


class CannotStart(Exception):
    """This machine cannot run such an engine; says why."""


@dataclass
class PrivateEngine:
    """A dockerd of a test's own, which may be stopped, killed and started again; ``hidden`` folders it sees empty."""

    folder: Path
    hidden: tuple[Path, ...] = ()

    @property
    def host(self) -> str:
        """The DOCKER_HOST of it."""
        return f"unix://{self.folder}/docker.sock"

    @property
    def pid(self) -> int:
        """The process that answers."""
        return int((self.folder / "dockerd.pid").read_text())

    @property
    def is_running(self) -> bool:
        """Whether it answers."""
        try:
            return bool(client_of(self.host).ping())
        except DockerException:
            return False

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._do("start", *map(str, self.hidden))

    def stop(self) -> None:
        """Stop it as a system does: its containers end, and stay."""
        self._do("stop")

    def kill(self) -> None:
        """Kill it with -9: its containers live on, until it is started again and ends them."""
        os.kill(self.pid, signal.SIGKILL)

    def remove(self) -> None:
        """Stop it and remove all that it had."""
        self._do("remove")

    def _do(self, what: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(ENGINE), what, str(self.folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotStart(done.stderr.strip())


@dataclass
class Podman:
    """Podman's service, which speaks Docker's protocol."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """The DOCKER_HOST of it."""
        return f"unix://{self.folder}/podman.sock"

    def start(self) -> None:
        """Start the service, and wait until it answers."""
        if not shutil.which("podman"):
            raise CannotStart("podman is missing - apt install podman catatonit")
        configuration = self.folder / "containers.conf"
        configuration.write_text(_limits_that_root_may_set_anywhere())
        service = [*self._command(), "system", "service", "--time=0", self.host]
        with (self.folder / "log").open("ab") as log:
            environment = {**os.environ, "CONTAINERS_CONF": str(configuration)}
            self.process = subprocess.Popen(service, stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart((self.folder / "log").read_text().strip())
            time.sleep(PAUSE_SECONDS)

    def remove(self) -> None:
        """Stop it and remove all that it had."""
        for what in (["rm", "--all", "--force", "--time=0"], ["volume", "rm", "--all", "--force"]):
            subprocess.run([*self._command(), *what], capture_output=True, check=False)
        if self.process:
            self.process.terminate()
            self.process.wait()
        for mount in reversed(_mounts_below(self.folder)):
            subprocess.run(["umount", "-l", mount], check=True)
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        try:
            return bool(client_of(self.host).ping())
        except DockerException:
            return False

    def _command(self) -> list[str]:
        folders = [f"--{name}={self.folder / name}" for name in ("root", "runroot", "tmpdir", "network-config-dir")]
        # Neither systemd nor journald is needed for it.
        return ["podman", *folders, "--cgroup-manager=cgroupfs", "--events-backend=file"]


def _limits_that_root_may_set_anywhere() -> str:
    # Podman asks for a million files and four million processes otherwise: more than root in a container may have.
    files = _at_most(resource.RLIMIT_NOFILE)
    processes = _at_most(resource.RLIMIT_NPROC)
    return f'[containers]\ndefault_ulimits = ["nofile={files}:{files}", "nproc={processes}:{processes}"]\n'


def _at_most(kind: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)


def _mounts_below(folder: Path) -> list[str]:
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [mount for mount in mounts if mount.startswith(f"{folder}/")]


@contextmanager
def private_engine(image: Path, hidden: Iterable[Path] = ()) -> Iterator[PrivateEngine]:
    """Run a dockerd that has the image of a tar file."""
    engine = PrivateEngine(_a_folder("engine"), tuple(hidden))
    try:
        engine.start()
        load(engine.host, image)
        yield engine
    finally:
        engine.remove()


@contextmanager
def podman(image: Path) -> Iterator[Podman]:
    """Run Podman's service with the image of a tar file."""
    engine = Podman(_a_folder("podman"))
    try:
        engine.start()
        load(engine.host, image)
        yield engine
    finally:
        engine.remove()


def load(host: str, image: Path) -> None:
    """Load the image of a tar file into an engine."""
    client = docker.DockerClient(base_url=host, timeout=CLIENT_SECONDS)
    with image.open("rb") as file:
        client.images.load(file)
    client.close()


def _a_folder(name: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"workbench-{name}-", dir=SHORT_FOLDERS))
