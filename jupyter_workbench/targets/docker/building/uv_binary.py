"""uv, for the engine's machine: this environment's own where that runs there, else from PyPI.

The one from PyPI is static (musl): it runs in every image.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from jupyter_workbench.environments.secrets import masked
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.building.volume import PROGRAMS

_SAME = {"amd64": "x86_64", "arm64": "aarch64"}


@dataclass(frozen=True)
class Uv:
    """One build of uv: where it is in the volume, and how to get it when it is not there yet."""

    architecture: str
    is_static: bool

    @property
    def path(self) -> PurePosixPath:
        """Where it is in the volume of environments."""
        kind = f"-{self.architecture}-static" if self.is_static else ""
        return PROGRAMS / f"uv-{version('uv')}{kind}"

    async def content(self, variables: Mapping[str, str]) -> bytes:
        """Return the program. ``variables`` are those that the network needs. Raises `TargetError`."""
        if self.is_static:
            return await _download(self.architecture, variables)
        return await asyncio.to_thread(_own)


def choose(architecture: str, *, is_musl: bool) -> Uv:
    """Return the uv that runs in an image of this architecture and C library."""
    machine = platform.machine().lower()
    is_ours = sys.platform == "linux" and _SAME.get(machine, machine) == architecture and _is_glibc()
    return Uv(architecture, is_static=is_musl or not is_ours)


def _is_glibc() -> bool:
    return platform.libc_ver()[0] == "glibc"


def _own() -> bytes:
    import uv

    try:
        return Path(uv.find_uv_bin()).read_bytes()
    except FileNotFoundError as error:
        raise TargetError(f"expected the program of the package uv, got none ({error}) - reinstall uv") from None


async def _download(architecture: str, variables: Mapping[str, str]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="jupyter-workbench-uv-") as folder:
        process = await asyncio.create_subprocess_exec(
            *_command(architecture, folder),
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            _, said = await process.communicate()
        finally:
            if process.returncode is None:  # cancelled
                process.kill()
                await process.wait()
        if process.returncode:
            raise TargetError(_refusal(architecture, masked(said.decode("utf-8", "replace"))))
        return (Path(folder) / "bin" / "uv").read_bytes()


def _command(architecture: str, folder: str) -> list[str]:
    """Return the command that puts uv's wheel for an engine into a folder: pip's, or that of uv where pip is not."""
    wanted = f"uv=={version('uv')}"
    if importlib.util.find_spec("pip"):
        tags = ("musllinux_1_1", "musllinux_1_2", "manylinux2014")
        platforms = [word for tag in tags for word in ("--platform", f"{tag}_{architecture}")]
        options = ["--no-deps", "--only-binary", ":all:", "--quiet", "--disable-pip-version-check"]
        return [sys.executable, "-m", "pip", "install", *options, *platforms, "--target", folder, wanted]
    import uv

    options = ["--no-deps", "--only-binary", ":all:", "--quiet", "--python", sys.executable]
    target = ["--python-platform", f"{architecture}-unknown-linux-musl", "--target", folder]
    return [uv.find_uv_bin(), "pip", "install", *options, *target, wanted]


def _refusal(architecture: str, said: str) -> str:
    line = next((line for line in reversed(said.strip().splitlines()) if line.strip()), "no reason given")
    return (
        f"expected uv {version('uv')} for the engine's machine ({architecture}) from PyPI, got: {line.strip()} - "
        "check the network and the index settings of this machine"
    )
