"""The packages of a kernel in a container: those of its environment, and what was installed on top of them since."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from jupyter_workbench.targets.base import KernelProcess
from jupyter_workbench.targets.docker import paths
from jupyter_workbench.targets.docker.running.overlay import FOLDER, overlay_python
from jupyter_workbench.targets.packages import MAX_BYTES, MOST_PACKAGES, PROGRAM, read_listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from docker import DockerClient

    from jupyter_workbench.targets.docker.running.place import Place

LIST_SECONDS = 20.0
PAUSE_SECONDS = 60.0
"""Between two looks into a container whose files are not seen from here, or that gave no answer."""

_INSTALLED = (".dist-info", ".egg-info", ".egg-link", ".pth")
_MOST_FOLDERS = 10
_OURS = "_environment.pth"
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class PackageList:
    """Asks the container itself, where it has to: its environment cannot change, and its own folder tells a change."""

    place: Place
    process: KernelProcess
    _listed: tuple[str, ...] | None = None
    _installed: frozenset[tuple[str, int]] | None = None
    _asked_at: float | None = None

    async def of(self, container: str) -> tuple[str, ...] | None:
        """Return ``name==version``, sorted; those of the environment when the container does not tell."""
        installed = await asyncio.to_thread(_installed, self.process.folder) if self.place.sees_folders else None
        if installed is not None and not installed:
            return self.place.built.packages or None
        if self._is_to_be_asked(installed):
            self._asked_at, self._installed = time.monotonic(), installed
            self._listed = await self._asked(container)
        return self._listed or self.place.built.packages or None

    def _is_to_be_asked(self, installed: frozenset[tuple[str, int]] | None) -> bool:
        if installed is not None and installed != self._installed:
            return True
        is_known = installed is not None and self._listed is not None
        return not is_known and not self._was_asked_just_now()

    def _was_asked_just_now(self) -> bool:
        return self._asked_at is not None and time.monotonic() - self._asked_at < PAUSE_SECONDS

    async def _asked(self, container: str) -> tuple[str, ...] | None:
        try:
            return read_listing(await asyncio.wait_for(self._printed(container), LIST_SECONDS)).packages
        except asyncio.TimeoutError:
            _log.warning("The packages of %s cannot be listed: it took too long", self.place.shown_name)
        except Exception as error:  # whatever an engine says of a container that ends at this moment
            _log.warning("The packages of %s cannot be listed: %s", self.place.shown_name, error)
        return None

    async def _printed(self, container: str) -> bytes:
        printed = b""
        stream = self.place.engine.stream(lambda client: self._run(client, container))
        async with contextlib.aclosing(stream) as pieces:
            async for piece in pieces:
                printed += piece
                if len(printed) > MAX_BYTES:
                    raise ValueError("it said too much")
        return printed

    def _run(self, client: DockerClient, container: str) -> Iterable[bytes]:
        command = [str(overlay_python(paths.KERNEL)), "-I", "-c", PROGRAM]
        made: dict[str, Any] = client.api.exec_create(
            container, command, stdout=True, stderr=False, user=self.place.user, workdir="/"
        )
        pieces: Iterable[bytes] = client.api.exec_start(made["Id"], stream=True)
        return pieces


def _installed(folder: Path) -> frozenset[tuple[str, int]]:
    """Return what lies in the kernel's own site-packages, by name and time; nothing there is opened."""
    found = set()
    for site_packages in islice(_own_folders(folder / FOLDER / "lib"), _MOST_FOLDERS):
        with contextlib.suppress(OSError), os.scandir(site_packages) as entries:
            for entry in islice(entries, MOST_PACKAGES):
                if entry.name.endswith(_INSTALLED) and entry.name != _OURS:
                    found.add((entry.name, entry.stat(follow_symlinks=False).st_mtime_ns))
    return frozenset(found)


def _own_folders(lib: Path) -> Iterator[Path]:
    """Yield the site-packages below, without those that are elsewhere: the container can put links in their place."""
    if not lib.parent.is_symlink() and not lib.is_symlink():
        for each in lib.glob("python3*/site-packages"):
            if not each.parent.is_symlink() and not each.is_symlink():
                yield each
