"""A registry of images on this machine (Debian's docker-registry), and images that come from it only."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from jupyter_workbench.targets.docker.labels import OWNER

USER, PASSWORD = "mara", "correct horse"
DEADLINE_SECONDS = 20

_CONFIGURATION = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/storage}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""
_HTPASSWD = "auth: {{htpasswd: {{realm: test, path: {folder}/htpasswd}}}}\n"


@dataclass(frozen=True)
class Registry:
    """A registry that runs. Engines take loopback for a safe network, so it needs no certificate."""

    address: str
    client: docker.DockerClient
    owner: str

    def push(self, name: str, *sizes: int) -> str:
        """Put an image there that the engine does not have: one layer of random bytes for each size, nothing else."""
        repository = f"{self.address}/{name}"
        first, *more = sizes
        imported = json.loads(self.client.api.import_image_from_data(_random_tar(first), repository, "1"))
        images = [imported["status"]]
        for size in more:
            images.append(self._with_layer(images[-1], size, repository))
        said = [json.loads(line) for line in self.client.api.push(repository, tag="1", auth_config=LOGIN).splitlines()]
        errors = [message["error"] for message in said if "error" in message]
        assert not errors, errors
        for image in reversed(images):
            self.remove(image)  # by its id: of a name that is removed layers may stay
        return f"{repository}:1"

    def remove(self, name: str) -> None:
        """Remove an image from the engine, where it is there."""
        try:
            self.client.api.remove_image(name, force=True)
        except docker.errors.ImageNotFound:
            return

    def _with_layer(self, image: str, size: int, repository: str) -> str:
        container = self.client.api.create_container(image, ["true"], labels={OWNER: self.owner})["Id"]
        try:
            self.client.api.put_archive(container, "/", _random_tar(size))
            return str(self.client.api.commit(container, repository=repository, tag="1")["Id"])
        finally:
            self.client.api.remove_container(container, force=True)


LOGIN = {"username": USER, "password": PASSWORD}


@contextmanager
def running_registry(
    folder: Path, client: docker.DockerClient, owner: str, *, with_password: bool = False
) -> Iterator[Registry]:
    """Run a registry in a folder; it is gone at the end."""
    if shutil.which("docker-registry") is None:
        pytest.skip("no registry of images - apt install docker-registry")
    port = _free_port()
    text = _CONFIGURATION.format(folder=folder, port=port)
    if with_password:
        _write_htpasswd(folder / "htpasswd")
        text += _HTPASSWD.format(folder=folder)
    (folder / "registry.yml").write_text(text)
    with (folder / "registry.log").open("wb") as log:
        command = ["docker-registry", "serve", str(folder / "registry.yml")]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_until_it_answers(process, f"127.0.0.1:{port}")
        yield Registry(f"127.0.0.1:{port}", client, owner)
    finally:
        process.kill()
        process.wait()


def _random_tar(size: int) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        member = tarfile.TarInfo(f"random-{uuid.uuid4().hex}")
        member.size = size
        tar.addfile(member, io.BytesIO(os.urandom(size)))
    return content.getvalue()


def write_credentials(folder: Path, address: str, password: str = PASSWORD) -> None:
    """Write what `docker login` writes."""
    auth = base64.b64encode(f"{USER}:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {address: {"auth": auth}}}))


def _write_htpasswd(file: Path) -> None:
    if shutil.which("htpasswd") is None:
        pytest.skip("no htpasswd, which makes the passwords of a registry - apt install apache2-utils")
    subprocess.run(["htpasswd", "-Bbc", str(file), USER, PASSWORD], check=True, capture_output=True)


def _wait_until_it_answers(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    host, _, port = address.partition(":")
    while True:
        try:
            socket.create_connection((host, int(port))).close()
        except OSError:
            assert process.poll() is None, "the registry ended"
            assert time.monotonic() < deadline, "the registry does not answer"
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
