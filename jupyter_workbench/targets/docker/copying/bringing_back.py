"""What a kernel wrote below `outputs/` of its copy, on its way into the project's own `outputs/`.

Three contents decide about each file: the container's, this machine's, and the one that both had last, by its hash in
the manifest. A manifest that lies gains nothing: only who knows what a file of this machine says can name its hash.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import BinaryIO

from jupyter_workbench.config.files import shown_name
from jupyter_workbench.targets.docker.copying.host_folder import HostFolder, Incoming
from jupyter_workbench.targets.docker.copying.manifest import CHUNK_BYTES, Copied, settled, sha256_of
from jupyter_workbench.targets.docker.copying.project_files import OUTPUTS
from jupyter_workbench.targets.docker.copying.tars import (
    BrokenArchiveError,
    Member,
    Refusal,
    RefusedError,
    safe_parts,
)

MAX_BESIDE = 100
"""So many versions of one file beside each other are enough."""


@dataclass
class BringingBack:
    """Takes the members of an archive of `outputs/`; ``known`` is what manifest entries say, and is brought up to date.

    ``suffix`` ends the name of a file whose namesake on this machine was changed too.
    """

    project: HostFolder
    known: dict[str, Copied]
    suffix: str
    tell: Callable[[str], None]
    written: list[str] = field(default_factory=list)
    has_news: bool = False

    def take(self, member: Member | Refusal) -> None:
        """Take one member; what cannot be taken is told. Raises OSError for a disk that is full, and the like."""
        if isinstance(member, Refusal):
            self._refuse(member.path, member.why)
            return
        path = "/".join((OUTPUTS, *member.parts))
        try:
            self._take(member, path)
        except RefusedError as error:
            self._refuse(path, str(error))
        except (NotADirectoryError, IsADirectoryError, FileExistsError):
            self._refuse(path, "on this machine something else is in its place")

    def _refuse(self, path: str, why: str) -> None:
        self.tell(
            f"{shown_name(path)}: expected a file that can be brought back, got {why} - it stays in the container"
        )

    def _take(self, member: Member, path: str) -> None:
        parts = safe_parts(path)
        with ExitStack() as stack:
            host = self._host_file(parts, stack)
            comparison = _Comparison(member, host, lambda: stack.enter_context(self._incoming(parts, member)))
            comparison.run()
            base = self.known.get(path)
            if comparison.incoming is None:
                self._remember(path, member, comparison)
            elif base is not None and base.text == comparison.sha256:
                return  # only this machine's was changed, or removed
            elif host is None or _is_unchanged(host, base):
                comparison.incoming.keep(parts[-1], member.mtime)
                self._wrote(path, member, comparison)
            else:
                self._put_beside(path, member, comparison, comparison.incoming)

    def _host_file(self, parts: tuple[str, ...], stack: ExitStack) -> BinaryIO | None:
        host = self.project.open(parts)
        return None if host is None else stack.enter_context(host)

    def _incoming(self, parts: tuple[str, ...], member: Member) -> AbstractContextManager[Incoming]:
        return self.project.incoming(parts, is_executable=member.is_executable)

    def _put_beside(self, path: str, member: Member, comparison: _Comparison, incoming: Incoming) -> None:
        """Put it beside the file that was changed here too: under a name that is free, or that we gave before."""
        for name in self._names_beside(path):
            with ExitStack() as stack:
                try:
                    host = self._host_file(safe_parts(name), stack)
                except RefusedError:
                    continue
                if host is not None and sha256_of(host) == comparison.sha256:
                    return  # it is there already
                is_free = host is None or _is_unchanged(host, self.known.get(name))
            if is_free:
                incoming.keep(name.rpartition("/")[2], member.mtime)
                self._wrote(name, member, comparison)
                self.tell(
                    f"{shown_name(path)} was changed on this machine and in the container: "
                    f"the container's is in {shown_name(name)}"
                )
                return
        self._refuse(path, f"{MAX_BESIDE} other versions of it")

    def _names_beside(self, path: str) -> Iterator[str]:
        yield path + self.suffix
        yield from (f"{path}{self.suffix}.{number}" for number in range(2, MAX_BESIDE + 1))

    def _wrote(self, path: str, member: Member, comparison: _Comparison) -> None:
        self.written.append(path)
        self._remember(path, member, comparison)

    def _remember(self, path: str, member: Member, comparison: _Comparison) -> None:
        base = self.known.get(path)
        if base is None or base.text != comparison.sha256:
            self.has_news = True
            mode, mtime_ns = comparison.here()
            self.known[path] = Copied("file", mode, member.size, settled(mtime_ns), comparison.sha256)


def _is_unchanged(host: BinaryIO, base: Copied | None) -> bool:
    """Tell whether a file of this machine is the one that the kernel found, or would have found, when it started."""
    if base is None:
        return False
    if base.is_in_copy:
        return base.text == sha256_of(host)
    status = os.fstat(host.fileno())
    return (base.size, base.mtime_ns) == (status.st_size, status.st_mtime_ns)


class _Comparison:
    """Reads a member beside this machine's file; as soon as they differ, all of it goes to a new file.

    So a file that is the same, which most are, is never written anew, however large it is.
    """

    def __init__(self, member: Member, host: BinaryIO | None, new: Callable[[], Incoming]) -> None:
        self._member, self._host, self._new = member, host, new
        self._digest = hashlib.sha256()
        self._same_bytes = 0
        self.incoming: Incoming | None = None

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def here(self) -> tuple[int, int]:
        """Return the mode of the file that this machine has now, and when it changed last (ns)."""
        if self.incoming is not None:
            return self.incoming.mode, self.incoming.mtime_ns
        assert self._host is not None
        status = os.fstat(self._host.fileno())
        return stat.S_IMODE(status.st_mode) & 0o777, status.st_mtime_ns

    def run(self) -> None:
        if self._host is None:
            self.incoming = self._new()
        for chunk in self._member.chunks():
            if self.incoming is None and not self._goes_on_with(chunk):
                self._part()
            if self.incoming is not None:
                self.incoming.file.write(chunk)
            else:
                self._same_bytes += len(chunk)
            self._digest.update(chunk)
        if self.incoming is None and self._host is not None and self._host.read(1):
            self._part()

    def _goes_on_with(self, chunk: bytes) -> bool:
        assert self._host is not None
        return self._host.read(len(chunk)) == chunk

    def _part(self) -> None:
        """Begin a new file with what was the same so far."""
        assert self._host is not None
        self.incoming = self._new()
        self._host.seek(0)
        digest, left = hashlib.sha256(), self._same_bytes
        while left > 0 and (chunk := self._host.read(min(CHUNK_BYTES, left))):
            digest.update(chunk)
            self.incoming.file.write(chunk)
            left -= len(chunk)
        if digest.digest() != self._digest.digest():
            raise BrokenArchiveError("a file of this machine was changed while it was compared")
