"""Where a kernel is started: one container with everything that it needs, described before anything is made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from jupyter_workbench.frameworks import INKERNEL
from jupyter_workbench.targets.base import KernelProcess
from jupyter_workbench.targets.docker import labels, paths
from jupyter_workbench.targets.docker.building import volume
from jupyter_workbench.targets.docker.building.environments import Built
from jupyter_workbench.targets.docker.running.folders import CONNECTION_FILE, LEASE, meeting_of
from jupyter_workbench.targets.docker.running.kernel_files import GATE_FILE
from jupyter_workbench.targets.docker.servers import this_server

if TYPE_CHECKING:
    from jupyter_workbench.config.containers import Mount
    from jupyter_workbench.config.models import DockerCompute
    from jupyter_workbench.config.project import Project
    from jupyter_workbench.targets.docker.engines.engine import Engine

NEEDED_AT_START = frozenset(
    (
        *("GLIBC_TUNABLES", "LD_LIBRARY_PATH", "LD_PRELOAD", "MALLOC_ARENA_MAX", "MALLOC_CONF"),
        *("PYTHONDEVMODE", "PYTHONDONTWRITEBYTECODE", "PYTHONFAULTHANDLER", "PYTHONHASHSEED", "PYTHONHOME"),
        *("PYTHONIOENCODING", "PYTHONMALLOC", "PYTHONNODEBUGRANGES", "PYTHONOPTIMIZE", "PYTHONPATH"),
        *("PYTHONPYCACHEPREFIX", "PYTHONSAFEPATH", "PYTHONTRACEMALLOC", "PYTHONUNBUFFERED", "PYTHONUTF8"),
        "PYTHONWARNINGS",
    )
)
"""What a process reads before a line of ours runs cannot wait in a file: `docker inspect` shows these."""


@dataclass(frozen=True)
class Place:
    """What a container is made of; the paths of this machine are None where the engine does not see them."""

    engine: Engine
    image_id: str
    built: Built
    project: Project
    run_configuration: str
    compute: DockerCompute
    variables: Mapping[str, str]
    project_volume: str | None
    """The volume that holds a copy of the project; None where the folder itself is mounted."""
    share: Path | str
    """The share folder of this machine, or the name of the volume in its place."""
    ca_bundle: Path | None = None
    sees_folders: bool = True

    @property
    def shown_name(self) -> str:
        """How the user knows its kernels."""
        return f"{self.project.name} {self.run_configuration}"

    @property
    def user(self) -> str:
        """Who runs the kernel."""
        return self.user_of(self.engine)

    @staticmethod
    def user_of(engine: Engine) -> str:
        """Return who a container must run as, so that its files belong to the user of this machine."""
        if engine.is_rootless or not hasattr(os, "getuid"):  # a rootless engine's root is the user
            return "0:0"
        return f"{os.getuid()}:{os.getgid()}"

    def why_no_ports(self) -> str | None:
        """Return why a kernel that publishes ports could not be reached here; None where it can."""
        place = f"aml_config/{self.compute.name}.compute: network"
        if self.compute.network == "none":
            return f"{place}: expected a network, since this kernel is reached at ports, got none - remove the line"
        if self.sees_folders:
            return None
        if self.compute.network == "host":
            return (
                f"{place}: expected a network of the engine's, since the engine is not on this machine, got host - "
                "remove the line"
            )
        if not self.engine.is_on_this_machine:
            return (
                f"expected a Docker engine on this machine, got {self.engine.endpoint}, whose ports cannot be reached "
                "from here - name another one in DOCKER_HOST"
            )
        return None

    def name_of(self, process: KernelProcess) -> str:
        """Return the name of the container of a process."""
        return f"jupyter-workbench-kernel-{process.folder.name}"

    def settings(self, process: KernelProcess, *, is_gated: bool = False) -> dict[str, Any]:
        """Return the body of the engine's call that creates the container (POST /containers/create).

        ``is_gated``: the kernel waits at the gate of its folder.
        """
        at_start = {name: value for name, value in self.variables.items() if name in NEEDED_AT_START}
        connection_file = str(paths.SOCKETS / CONNECTION_FILE)
        command = [connection_file if word == "{connection_file}" else word for word in process.command]
        command += ["--compiled", str(volume.compiled_library(self.image_id))]
        if self.sees_folders:
            command += ["--lease", str(paths.SOCKETS / LEASE)]
        if is_gated:
            command += ["--gate", str(paths.KERNEL / GATE_FILE)]
        alone = {"Hostname": "localhost"} if self.compute.network == "none" else {}  # Java asks who it is
        return {
            **alone,
            "Image": self.image_id,
            "Cmd": command,
            "Entrypoint": [],
            "User": self.user,
            "WorkingDir": str(paths.PROJECT),
            "Env": [
                f"{name}={value}" for name, value in {**at_start, **_OF_THE_CONTAINER, **self._user_names()}.items()
            ],
            "Labels": self._labels(process),
            "ExposedPorts": {f"{port}/tcp": {} for port in _ports(process)},
            "HostConfig": self._host_settings(process),
        }

    def _host_settings(self, process: KernelProcess) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "Init": True,
            "Mounts": [*self._mounts(process), *map(self._extra_mount, self.compute.mounts)],
            "NetworkMode": self.compute.network or "bridge",
            "LogConfig": {} if self.engine.is_podman else _LOG,
        }
        settings["PortBindings"] = {
            f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}] for port in _ports(process)
        }
        if self.compute.memory is not None:
            settings["Memory"] = settings["MemorySwap"] = self.compute.memory  # no swap: the limit is the limit
        if self.compute.cpus is not None:
            settings["NanoCpus"] = int(self.compute.cpus * 1e9)
        if self.compute.nvidia_docker:
            settings["DeviceRequests"] = [{"Driver": "", "Count": -1, "Capabilities": [["gpu"]]}]
        return settings

    def _mounts(self, process: KernelProcess) -> list[dict[str, Any]]:
        mounts = [
            volume.mount(read_only=True),
            _volume(self.project_volume, paths.PROJECT)
            if self.project_volume is not None
            else _bind(self.project.directory, paths.PROJECT),
            _volume(self.share, paths.SHARE) if isinstance(self.share, str) else _bind(self.share, paths.SHARE),
        ]
        if self.sees_folders:
            mounts.append(_bind(process.folder, paths.KERNEL))
            mounts.append(_bind(meeting_of(process.kernel_id).path, paths.SOCKETS))
            mounts.append(_bind(INKERNEL, paths.INKERNEL, read_only=True))
        return mounts

    def _extra_mount(self, mount: Mount) -> dict[str, Any]:
        return _bind(mount.path(self.project.directory), PurePosixPath(mount.target), read_only=mount.read_only)

    def _user_names(self) -> dict[str, str]:
        # An image knows no name for the user's number, and `getpass.getuser` would fail.
        return {"USER": labels.owner(), "LOGNAME": labels.owner(), "HOME": str(paths.HOME), "PATH": self._path()}

    def _path(self) -> str:
        first = (paths.KERNEL / "venv" / "bin", self.built.prefix / "bin")
        return ":".join([*map(str, first), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])

    def _labels(self, process: KernelProcess) -> dict[str, str]:
        return {
            labels.KIND: "kernel",
            labels.OWNER: labels.owner(),
            labels.SERVER: this_server(),
            labels.PROJECT: self.project.name,
            labels.RUN_CONFIGURATION: self.run_configuration,
            labels.KERNEL: process.kernel_id,
            labels.STREAM: process.folder.name,
            labels.FOLDER: str(process.folder),
            labels.FINGERPRINT: self.built.fingerprint,
        }


_LOG = {"Type": "local", "Config": {"max-size": "10m", "max-file": "1", "compress": "false"}}
"""Bounded; a container with this driver starts a little faster than with Docker's own default."""

_OF_THE_CONTAINER = {"LANG": "C.UTF-8", "VIRTUAL_ENV": str(paths.KERNEL / "venv")}


def _ports(process: KernelProcess) -> list[int]:
    """Return the ports that a kernel has on this machine: none where it is met at sockets."""
    if process.connection["transport"] != "tcp":
        return []
    return [int(str(port)) for name, port in sorted(process.connection.items()) if name.endswith("_port")]


def _bind(source: Path | PurePosixPath, target: PurePosixPath, read_only: bool = False) -> dict[str, Any]:
    return {"Type": "bind", "Source": str(source), "Target": str(target), "ReadOnly": read_only}


def _volume(name: str, target: PurePosixPath) -> dict[str, Any]:
    return {"Type": "volume", "Source": name, "Target": str(target)}
