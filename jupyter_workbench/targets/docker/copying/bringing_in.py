"""A project on its way into its copy: what differs is removed there or sent."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker import paths
from jupyter_workbench.targets.docker.copying.copied_project import CopiedProject, put, remember
from jupyter_workbench.targets.docker.copying.manifest import Copied, Manifest, compared, differences, is_replaced
from jupyter_workbench.targets.docker.copying.project_files import Item, ProjectFiles
from jupyter_workbench.targets.docker.copying.removals import remove
from jupyter_workbench.targets.docker.copying.sending import Sending, proven
from jupyter_workbench.targets.docker.copying.tars import END, gathered, header
from jupyter_workbench.targets.docker.engines import stoppable
from jupyter_workbench.targets.progress import Progress, Report

if TYPE_CHECKING:
    import docker

    from jupyter_workbench.targets.docker.engines.engine import Engine

REPORT_SECONDS = 0.1


@dataclass(frozen=True)
class CopySummary:
    """How many files and bytes the project has, and how many of them were sent.

    ``notes`` say, one sentence each, what was not copied although somebody may expect it.
    """

    files: int
    bytes: int
    sent_files: int
    sent_bytes: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """A project as it was found, and whom its files belong to in the copy (uid, gid)."""

    directory: Path
    files: ProjectFiles
    owner: tuple[int, int]


async def bring_up_to_date(engine: Engine, copy: CopiedProject, project: Project, report: Report) -> CopySummary:
    """Send what differs, and remove what is gone. Raises `TargetError`."""
    found = copy.manifest
    # Of files that belong to somebody else now, nothing is as it should be.
    is_new = found is None or found.owner != project.owner
    known = {} if found is None or is_new else dict(found.entries)
    sending = Sending(project.directory, project.files, project.owner, known)
    await stoppable.call(engine, _Job(copy, sending, is_new, _on_the_loop(report)).run)
    notes = (*project.files.notes, *sending.notes)
    return CopySummary(project.files.count, project.files.size, sending.sent_files, sending.sent_bytes, notes)


@dataclass(frozen=True)
class _Job:
    """What runs in a thread of the engine."""

    copy: CopiedProject
    sending: Sending
    is_new: bool
    report: Report

    def run(self, client: docker.DockerClient, stop: stoppable.Stop) -> None:
        before = dict(self.sending.known)
        todo = differences(self._files.items, before, self._files.unsent)
        send = [*todo.send, *(path for path in stop.watched(todo.compare) if not self._is_proven(path))]
        gone = [*todo.remove, *self._outdated_outputs(stop)]
        if not (self.is_new or send or gone) and before == self.sending.known:
            return
        in_the_way = [path for path in gone if before[path].is_in_copy and not is_replaced(path, self._files.items)]
        if in_the_way:
            remove(client, self.copy.container, self.copy.volume, in_the_way)
        for path in todo.remove:
            del self.sending.known[path]
        self._send(client, stop, send)

    @property
    def _files(self) -> ProjectFiles:
        return self.sending.files

    def _is_proven(self, path: str) -> bool:
        """Tell whether a file has the same content still; then remember the time that it has now."""
        known = self.sending.known
        item = self._files.items.get(path) or self._files.unsent[path]
        copied = proven(self.sending.project, path, item, known[path])
        if copied is not None:
            known[path] = copied
        return copied is not None

    def _outdated_outputs(self, stop: stoppable.Stop) -> list[str]:
        """Return the outputs in the copy that are others here by now, though a pattern keeps them from being sent.

        What is here is remembered: if it is still so when the kernel has written one of its own, that takes its place.
        """
        outdated = []
        for path in stop.watched(self._files.unsent):
            item, copied = self._files.unsent[path], self.sending.known.get(path)
            if copied is not None and copied.is_in_copy:
                verdict = compared(item, copied)
                if verdict == "same" or (verdict == "compare" and self._is_proven(path)):
                    continue
                outdated.append(path)
            self.sending.known[path] = Copied("file", item.mode, item.size, item.mtime_ns)
        return outdated

    def _send(self, client: docker.DockerClient, stop: stoppable.Stop, send: list[str]) -> None:
        import docker.errors

        self.sending.advanced = _Reporter(self._files, send, self.report).advance
        try:
            if self.is_new:
                # Docker passes over `./`: only from outside can the volume's own folder be given to the user.
                client.api.put_archive(self.copy.id, "/", self._own_folder())
            put(client, self.copy, stop.watched(gathered(self.sending.archive(send))))
            remember(client, self.copy, Manifest(self.sending.owner, self.sending.known))
        except docker.errors.NotFound:
            raise
        except docker.errors.APIError as error:
            raise TargetError(
                f"The project cannot be copied into the container: {error.explanation or error} - "
                "make room on the engine, or list what the kernel does not need in .gitignore"
            ) from error

    def _own_folder(self) -> bytes:
        return (
            header(str(paths.PROJECT).lstrip("/"), Item("folder", 0o755, mtime_ns=time.time_ns()), self.sending.owner)
            + END
        )


class _Reporter:
    """Tells how much of the contents has gone, not more often than anybody can see."""

    def __init__(self, files: ProjectFiles, paths_to_send: list[str], report: Report) -> None:
        items = [files.items[path] for path in paths_to_send]
        count, self._total = sum(item.kind != "folder" for item in items), sum(item.size for item in items)
        self._message = f"Copying {count} {'file' if count == 1 else 'files'} ({size_text(self._total)})"
        self._report, self._done, self._next = report, 0, 0.0
        if count:
            self.advance(0)

    def advance(self, size: int) -> None:
        """Take notice of so many more bytes."""
        self._done += size
        now = time.monotonic()
        if now >= self._next or self._done == self._total:
            self._next = now + REPORT_SECONDS
            self._report(Progress("project", self._message, self._done, self._total, "bytes"))


def size_text(size: int) -> str:
    """Write a number of bytes for people: ``3.4 MB``."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{size} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"


def _on_the_loop(report: Report) -> Report:
    loop = asyncio.get_running_loop()

    def tell(progress: Progress) -> None:
        loop.call_soon_threadsafe(report, progress)

    return tell
