"""An engine with one container of a kernel whose files are not those of this machine, as far as a test needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import docker.errors
from archives_on_paper import Entry, a_file, archive

from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.engines.engine import EngineError

T = TypeVar("T")

STREAM = "20260102T030405-0123456789abcdef"


class Engine:
    """``files`` are those of the kernel's folder; ``did`` lists what was done to the container, in that order.

    Calls of the docker SDK come to methods of this class, too.
    """

    endpoint = id = "unix:///nowhere/docker.sock"

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, Entry] = {}
        self.did: list[str] = []
        self.when_stopped: Callable[[], object] = lambda: None
        self.is_away = False
        self.has_container = True
        self._labels = {
            labels.KIND: "kernel",
            labels.SERVER: "one that is gone",
            labels.FOLDER: str(folder),
            labels.STREAM: folder.name,
        }

    def has(self, name: str, content: bytes) -> None:
        self.files[name] = a_file(name, content)

    async def call(self, function: Callable[[Any], T]) -> T:
        if self.is_away:
            raise EngineError("the engine is away")
        return function(SimpleNamespace(api=self))

    def containers(self, **_: object) -> list[dict[str, Any]]:
        found = {"Id": "1", "Names": ["/kernel"], "Labels": self._labels, "Mounts": [], "State": "running"}
        return [found] if self.has_container else []

    def inspect_container(self, _: str) -> dict[str, Any]:
        self._refuse_without_container()
        return {"State": {"ExitCode": 0, "Status": "exited"}}

    def stop(self, _: str, timeout: int) -> None:
        self._refuse_without_container()
        self.did.append("stopped")
        self.when_stopped()

    def create_container_from_config(self, *_: object) -> dict[str, str]:
        return {"Id": "1"}

    def put_archive(self, _: str, __: str, pieces: Iterable[bytes]) -> None:
        self.did.append(f"put {sum(map(len, pieces))} bytes")

    def get_archive(self, _: str, path: str) -> tuple[Any, dict[str, Any]]:
        wanted = path.removeprefix("/azureml-kernel/")
        found = [entry for name, entry in self.files.items() if f"{name}/".startswith(f"{wanted}/")]
        if not found or not self.has_container:
            raise docker.errors.NotFound("there is no such thing")
        self.did.append(f"read {wanted}")
        return (piece for piece in archive(*found)), {}

    def remove_container(self, _: str, **__: object) -> None:
        self._refuse_without_container()
        self.did.append("removed")
        self.has_container = False

    def _refuse_without_container(self) -> None:
        if not self.has_container:
            raise docker.errors.NotFound("no such container")
