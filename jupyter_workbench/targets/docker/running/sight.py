"""Whether an engine sees the folders of this machine, and gives files in them to the user: proven, not guessed.

An engine may run in a virtual machine or on another one, may map users to others (rootless), and SELinux may keep
containers from what is mounted. So a container of the image tries it once for each project and process.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.engines.removing import remove_container
from jupyter_workbench.targets.docker.running.folders import meeting_of
from jupyter_workbench.targets.docker.servers import this_server

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.engines.engine import Engine

LOOK_SECONDS = 30
UNSEEN = "the engine does not see the folders of this machine"
_NO_SUCH_FOLDER = re.compile(r"does not exist|no such file", re.IGNORECASE)

_LOOK = """\
import json, os, socket, sys
def try_to(do):
    try:
        return do()
    except OSError as error:
        return str(error)
def write():
    with open("/meeting/written", "w") as file:
        file.write(sys.argv[1])
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.bind("/meeting/socket")
print(json.dumps({
    "nonce": try_to(lambda: open("/meeting/nonce").read()),
    "write": try_to(write), "socket": try_to(connect),
    "project": try_to(lambda: len(os.listdir("/project")) and None),
    "writable": os.access("/project", os.W_OK),
}))
"""


@dataclass(frozen=True)
class Sight:
    """What an engine can do with folders of this machine; ``reason`` says why not."""

    folders: bool
    project: bool
    reason: str = ""


_seen: dict[tuple[str, Path, str], Sight] = {}


async def sight_of(engine: Engine, image_id: str, python: str, project: Path, user: str) -> Sight:
    """Look, until it was seen that all is well: then once for each engine, project and user."""
    key = (engine.id, project, user)
    if key in _seen:
        return _seen[key]
    sight = await _look(engine, image_id, python, project, user)
    if sight.project:  # what could not be done may have been the trouble of a moment
        _seen[key] = sight
    return sight


async def _look(engine: Engine, image_id: str, python: str, project: Path, user: str) -> Sight:
    nonce = secrets.token_hex(16)
    meeting = meeting_of(nonce)
    lease = await asyncio.to_thread(meeting.open, engine.endpoint)
    try:
        await asyncio.to_thread((meeting.path / "nonce").write_text, nonce)
        settings = _settings(image_id, [python, "-c", _LOOK, nonce], meeting.path, project, user)
        name = f"jupyter-workbench-probe-{nonce[:12]}"
        try:
            told = json.loads(await _output(engine, name, settings))
        except _Refused as error:
            return Sight(False, False, UNSEEN if _NO_SUCH_FOLDER.search(str(error)) else str(error))
        except ValueError:
            return Sight(False, False, "a container with folders of this machine did not start")
        return await asyncio.to_thread(_judge, told, nonce, meeting.path)
    finally:
        os.close(lease)
        await asyncio.to_thread(meeting.remove)


def _judge(told: dict[str, Any], nonce: str, folder: Path) -> Sight:
    reasons = [str(told[step]) for step in ("write", "socket") if told[step] is not None]
    if told["nonce"] != nonce:
        return Sight(False, False, UNSEEN)
    if reasons:
        return Sight(False, False, reasons[0])
    if (folder / "written").stat().st_uid != os.getuid():
        return Sight(False, False, "files would belong to another user")
    if told["project"] is not None or not told["writable"]:
        return Sight(True, False, str(told["project"] or "the project could not be written"))
    return Sight(True, True)


def _settings(image_id: str, command: list[str], meeting: Path, project: Path, user: str) -> dict[str, Any]:
    mounts = {"/meeting": meeting, "/project": project}
    return {
        "Image": image_id,
        "Entrypoint": [],
        "Cmd": command,
        "User": user,
        "Labels": {labels.KIND: "probe", labels.OWNER: labels.owner(), labels.SERVER: this_server()},
        "HostConfig": {
            "NetworkMode": "none",
            "Mounts": [{"Type": "bind", "Source": str(source), "Target": at} for at, source in mounts.items()],
        },
    }


class _Refused(Exception):
    """The engine would not make or start the container."""


async def _output(engine: Engine, name: str, settings: dict[str, Any]) -> bytes:
    import docker
    import requests

    def run(client: docker.DockerClient) -> bytes:
        try:
            client.api.create_container_from_config(settings, name)
            client.api.start(name)
            client.api.wait(name, timeout=LOOK_SECONDS)
            return bytes(client.api.logs(name, stdout=True, stderr=False))
        except docker.errors.APIError as error:
            raise _Refused(error.explanation or str(error)) from error
        except requests.RequestException as error:  # requests tells a wait that took too long so, too
            raise _Refused(f"a container with folders of this machine gave no answer in {LOOK_SECONDS} s") from error
        finally:
            remove_container(client, name)

    return await engine.call(run)
