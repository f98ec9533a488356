"""What goes into a container before it starts and comes out of it, where a mounted folder does not do that."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_workbench.frameworks import INKERNEL
from jupyter_workbench.targets.base import KernelProcess
from jupyter_workbench.targets.docker import paths
from jupyter_workbench.targets.docker.running import folders
from jupyter_workbench.targets.docker.running.folders import SOCKETS, meeting_of
from jupyter_workbench.targets.docker.running.kernel_files import VARIABLES_FILE
from jupyter_workbench.targets.progress import Report
from jupyter_workbench.targets.spark import SPARK_FILE

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.engines.engine import Engine
    from jupyter_workbench.targets.docker.running.place import Place

_log = logging.getLogger(__name__)

BLOBS = "blobs"
FACTS = "kernel.json"
RECORDS = ("records.jsonl", "start-error.txt")
"""Files of a kernel's folder, by `docs/reference/spool.md`."""


def connection_text(process: KernelProcess, network: str | None) -> str:
    """Return the connection file as the kernel needs it: published ports are reached on loopback only."""
    is_tcp = process.connection["transport"] == "tcp"
    if is_tcp and network == "host":
        return folders.connection_text(process.connection, "127.0.0.1")
    return folders.connection_text(process.connection, "0.0.0.0" if is_tcp else str(paths.SOCKETS / SOCKETS))  # noqa: S104


async def bring_in(place: Place, process: KernelProcess, container: str, report: Report) -> None:
    """Put everything into a container that was created and has not started."""
    from jupyter_workbench.targets.docker.copying import copies

    user, group = map(int, place.user.split(":"))
    if not place.sees_folders:
        meeting = meeting_of(process.kernel_id).path
        for source, target in ((process.folder, paths.KERNEL), (INKERNEL, paths.INKERNEL), (meeting, paths.SOCKETS)):
            await copies.put_tree(place.engine, container, source, target, (user, group))
        for name in (VARIABLES_FILE, SPARK_FILE):  # as the kernel does with what it has read
            (process.folder / name).unlink(missing_ok=True)
    if place.project_volume is not None:
        summary = await copies.bring_in(place.engine, container, place.project.directory, (user, group), report)
        for note in summary.notes:
            _log.warning("%s %s: %s", place.project.name, place.run_configuration, note)


async def bring_out(place: Place, process: KernelProcess, container: str) -> None:
    """Fetch what a kernel has written so far; its container may run or have ended."""
    from jupyter_workbench.targets.docker.copying import copies

    if not place.sees_folders:
        await bring_records(place.engine, container, process.folder)
    if place.project_volume is not None:
        await copies.bring_back(place.engine, container, place.project.directory, place.run_configuration)


async def bring_facts(engine: Engine, container: str, folder: Path) -> None:
    """Fetch what the run history wants to know of a kernel, unless it is here."""
    from jupyter_workbench.targets.docker.copying import copies

    if not (folder / FACTS).exists():
        with contextlib.suppress(FileNotFoundError):
            await copies.fetch_file(engine, container, paths.KERNEL / FACTS, folder / FACTS)


async def bring_records(engine: Engine, container: str, folder: Path) -> None:
    """Fetch what the run history wants of a kernel's folder: uploads before the records that name them."""
    from jupyter_workbench.targets.docker.copying import copies

    (folder / BLOBS).mkdir(exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        await copies.fetch_tree(engine, container, paths.KERNEL / BLOBS, folder / BLOBS)
    for name in RECORDS:
        with contextlib.suppress(FileNotFoundError):
            await copies.fetch_file(engine, container, paths.KERNEL / name, folder / name)
