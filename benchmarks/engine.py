"""The engine, the image and the user of the benchmarks with Docker, and the projects that run on it.

The engine is that of DOCKER_HOST, the image that of WORKBENCH_TEST_IMAGE (see CONTRIBUTING.md). All that we make
there belongs to a user who exists for one run.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
from docker.errors import DockerException

from jupyter_workbench.targets.docker.images.network import company_network

IMAGE = os.environ.get("WORKBENCH_TEST_IMAGE", "workbench-base:bookworm")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "jupyter_workbench-benchmarks"
"""What is made once and kept: environments of other packages."""

ENGINE = str(Path(__file__).parents[1] / ".ci" / "engine")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
OWNER = "org.jupyter-workbench.owner"
CLIENT_SECONDS = 900


class NoEngine(Exception):
    """There is no engine to measure on, or it lacks the image."""


def _client() -> docker.DockerClient:
    try:
        client = docker.from_env(timeout=CLIENT_SECONDS)
        has_image = bool(client.images.list(IMAGE))
    except DockerException as error:
        raise NoEngine(f"no engine answers - start one, or name it with DOCKER_HOST ({error})") from error
    if not has_image:
        raise NoEngine(f"the engine has no image {IMAGE} - run .ci/base-image, or set WORKBENCH_TEST_IMAGE")
    return client


@contextmanager
def a_user() -> Iterator[docker.DockerClient]:
    """Be a user whom nobody knows on the engine, and remove what is left of that user."""
    client = _client()
    os.environ["LOGNAME"] = name = f"benchmark-{uuid.uuid4().hex[:12]}"
    try:
        yield client
    finally:
        remove_everything(client, name)
        client.close()


def remove_everything(client: docker.DockerClient, owner: str) -> None:
    """Remove all containers and volumes that carry the label of a user."""
    filters = {"label": f"{OWNER}={owner}"}
    for container in client.containers.list(all=True, filters=filters):
        container.remove(force=True, v=True)
    for volume in client.volumes.list(filters=filters):
        volume.remove(force=True)


@contextmanager
def private_engine() -> Iterator[None]:
    """Run an engine that has nothing but the image, and let DOCKER_HOST name it; needs root (see `.ci/engine`)."""
    folder = tempfile.mkdtemp(prefix="workbench-benchmark-", dir="/var/tmp")
    before = os.environ.get("DOCKER_HOST")
    try:
        with tempfile.TemporaryFile() as image:
            image.writelines(_client().images.get(IMAGE).save(named=IMAGE))
            image.seek(0)
            os.environ["DOCKER_HOST"] = _start(folder)
            docker.from_env(timeout=CLIENT_SECONDS).images.load(image)
        yield
    finally:
        subprocess.run([ENGINE, "remove", folder], check=True)
        os.environ.pop("DOCKER_HOST", None)
        os.environ.update({"DOCKER_HOST": before} if before else {})


def _start(folder: str) -> str:
    started = subprocess.run([ENGINE, "start", folder], stdout=subprocess.PIPE, text=True, check=False)
    if started.returncode:
        raise NoEngine("no private engine could be started, see above")
    return started.stdout.strip()


def host_certificates() -> Path:
    """Return the certificates that containers need to reach the network from here."""
    return company_network(os.environ).ca_bundle or CERTIFICATES


def write_project(folder: Path, *packages: str) -> Path:
    """Write a project with the run configurations `local` and `docker`; the packages are for both."""
    settings = folder / "aml_config"
    settings.mkdir(parents=True)
    share = folder.parent / "share"
    texts = {
        "local.compute": f"type: local\npythonLocation: python\nnativeSharedDirectory: {share}\n",
        "local.runconfig": "ArgumentVector:\n- $file\nTarget: local\nFramework: Python\n",
        "docker.compute": f"type: localdocker\nbaseDockerImage: {IMAGE}\nnativeSharedDirectory: {share}\n",
        "docker.runconfig": "ArgumentVector:\n- $file\nTarget: docker\nFramework: Python\n",
    }
    for name, text in texts.items():
        (settings / name).write_text(text)
    write_packages(folder, *packages)
    return folder


def write_packages(project: Path, *packages: str) -> None:
    """Let a project ask for these packages."""
    lines = "".join(f"  - {package}\n" for package in packages)
    (project / "aml_config" / "conda_dependencies.yml").write_text(f"dependencies:\n- pip:\n{lines}")
