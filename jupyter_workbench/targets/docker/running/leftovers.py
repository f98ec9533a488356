"""What processes that were killed have left on an engine and in this machine's folders, and its removal.

Only what carries our labels and this user's name is looked at, and what another living process owns is left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_workbench.targets.docker import labels, paths
from jupyter_workbench.targets.docker.copying.tars import RefusedError
from jupyter_workbench.targets.docker.engines.removing import remove_container
from jupyter_workbench.targets.docker.running import containers, folders, transfers
from jupyter_workbench.targets.docker.running.kernel_files import UNFETCHED_FILE, mark_fetched, mark_unfetched
from jupyter_workbench.targets.docker.servers import is_gone, this_server

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.engines.engine import Engine

_log = logging.getLogger(__name__)
_STREAM = re.compile(r"\d{8}T\d{6}-[0-9a-f]{16}\Z", re.ASCII)

KINDS = ("kernel", "probe")
"""Builds look after themselves: one that nobody follows may still be wanted by the next start."""


async def remove_leftovers(engine: Engine) -> tuple[str, ...]:
    """Remove what nobody owns any more; returns the names of the containers. Raises `EngineError`."""
    from jupyter_workbench.targets.docker.building.build_leftovers import leftover_builds

    removed = []
    for found in await engine.call(_ours):
        name = str(found["Names"][0]).lstrip("/")
        if _is_left(found["Labels"], name):
            if not await _saved_records(engine, found):
                continue
            await engine.call(partial(remove_container, container=found["Id"]))
            removed.append(name)
    removed += await leftover_builds(engine)
    await asyncio.to_thread(_remove_folders, engine.endpoint)
    return tuple(removed)


async def kernels_of_others(engine: Engine, project: str, run_configurations: Collection[str]) -> tuple[str, ...]:
    """Return the containers of this user's kernels that other programs run for a project. Raises `EngineError`."""
    return tuple(
        sorted(
            str(found["Names"][0]).lstrip("/")
            for found in await engine.call(_ours)
            if found["Labels"].get(labels.KIND) == "kernel"
            and found["Labels"].get(labels.PROJECT) == project
            and found["Labels"].get(labels.RUN_CONFIGURATION) in run_configurations
            and found["Labels"].get(labels.SERVER) != this_server()
            and found["State"] == "running"
        )
    )


def _remove_folders(endpoint: str) -> None:
    for meeting in folders.abandoned(endpoint):
        meeting.remove()


def _ours(client: Any) -> list[dict[str, Any]]:
    found = client.api.containers(all=True, filters={"label": f"{labels.OWNER}={labels.owner()}"})
    return [one for one in found if one["Names"]]  # one that is being removed has lost its name already


def _is_left(found: Mapping[str, str], name: str) -> bool:
    if found.get(labels.KIND) not in KINDS:
        return False
    server = found.get(labels.SERVER, "")
    if server == this_server():  # one of ours that slipped away while the engine was gone
        return found[labels.KIND] == "kernel" and name not in containers.live
    return is_gone(server)


async def _saved_records(engine: Engine, found: Mapping[str, Any]) -> bool:
    """Bring in the records of a kernel that did not get here by themselves; tell whether all are in."""
    import docker.errors

    folder = Path(found["Labels"].get(labels.FOLDER, ""))
    is_mounted = any(mount["Destination"] == str(paths.KERNEL) for mount in found["Mounts"])
    if found["Labels"][labels.KIND] != "kernel" or is_mounted or not _may_write(folder, found["Labels"]):
        return True
    try:
        # Its server is gone, but it cannot see that: what it went on to write is to be read as well.
        await engine.call(lambda client: client.api.stop(found["Id"], timeout=0))
        await _bring_all(engine, found["Id"], folder)
    except docker.errors.NotFound:  # another process did the same, and has removed it
        mark_fetched(folder)
        _remove_if_empty(folder)
        return False
    except RefusedError as error:
        _log.warning("%s: what the kernel left there is not what it should be: %s", found["Names"][0], error)
    except OSError as error:
        _log.warning("%s: the records of a kernel that has ended cannot be saved: %s", folder, error)
        return False
    mark_fetched(folder)
    return True


def _may_write(folder: Path, found: Mapping[str, str]) -> bool:
    """Tell whether a folder is one of a kernel, in a history that is there.

    On a shared engine anybody can make a container with our labels: only the folder of that stream is written to.
    """
    is_spool = folder.parent.name == "spools" and _STREAM.match(folder.name) is not None
    return is_spool and folder.name == found.get(labels.STREAM) and folder.parent.is_dir()


async def _bring_all(engine: Engine, container: str, folder: Path) -> None:
    """Bring in the records; also where the run history has removed the folder, after it had waited for too long."""
    await asyncio.to_thread(_make_marked, folder)
    await transfers.bring_facts(engine, container, folder)
    await transfers.bring_records(engine, container, folder)


def _make_marked(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if not (folder / UNFETCHED_FILE).exists():  # else a try that fails would have the run history wait anew
        mark_unfetched(folder)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
