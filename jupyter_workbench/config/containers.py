"""The settings of a container that we added to those of Workbench: `memory`, `cpus`, `network` and `mounts`."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from jupyter_workbench.config.fields import quote, refusal

OWN_FOLDERS = (
    "/azureml-run",
    "/azureml-share",
    "/azureml-kernel",
    "/azureml-sockets",
    "/azureml-inkernel",
    "/jupyter-workbench",
)
"""Folders of a container that are ours: the project, the shared folder, and what a kernel needs."""

SMALLEST_MEMORY = 6 * 1024**2
"""What an engine accepts (https://docs.docker.com/engine/containers/resource_constraints/)."""

_UNITS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
_MEMORY = re.compile(r"(\d{1,16}(?:\.\d{1,9})?) ?([kmgt]?)i?b?", re.IGNORECASE | re.ASCII)
_CPUS = re.compile(r"\d{1,6}(\.\d{1,9})?", re.ASCII)
_NETWORK = re.compile(r"[a-z0-9][\w.-]*", re.IGNORECASE | re.ASCII)
_NETWORKS_OF_AN_ENGINE = ("none", "bridge", "host")
_MOUNT = re.compile(r"(?P<source>[A-Za-z]:[\\/][^:]*|[^:\s][^:]*):(?P<target>/[^:]*)(?P<mode>:ro|:rw)?")


@dataclass(frozen=True)
class Mount:
    """A folder or file of the engine's machine that a container sees as ``target``, an absolute POSIX path.

    ``source`` is as it was written: absolute, from ``~``, or relative to the project.
    """

    source: str
    target: str
    read_only: bool = False

    def __str__(self) -> str:
        return f"{self.source}:{self.target}{':ro' if self.read_only else ''}"

    def path(self, project: Path) -> Path:
        """Return what is mounted, on this machine."""
        return Path(os.path.normpath(project / os.path.expanduser(self.source)))  # noqa: PTH111 - never raises


def memory_text(size: int) -> str:
    """Write bytes as a file would: ``4g``, ``512m``, else the plain number."""
    unit = next((unit for unit in "tgmk" if size and size % _UNITS[unit] == 0), "")
    return f"{size // _UNITS[unit]}{unit}"


def _memory(value: object) -> int:
    if isinstance(value, int):
        return value
    written = _MEMORY.fullmatch(value.strip()) if isinstance(value, str) else None
    if written is None:
        raise refusal("an amount of memory", quote(value), "write it as `4g` or `512m`")
    size = int(float(written[1]) * _UNITS[written[2].lower()])
    if size < SMALLEST_MEMORY:
        advice = f"did you mean `{written[1]}g`?" if not written[2] else "write more"
        raise refusal("at least 6m of memory", quote(value), advice)
    if size >= 2**63:
        raise refusal("an amount of memory", quote(value), "write less")
    return size


def _cpus(value: object) -> float:
    if isinstance(value, float):
        return value
    number = float(value) if isinstance(value, str) and _CPUS.fullmatch(value.strip()) else math.nan
    if not number >= 0.01:  # what an engine accepts
        raise refusal("a number of CPUs above 0", quote(value), "write it as `2` or `1.5`")
    return number


def _network(value: object) -> str:
    word = value.strip() if isinstance(value, str) else ""
    if word.lower() in _NETWORKS_OF_AN_ENGINE and word != word.lower():
        raise refusal("the name of a network", quote(value), f"did you mean `{word.lower()}`?")
    if not _NETWORK.fullmatch(word):
        raise refusal("the name of a network", quote(value), "write none, bridge, host or a network of the engine")
    return word


def _mount(value: object) -> Mount:
    if isinstance(value, Mount):
        return value
    parts = _MOUNT.fullmatch(value.strip()) if isinstance(value, str) and value.isprintable() else None
    if parts is None:
        advice = "write it as `~/data:/data` or `~/data:/data:ro`, with no other colon"
        raise refusal("HOST_PATH:CONTAINER_PATH", quote(value), advice)
    return Mount(_source(parts["source"].strip(), value), _target(parts["target"], value), parts["mode"] == ":ro")


def _source(path: str, value: object) -> str:
    if path.startswith("~") and not re.match(r"~([/\\]|$)", path):
        raise refusal("a path of this machine before the colon", quote(value), "write the whole path, or `~/...`")
    return path if PureWindowsPath(path).drive else path.rstrip("/") or "/"


def _target(path: str, value: object) -> str:
    target = PurePosixPath("/" + path.strip("/"))
    if target == PurePosixPath("/") or ".." in target.parts:
        raise refusal("a folder of the container after the colon", quote(value), "write one such as `/data`")
    for own in OWN_FOLDERS:
        if target.is_relative_to(own):
            raise refusal("a folder of the container that is free", quote(value), f"{own} is ours, name another one")
    return str(target)


def _list(value: object) -> object:
    if isinstance(value, list | tuple):
        return value
    raise refusal("a list of mounts", quote(value), "write each on a line of its own after `- `")


def _each_once(mounts: tuple[Mount, ...]) -> tuple[Mount, ...]:
    targets = [mount.target for mount in mounts]
    for mount in mounts:
        if targets.count(mount.target) > 1:
            raise refusal("each folder of the container once", f"`{mount.target}` twice", "keep one of the two")
    return mounts


Memory = Annotated[int, BeforeValidator(_memory)]
"""Bytes; a file writes them with a unit of Docker's, of 1024: b, k, m, g, t."""

Cpus = Annotated[float, BeforeValidator(_cpus)]

Network = Annotated[str, BeforeValidator(_network)]
"""``none``, ``bridge``, ``host``, or a network of the engine."""

Mounts = Annotated[
    tuple[Annotated[Mount, BeforeValidator(_mount)], ...], BeforeValidator(_list), AfterValidator(_each_once)
]
"""``HOST_PATH:CONTAINER_PATH[:ro]``, one an item."""
