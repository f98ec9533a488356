"""Copied mode: a project goes into a volume of the engine, and what the kernel wrote below `outputs/` comes back.

The copy is the kernel's own: what the kernel changed or removed in it stays so, until the project's file changes.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker import labels, paths
from jupyter_workbench.targets.docker.copying.bringing_back import BringingBack
from jupyter_workbench.targets.docker.copying.bringing_in import CopySummary, Project, bring_up_to_date
from jupyter_workbench.targets.docker.copying.copied_project import look, put_manifest
from jupyter_workbench.targets.docker.copying.fetching import Fetched, archive_of, fetch_file, fetch_tree, several_times
from jupyter_workbench.targets.docker.copying.host_folder import HostFolder
from jupyter_workbench.targets.docker.copying.manifest import Manifest
from jupyter_workbench.targets.docker.copying.project_files import OUTPUTS, find_files
from jupyter_workbench.targets.docker.copying.tars import BrokenArchiveError, folder_as_tar
from jupyter_workbench.targets.docker.engines import stoppable
from jupyter_workbench.targets.progress import Report, quiet

if TYPE_CHECKING:
    import docker

    from jupyter_workbench.targets.docker.engines.engine import Engine

__all__ = [
    "CopySummary",
    "Fetched",
    "bring_back",
    "bring_in",
    "fetch_file",
    "fetch_tree",
    "project_volume",
    "put_tree",
    "share_volume",
]

_log = logging.getLogger(__name__)
_SAFE = re.compile(r"[^a-zA-Z0-9_.-]")

_locks: WeakValueDictionary[tuple[str, Path], asyncio.Lock] = WeakValueDictionary()


async def project_volume(engine: Engine, project_key: str) -> str:
    """Return the name of the volume for the copy of a project; it is made unless it is there. Raises `TargetError`."""
    return await _volume(engine, "project", project_key)


async def share_volume(engine: Engine, project_key: str) -> str:
    """Return the name of the volume in place of a project's share folder, as `project_volume`."""
    return await _volume(engine, "share", project_key)


async def bring_in(
    engine: Engine, container_id: str, project_dir: Path, uid_gid: tuple[int, int], report: Report = quiet
) -> CopySummary:
    """Bring the copy in a created container up to date with the project; its files belong to ``uid_gid``.

    A cancelled one has ended when this raises, and the next one goes on from there. Raises `TargetError`.
    """
    async with _alone(engine, project_dir):
        looking = asyncio.to_thread(find_files, project_dir)
        copy, files = await asyncio.gather(engine.call(lambda client: look(client, engine.id, container_id)), looking)
        return await bring_up_to_date(engine, copy, Project(project_dir, files, uid_gid), report)


async def put_tree(
    engine: Engine, container_id: str, source: Path, target: PurePosixPath, uid_gid: tuple[int, int]
) -> None:
    """Put a folder of our own into a container as ``target``, where only ``uid_gid`` can read it."""

    def put(client: docker.DockerClient, stop: stoppable.Stop) -> None:
        client.api.put_archive(container_id, "/", stop.watched(folder_as_tar(source, target, uid_gid)))

    await stoppable.call(engine, put)


async def bring_back(
    engine: Engine,
    container_id: str,
    project_dir: Path,
    run_configuration: str | None = None,
    tell: Callable[[str], None] = _log.warning,
) -> tuple[str, ...]:
    """Bring what the container wrote below `outputs/` into the project; returns the paths of what was written here.

    The container may run. A file that was changed here too stays, and the container's goes beside it as
    ``<name>.from-<run configuration>``. ``tell`` gets a sentence for each of those, and for each link, device and the
    like, which stay in the container. Raises `TargetError`.
    """
    written: dict[str, None] = {}  # of all tries, each once
    told: dict[str, None] = {}

    def bring(client: docker.DockerClient, stop: stoppable.Stop) -> None:
        copy = look(client, engine.id, container_id)
        known = dict(copy.manifest.entries) if copy.manifest else {}
        name = run_configuration or copy.label(labels.RUN_CONFIGURATION) or "container"
        job = BringingBack(HostFolder(project_dir), known, ".from-" + _SAFE.sub("-", name), told.setdefault)
        try:
            for member in archive_of(client, container_id, paths.PROJECT / OUTPUTS, stop):
                job.take(member)
        except FileNotFoundError:
            return
        finally:
            written.update(dict.fromkeys(job.written))
            if job.has_news:
                put_manifest(client, copy, Manifest(copy.manifest.owner if copy.manifest else (0, 0), known))

    async with _alone(engine, project_dir):
        try:
            await several_times(engine, bring)
        except BrokenArchiveError as error:
            raise TargetError(
                f"{OUTPUTS}: the files change all the time while they are read ({error}) - try again"
            ) from None
        except OSError as error:
            raise TargetError(
                f"{project_dir / OUTPUTS}: what the kernel wrote cannot be brought back ({error.strerror or error})"
            ) from error
        finally:
            for sentence in told:
                tell(sentence)
    return tuple(written)


async def _volume(engine: Engine, kind: str, key: str) -> str:
    name = f"jupyter-workbench-{labels.owner()}-{kind}-{_SAFE.sub('-', key)}"
    wanted = {labels.KIND: kind, labels.OWNER: labels.owner(), labels.PROJECT: key}
    # Whoever comes second gets the volume that the first one made, with that one's labels.
    found = await engine.call(lambda client: client.api.create_volume(name, labels=wanted))
    if (found.get("Labels") or {}).get(labels.OWNER) != labels.owner():
        raise TargetError(
            f"expected the volume {name} to be made by jupyter_workbench, got one that is not - "
            f"remove it with `docker volume rm {name}`, or keep its files elsewhere first"
        )
    return name


def _alone(engine: Engine, project: Path) -> asyncio.Lock:
    """Let one copy of a project at a time change its volume."""
    return _locks.setdefault((engine.id, project), asyncio.Lock())
