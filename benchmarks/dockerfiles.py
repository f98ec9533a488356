"""An environment in an image, in the ways that people write Dockerfiles for it."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from benchmarks.engine import IMAGE, host_certificates
from jupyter_workbench.targets.docker.images.network import company_network

CLI = "/usr/bin/docker" if Path("/usr/bin/docker").exists() else "docker"
"""Debian's own client can do BuildKit; others want the plugin buildx for that, and say so."""

PIP = """\
FROM {image}
COPY ca.crt /ca.crt
RUN python3 -m venv /opt/environment
COPY requirements.txt .
RUN {settings} /opt/environment/bin/pip install --no-cache-dir -r requirements.txt
"""
"""As most write it: https://docs.docker.com/build/building/best-practices/"""

UV = """\
FROM {image}
COPY ca.crt /ca.crt
COPY uv /usr/local/bin/uv
ENV UV_LINK_MODE=copy
RUN uv venv /opt/environment
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/uv \\
    {settings} uv pip install --python /opt/environment -r requirements.txt
"""
"""As uv advises, but without compiling to bytecode, which takes longer.

https://docs.astral.sh/uv/guides/integration/docker/
"""


@dataclass
class Dockerfile:
    """One way; ``folder`` becomes its context."""

    name: str
    text: str
    folder: Path
    buildkit: bool = False

    @property
    def tag(self) -> str:
        """How its image is called."""
        return f"workbench-benchmark:{self.folder.name}"

    def write(self) -> None:
        """Write the context but the requirements."""
        network = company_network(os.environ)
        settings = " ".join(f'{name}="{value}"' for name, value in network.in_container("/ca.crt").items())
        self.folder.mkdir()
        shutil.copy(host_certificates(), self.folder / "ca.crt")
        if "COPY uv" in self.text:
            shutil.copy(find_uv_bin(), self.folder / "uv")
        (self.folder / "Dockerfile").write_text(self.text.format(image=IMAGE, settings=settings))

    async def cold(self, packages: Sequence[str]) -> float:
        """Forget whatever was built or cached on the engine, then build."""
        await _run("image", "rm", "--force", self.tag)
        await _run("image", "prune", "--force")
        await _run("builder", "prune", "--all", "--force")
        return await self.build(packages)

    async def build(self, packages: Sequence[str]) -> float:
        """Return the seconds that `docker build` takes."""
        (self.folder / "requirements.txt").write_text("\n".join([*packages, ""]))
        before = time.perf_counter()
        await _run("build", "--tag", self.tag, str(self.folder), DOCKER_BUILDKIT=str(int(self.buildkit)))
        return time.perf_counter() - before


async def _run(*arguments: str, **variables: str) -> None:
    process = await asyncio.create_subprocess_exec(
        CLI,
        *arguments,
        env={**os.environ, **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
