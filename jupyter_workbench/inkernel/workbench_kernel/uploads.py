"""Outputs: what is uploaded is copied at that moment into ``blobs/<sha256>`` of the spool.

The next cell may overwrite the file. The server checks all of it again: what is checked here are mistakes of the user.
"""

from __future__ import annotations

import glob
import hashlib
import io
import os
import stat
import uuid
from dataclasses import dataclass
from typing import Any, BinaryIO, Callable, Dict, Iterator, List, Tuple

_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CHUNK_BYTES = 1 << 20
_MAX_NAME = 1024
_PASSED_OVER = {".ipynb_checkpoints"}  # JupyterLab's own copies of what is edited


@dataclass(frozen=True)
class Output:
    """A file to upload: its logical name and its real path."""

    name: str
    path: str


@dataclass(frozen=True)
class Saved:
    """A content that is safe in the blobs."""

    name: str
    sha256: str
    size: int


class Outputs:
    """The folder ``outputs`` of the project and the blobs of the spool."""

    def __init__(self, project: str, spool: str) -> None:
        self._project = os.path.realpath(project)
        self._blobs = os.path.join(spool, "blobs")

    @property
    def _root(self) -> str:
        return os.path.realpath(os.path.join(self._project, "outputs"))

    def find(self, paths: List[str]) -> List[Output]:
        """Find the files that the user named (files, patterns and folders), each of them once.

        ValueError (a sentence) unless all of them are regular files below ``outputs/``.
        """
        found: Dict[str, Output] = {}
        for given in paths:
            for path in self._named(given):
                for output in self._files(given, path):
                    found.setdefault(output.name, output)
        return list(found.values())

    def keep_files(self, files: List[Output], tell: Callable[[int], None] = lambda _count: None) -> List[Saved]:
        """Copy files as they are now, all or none; ``tell`` hears of each piece how many bytes it has."""
        fresh: List[str] = []
        try:
            return [self._keep_file(file, tell, fresh) for file in files]
        except BaseException:
            for blob in fresh:
                os.unlink(blob)
            raise

    def keep_content(self, name: Any, content: Any) -> Saved:
        """Keep a text (as UTF-8) or bytes under a logical name."""
        if isinstance(content, str):
            content = content.encode("utf-8", "surrogateescape")
        if not isinstance(content, (bytes, bytearray, memoryview)):
            raise TypeError(
                "upload: content: expected str or bytes, got {} - pass the text, or the bytes of an opened file "
                "(`file.read()`)".format(type(content).__name__)
            )
        return self._keep(checked_name(name), io.BytesIO(content), lambda _count: None, [])

    def _named(self, given: str) -> List[str]:
        """Existing paths for what the user named: in the project, or else below the folder where the user is."""
        asked = os.path.expanduser(given)
        folders = (self._project, os.getcwd())
        for folder in folders:
            if os.path.lexists(os.path.join(folder, asked)):
                return [os.path.join(folder, asked)]
        for folder in folders:
            matching = sorted(glob.glob(os.path.join(glob.escape(folder), asked), recursive=True))
            if matching:
                return matching
        what = "which does not exist" if glob.escape(asked) == asked else "which matches no file"
        raise ValueError(_refused(given, what + " - write it before you upload it"))

    def _files(self, given: str, path: str) -> List[Output]:
        real = os.path.realpath(path)
        if real != self._root and not _below(real, self._root):
            raise ValueError(_refused(given, "which is not in {} - save it there first".format(self._root)))
        if not os.path.isdir(real):
            return [self._file(given, path, real)]
        found = [self._file(file, file, os.path.realpath(file)) for file in self._in_folder(given, path)]
        if not found:
            raise ValueError(_refused(given, "which is a folder without files - write them before you upload it"))
        return found

    def _in_folder(self, given: str, folder: str) -> Iterator[str]:
        """All files below a folder. Links to folders are not followed: what they lead to is either there or refused."""
        for place, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if name not in _PASSED_OVER)
            for name in folders:
                real = os.path.realpath(os.path.join(place, name))
                if os.path.islink(os.path.join(place, name)) and not _below(real, os.path.realpath(folder)):
                    what = "which holds a link to a folder elsewhere, {} - name that folder itself".format(name)
                    raise ValueError(_refused(given, what))
            for name in sorted(files):
                yield os.path.join(place, name)

    def _file(self, given: str, path: str, real: str) -> Output:
        if not _below(real, self._root):
            raise ValueError(_refused(given, "which is not in {} - save it there first".format(self._root)))
        if not os.path.isfile(real):
            raise ValueError(_refused(given, "which is not a regular file - save its content to one"))
        return Output(checked_name("outputs/" + self._relative(path, real)), real)

    def _keep_file(self, file: Output, tell: Callable[[int], None], fresh: List[str]) -> Saved:
        descriptor = os.open(file.path, _FLAGS)
        with open(descriptor, "rb") as source:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ValueError(_refused(file.name, "which is not a regular file - save its content to one"))
            return self._keep(file.name, source, tell, fresh)

    def _relative(self, path: str, real: str) -> str:
        """Return the name that the user sees, a link's own for example; the real one where that would be ambiguous."""
        seen = os.path.join(self._project, "outputs")
        if ".." not in path.split(os.sep) and _below(os.path.normpath(path), seen):
            return os.path.relpath(os.path.normpath(path), seen).replace(os.sep, "/")
        return os.path.relpath(real, self._root).replace(os.sep, "/")

    def _keep(self, name: str, source: BinaryIO, tell: Callable[[int], None], fresh: List[str]) -> Saved:
        """Copy to a blob; its path joins ``fresh`` when no earlier output has that content."""
        os.makedirs(self._blobs, mode=0o700, exist_ok=True)
        draft = os.path.join(self._blobs, "draft-" + uuid.uuid4().hex)
        try:
            digest, size = _copy(source, draft, tell)
            blob = os.path.join(self._blobs, digest)
            is_known = os.path.exists(blob)
            os.replace(draft, blob)
            if not is_known:
                fresh.append(blob)
        except BaseException:
            if os.path.exists(draft):
                os.unlink(draft)
            raise
        return Saved(name, digest, size)


def _copy(source: BinaryIO, path: str, tell: Callable[[int], None]) -> Tuple[str, int]:
    """Copy to a new file; return SHA-256 and size."""
    digest = hashlib.sha256()
    size = 0
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb") as copy:
        for chunk in iter(lambda: source.read(_CHUNK_BYTES), b""):
            copy.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            tell(len(chunk))
    return digest.hexdigest(), size


def checked_name(name: Any) -> str:
    """Return an output's logical name: relative, parts joined by ``/``, none of them a dot part; else ValueError."""
    parts = name.split("/") if isinstance(name, str) else [""]
    wrong = any(part in ("", ".", "..") for part in parts) or len(str(name)) > _MAX_NAME
    if wrong or "\\" in name or ":" in parts[0] or not name.isprintable():
        raise ValueError(
            "upload: expected a relative path such as 'plots/roc.png', got {!r} - leave out empty and dot parts, "
            "backslashes and drive names".format(name)
        )
    return str.__str__(name)


def _below(path: str, folder: str) -> bool:
    return os.path.normcase(path).startswith(os.path.normcase(folder) + os.sep)


def _refused(given: str, what: str) -> str:
    return "%azureml upload: expected a file in the project's outputs folder, got {!r}, {}".format(given, what)
