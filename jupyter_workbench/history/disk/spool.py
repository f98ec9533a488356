"""A spool: the folder into which one kernel process writes its records before anything is sent.

Whatever is read here may have been bent by the kernel: no link is followed, nothing is believed without a look.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, BinaryIO

from jupyter_workbench.history.disk.beneath import RefusedError, open_beneath
from jupyter_workbench.history.disk.locks import is_held, is_held_by_children, is_open_here
from jupyter_workbench.history.records.fields import optional_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

STREAM = re.compile(r"\d{8}T\d{6}-[0-9a-f]{16}\Z", re.ASCII)
MAX_RECORD_BYTES = 256 << 20
TOO_LONG = f"A record of the kernel above {MAX_RECORD_BYTES >> 20} MB was left out."
UNFETCHED = "unfetched"
_BLOCK_BYTES = 1 << 20
_SMALL_FILE_BYTES = 1 << 20
_SEARCHED_RECORDS = 4
_looking = threading.Lock()  # of two threads that look at a lock, each would take the other for the kernel


@dataclass(frozen=True)
class KernelFacts:
    """What is known about a kernel before it starts; kept with every run of its stream.

    ``user`` is who runs the server or launcher, ``environment`` the fingerprint of the kernel's environment. ``page``,
    which is for the kernel alone, is the URL path of the project's run history in the JupyterLab of that server.
    """

    project: str
    project_dir: str
    run_configuration: str
    target: str
    target_type: str
    framework: str
    tracked_run: bool = True
    kernel_id: str | None = None
    notice: str | None = None
    notebook: str | None = None
    user: str | None = None
    environment: str | None = None
    page: str | None = None


def facts_of(told: Mapping[str, object]) -> KernelFacts:
    """Read facts that somebody else wrote; what is not told is empty."""
    texts = {name: optional_text(value) for name, value in told.items()}
    return KernelFacts(
        project=texts.get("project") or "",
        project_dir=texts.get("project_dir") or "",
        run_configuration=texts.get("run_configuration") or "",
        target=texts.get("target") or "",
        target_type=texts.get("target_type") or "",
        framework=texts.get("framework") or "",
        tracked_run=told.get("tracked_run") is not False,
        kernel_id=texts.get("kernel_id"),
        notice=texts.get("notice"),
        notebook=texts.get("notebook"),
        user=texts.get("user"),
        environment=texts.get("environment"),
        page=texts.get("page"),
    )


@dataclass(frozen=True)
class Spool:
    """One kernel process = one stream = one folder, named like the stream."""

    folder: Path
    stream: str
    facts: KernelFacts

    @classmethod
    def create(cls, folder: Path, facts: KernelFacts) -> Spool:
        """Make the folder (0700) with its ``kernel.json`` (0600), which the kernel reads when it starts."""
        facts = facts_of(asdict(facts))  # the name of a project's folder need not be Unicode
        folder.mkdir(mode=0o700)
        text = json.dumps({"version": 1, "stream": folder.name, **asdict(facts)}, indent=1)
        descriptor = os.open(folder / "kernel.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        return cls(folder, folder.name, facts)

    @classmethod
    def at(cls, folder: Path) -> Spool:
        """Take the spool in an existing folder; facts that its ``kernel.json`` does not tell are empty."""
        spool = cls(folder, folder.name, KernelFacts("", "", "", "", "", ""))
        return cls(folder, folder.name, facts_of(_told(spool._small("kernel.json"))))

    def was_ready(self) -> bool:
        """Whether the kernel came as far as its first record (it locked the spool before that).

        Also when the whole folder is gone: a sweep removes at once only what was ready, and never half of it.
        """
        try:
            os.close(self._open("records.jsonl"))
        except FileNotFoundError:
            return not os.path.lexists(self.folder)
        except RefusedError:
            return False
        return True

    def is_alive(self) -> bool:
        """Whether the kernel process still runs: it holds the lock until it ends, however it ends."""
        with _looking:
            if is_open_here(self.folder / "lock"):
                # We are the kernel, whose notebook asks, or hold the lock for it: to look at the lock would drop it.
                return True
            try:
                descriptor = self._open("lock")
            except (FileNotFoundError, PermissionError, RefusedError):
                return False  # no kernel of this user makes such a lock
            try:
                return is_held(descriptor)
            finally:
                os.close(descriptor)

    def may_grow(self) -> bool:
        """Whether a process that the kernel forked still runs, now that the kernel does not: it may log."""
        try:
            descriptor = self._open("records.jsonl")
        except (FileNotFoundError, RefusedError):
            return False
        try:
            return is_held_by_children(descriptor)
        finally:
            os.close(descriptor)

    def is_unfetched(self) -> bool:
        """Whether a container holds more than this folder; the server that fetches it has the lock of the kernel."""
        return os.path.lexists(self.folder / UNFETCHED)

    def is_awaited(self, seconds: float) -> bool:
        """Whether what is unfetched may still come: so long from the first call on, which is once that server is gone.

        Another server will fetch it, unless the engine is gone for good.
        """
        mark = self.folder / UNFETCHED
        try:
            missed = mark.lstat().st_mtime
            if not missed:
                os.utime(mark, follow_symlinks=os.utime not in os.supports_follow_symlinks)  # a kernel may make links
        except FileNotFoundError:
            return False
        return not missed or abs(time.time() - missed) < seconds

    def read(self, offset: int) -> Iterator[tuple[int, bytes]]:
        """``(offset, whole lines)`` from ``offset`` to the end; nothing when there are no records.

        A last line without its newline is left for later. A line above ``MAX_RECORD_BYTES`` is left out: the next
        offset (that of an empty piece, if need be) is behind it. Where its end is not found within a few times that
        size, the next offset is the end of the file: a kernel may have made it longer than anybody can read.
        """
        try:
            descriptor = self._open("records.jsonl")
        except (FileNotFoundError, RefusedError):
            return
        with os.fdopen(descriptor, "rb") as file:
            file.seek(offset)
            yield from _whole_lines(file, offset)

    def start_error(self) -> str | None:
        """Why the kernel died before it was ready, in its own words."""
        text = self._small("start-error.txt")
        return text.strip() or None if text is not None else None

    def open_blob(self, sha256: str) -> int:
        """Open the uploaded content that the kernel kept under that hash; returns a descriptor."""
        return self._open("blobs", sha256)

    def _open(self, *parts: str) -> int:
        return open_beneath(self.folder.parent, self.folder.name, *parts)

    def _small(self, name: str) -> str | None:
        try:
            descriptor = self._open(name)
        except (FileNotFoundError, RefusedError):
            return None
        with os.fdopen(descriptor, "rb") as file:
            return file.read(_SMALL_FILE_BYTES).decode("utf-8", "replace")


def _told(text: str | None) -> dict[str, object]:
    try:
        told = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _whole_lines(file: BinaryIO, start: int) -> Iterator[tuple[int, bytes]]:
    waiting: list[bytes] = []
    length = 0  # of the line that has no end yet
    while block := file.read(_BLOCK_BYTES):
        end = block.rfind(b"\n") + 1
        if not end:
            length += len(block)
            waiting.append(block)
            if length > MAX_RECORD_BYTES:
                waiting.clear()
            if length > _SEARCHED_RECORDS * MAX_RECORD_BYTES:
                length = file.seek(0, os.SEEK_END) - start
                break
            continue
        if length > MAX_RECORD_BYTES:
            first = block.find(b"\n") + 1
            start, piece = start + length + first, block[first:end]
        else:
            piece = b"".join((*waiting, block[:end]))
        yield start, piece
        start += len(piece)
        waiting, length = [block[end:]], len(block) - end
    if length > MAX_RECORD_BYTES:
        yield start + length, b""
