"""Removing files from a volume: no engine offers that, so a short-lived container does it, with the image's Python."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker import labels, paths
from jupyter_workbench.targets.docker.copying.project_files import Item
from jupyter_workbench.targets.docker.copying.tars import END, header, padding
from jupyter_workbench.targets.docker.engines.removing import remove_container

if TYPE_CHECKING:
    import docker

LIST = PurePosixPath("/jupyter-workbench-remove.json")
WAIT_SECONDS = 60

SCRIPT = f"""
import json, os
root = os.path.realpath({str(paths.PROJECT)!r})
for path in json.load(open({str(LIST)!r})):
    whole = os.path.join(root, path)
    above = os.path.dirname(whole)
    if os.path.realpath(above) != above or not os.path.lexists(whole):
        continue
    if os.path.islink(whole) or not os.path.isdir(whole):
        os.unlink(whole)
    elif not os.listdir(whole):
        os.rmdir(whole)
"""
"""Folders that something else is in stay, and so does what is behind a link that a kernel put there."""


def remove(client: docker.DockerClient, container: Mapping[str, Any], volume: str, gone: Iterable[str]) -> None:
    """Remove these paths from the project volume of a container (as the engine describes it). Raises `TargetError`."""
    import docker.errors

    name = f"jupyter-workbench-probe-{secrets.token_hex(8)}"
    try:
        client.api.create_container_from_config(_settings(container, volume), name)
        client.api.put_archive(name, "/", _archive(gone))
        client.api.start(name)
        code = client.api.wait(name, timeout=WAIT_SECONDS)["StatusCode"]
        if code != 0:
            said = client.api.logs(name, tail=1).decode("utf-8", "replace").strip()
            raise _refusal(volume, said or f"exit code {code}")
    except docker.errors.APIError as error:
        raise _refusal(volume, str(error.explanation or error)) from error
    finally:
        remove_container(client, name)


def _settings(container: Mapping[str, Any], volume: str) -> dict[str, Any]:
    inherited = (labels.OWNER, labels.SERVER, labels.PROJECT)
    had = container["Config"].get("Labels") or {}
    return {
        "Image": container["Image"],
        "Entrypoint": ["python3", "-I", "-X", "utf8", "-c", SCRIPT],
        "Cmd": [],
        "User": "0:0",  # it removes what the kernel's user has made read-only, too
        "WorkingDir": "/",
        "Labels": {labels.KIND: "probe", **{name: had[name] for name in inherited if name in had}},
        "HostConfig": {
            "NetworkMode": "none",
            "Mounts": [{"Type": "volume", "Source": volume, "Target": str(paths.PROJECT)}],
        },
    }


def _archive(gone: Iterable[str]) -> bytes:
    deepest_first = sorted(gone, key=lambda path: path.split("/"), reverse=True)
    data = json.dumps(deepest_first).encode()
    return header(LIST.name, Item("file", 0o600, len(data)), (0, 0)) + data + padding(len(data)) + END


def _refusal(volume: str, reason: str) -> TargetError:
    return TargetError(
        f"Files that are no longer in the project cannot be removed from its copy in the container: {reason} - "
        f"remove the copy with `docker volume rm {volume}`: the next start makes a new one"
    )
