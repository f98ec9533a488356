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
from docker.errors import ImageNotFound

from .engines import CannotStart

DEADLINE_SECONDS = 20
PAUSE_SECONDS = 0.05

_CONFIGURATION = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/storage}}}}
http: {{addr: "{address}"}}
"""
_HTPASSWD = "auth: {{htpasswd: {{realm: test, path: {folder}/htpasswd}}}}\n"


@dataclass(frozen=True)
class Registry:
    """A registry that runs. Engines take loopback for a safe network, so it needs no certificate."""

    address: str
    user: str | None = None
    password: str | None = None

    def push(self, client: docker.DockerClient, image: str) -> str:
        """Put an image of an engine there; returns its name there, by which the engine does not know it any more."""
        name = f"{self.address}/{uuid.uuid4().hex}:1"
        client.images.get(image).tag(name)
        self._send(client, name)
        client.images.remove(name)
        return name

    def push_layers(self, client: docker.DockerClient, *sizes: int) -> str:
        """Put an image there that no engine has: a layer of random bytes for each size, and nothing else."""
        repository = f"{self.address}/{uuid.uuid4().hex}"
        first, *more = sizes
        images = [json.loads(client.api.import_image_from_data(_random_tar(first), repository, "1"))["status"]]
        for size in more:
            images.append(_with_layer(client, images[-1], size, repository))
        self._send(client, f"{repository}:1")
        for image in reversed(images):
            _remove(client, image)  # by its id: a name that is removed may leave layers
        return f"{repository}:1"

    def push_upon(self, client: docker.DockerClient, base: str, size: int) -> str:
        """Put an image there that no engine has: another one with a layer of random bytes on top."""
        repository = f"{self.address}/{uuid.uuid4().hex}"
        image = _with_layer(client, base, size, repository)
        self._send(client, f"{repository}:1")
        _remove(client, image)
        return f"{repository}:1"

    def forget(self, client: docker.DockerClient) -> None:
        """Remove every image from an engine that came from here."""
        for image in client.images.list():
            for name in image.tags:
                if name.startswith(f"{self.address}/"):
                    _remove(client, name)

    def write_login(self, folder: Path, password: str | None = None) -> None:
        """Write what `docker login` writes into a folder; another ``password`` than the right one if one is given."""
        folder.mkdir(exist_ok=True)
        auth = base64.b64encode(f"{self.user}:{password or self.password}".encode()).decode()
        (folder / "config.json").write_text(json.dumps({"auths": {self.address: {"auth": auth}}}))

    def _send(self, client: docker.DockerClient, name: str) -> None:
        login = {"username": self.user, "password": self.password}
        said = [json.loads(line) for line in client.api.push(name, auth_config=login).splitlines()]
        errors = [message["error"] for message in said if "error" in message]
        assert not errors, errors


@contextmanager
def running_registry(folder: Path, user: str | None = None, password: str | None = None) -> Iterator[Registry]:
    """Run a registry with everything in a folder; with a user, it wants the login."""
    if not shutil.which("docker-registry"):
        raise CannotStart("docker-registry is missing - apt install docker-registry")
    address = f"127.0.0.1:{_free_port()}"
    text = _CONFIGURATION.format(folder=folder, address=address)
    if user and password:
        _write_htpasswd(folder / "htpasswd", user, password)
        text += _HTPASSWD.format(folder=folder)
    (folder / "registry.yml").write_text(text)
    with (folder / "log").open("wb") as log:
        command = ["docker-registry", "serve", str(folder / "registry.yml")]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_until_it_answers(process, address, folder / "log")
        yield Registry(address, user, password)
    finally:
        process.kill()
        process.wait()


def _with_layer(client: docker.DockerClient, image: str, size: int, repository: str) -> str:
    container = client.api.create_container(image, ["true"])["Id"]
    try:
        client.api.put_archive(container, "/", _random_tar(size))
        return str(client.api.commit(container, repository=repository, tag="1")["Id"])
    finally:
        client.api.remove_container(container, force=True)


def _random_tar(size: int) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        member = tarfile.TarInfo(f"random-{uuid.uuid4().hex}")
        member.size = size
        tar.addfile(member, io.BytesIO(os.urandom(size)))
    return content.getvalue()


def _remove(client: docker.DockerClient, image: str) -> None:
    try:
        client.api.remove_image(image, force=True)
    except ImageNotFound:
        return  # it went with one that was made of it


def _write_htpasswd(file: Path, user: str, password: str) -> None:
    if not shutil.which("htpasswd"):
        raise CannotStart("htpasswd is missing - apt install apache2-utils")
    subprocess.run(["htpasswd", "-Bbc", str(file), user, password], check=True, capture_output=True)


def _wait_until_it_answers(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            socket.create_connection((host, int(port))).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(log.read_text().strip()) from None
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
