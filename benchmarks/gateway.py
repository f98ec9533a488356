"""gateway_provisioners' DockerProvisioner: an environment and an image for it, and a process that drives it.

It runs in an environment of its own, made once in the cache folder, through the same manager of jupyter_server as
ours. Its image is the base image with ipykernel and its own bootstrap, and its user, who must not be root, is 1000.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import docker

from benchmarks.engine import CACHE, IMAGE, host_certificates
from jupyter_workbench.targets.docker.images.network import company_network

VERSION = "0.5.0"
PACKAGES = (f"gateway_provisioners=={VERSION}", "docker", "ipykernel", "jupyter_server")
KERNEL = "gp_docker"
TAG = f"workbench-benchmark-gateway-provisioners:{VERSION}"
FOLDER = CACHE / f"gateway_provisioners-{VERSION}"
BASE = "workbench-benchmark.base"

DOCKERFILE = f"""\
FROM {IMAGE}
COPY ca.crt /ca.crt
ENV PATH=/opt/kernel/bin:$PATH KERNEL_LANGUAGE=python
RUN python3 -m venv /opt/kernel && {{variables}} pip install --quiet ipykernel gateway_provisioners=={VERSION} \\
    && jupyter image-bootstrap install --languages=Python && chmod 0755 /usr/local/bin/bootstrap-kernel.sh
USER 1000:100
CMD ["/usr/local/bin/bootstrap-kernel.sh"]
"""


@asynccontextmanager
async def gateway_subject(client: docker.DockerClient) -> AsyncIterator[GatewaySubject]:
    """Run the process that starts its kernels."""
    make_environment()
    make_image(client)
    process = await asyncio.create_subprocess_exec(
        str(FOLDER / "bin" / "python"),
        "-c",
        "from benchmarks.gateway_process import main; main()",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=_environment(),
    )
    try:
        yield GatewaySubject(process)
    finally:
        process.stdin.close()
        await process.wait()


class GatewaySubject:
    """Its kernel, with the methods of `benchmarks.kernels.Subject`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def start(self) -> float:
        """Start a kernel; return the seconds to the first result."""
        return await self._ask("start")

    async def restart(self) -> float:
        """Restart it; return the seconds to the first result."""
        return await self._ask("restart")

    async def shut_down(self) -> float:
        """Shut it down; return the seconds."""
        return await self._ask("shut_down")

    async def _ask(self, what: str) -> float:
        self._process.stdin.write(f"{what}\n".encode())
        answer = await self._process.stdout.readline()
        return float(json.loads(answer))


def _environment() -> dict[str, str]:
    # Its kernels inherit all of this: as little as a server of another user's would have.
    return {
        "PATH": f"{FOLDER / 'bin'}:{os.environ['PATH']}",
        "HOME": tempfile.gettempdir(),
        "KERNEL_USERNAME": "benchmark",
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "JUPYTER_PATH": str(FOLDER / "share" / "jupyter"),
        **{name: value for name, value in os.environ.items() if name.startswith("DOCKER_")},
    }


def make_environment() -> None:
    """Install it where it is not yet; its own command writes the kernelspec."""
    python, ready = FOLDER / "bin" / "python", FOLDER / "ready"
    if ready.exists():
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    install = [str(FOLDER / "bin" / "jupyter-docker-spec"), "install", f"--image-name={TAG}"]
    subprocess.run([*install, f"--kernel-name={KERNEL}", f"--prefix={FOLDER}"], check=True)
    ready.touch()


def make_image(client: docker.DockerClient) -> None:
    """Build its image where the engine has none that is made from this base image."""
    base = client.images.get(IMAGE).id
    if client.images.list(TAG, filters={"label": f"{BASE}={base}"}):
        return
    network = company_network(os.environ)
    settings = " ".join(f'{name}="{value}"' for name, value in network.in_container("/ca.crt").items())
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(host_certificates(), Path(folder) / "ca.crt")
        (Path(folder) / "Dockerfile").write_text(DOCKERFILE.replace("{variables}", settings))
        client.images.build(path=folder, tag=TAG, labels={BASE: base}, rm=True)
