"""Outputs: what is uploaded is copied at that moment into ``blobs/<sha256>`` of the spool.

The next cell may overwrite the file. The server checks all of it again: what is checked here are mistakes of the user.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import uuid
from dataclasses import dataclass
from typing import Any, BinaryIO

_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CHUNK_BYTES = 1 << 20
_MAX_NAME = 1024


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

    def find(self, given: str) -> Output:
        """Find the file that the user named; ValueError (a sentence) unless it is a regular file below ``outputs/``."""
        asked = os.path.expanduser(given)
        tried = [os.path.join(self._project, asked), os.path.abspath(asked)]
        path = next((path for path in tried if os.path.lexists(path)), None)
        if path is None:
            raise ValueError(_refused(given, "which does not exist - write it before you upload it"))
        real = os.path.realpath(path)
        if not _below(real, self._root):
            raise ValueError(_refused(given, "which is not in {} - save it there first".format(self._root)))
        if os.path.isdir(real):
            raise ValueError(_refused(given, "which is a folder - name its files"))
        if not os.path.isfile(real):
            raise ValueError(_refused(given, "which is not a regular file - save its content to one"))
        return Output(checked_name("outputs/" + self._relative(path, real)), real)

    def keep_file(self, file: Output) -> Saved:
        """Copy a file as it is now."""
        descriptor = os.open(file.path, _FLAGS)
        with open(descriptor, "rb") as source:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ValueError(_refused(file.name, "which is not a regular file - save its content to one"))
            return self._keep(file.name, source)

    def keep_content(self, name: Any, content: Any) -> Saved:
        """Keep a text (as UTF-8) or bytes under a logical name."""
        if isinstance(content, str):
            content = content.encode("utf-8", "surrogateescape")
        if not isinstance(content, (bytes, bytearray, memoryview)):
            raise TypeError(
                "upload: content: expected str or bytes, got {} - pass the text, or the bytes of an opened file "
                "(`file.read()`)".format(type(content).__name__)
            )
        return self._keep(checked_name(name), io.BytesIO(content))

    def _relative(self, path: str, real: str) -> str:
        """Return the name that the user sees, a link's own for example; the real one where that would be ambiguous."""
        seen = os.path.join(self._project, "outputs")
        if ".." not in path.split(os.sep) and _below(os.path.normpath(path), seen):
            return os.path.relpath(os.path.normpath(path), seen).replace(os.sep, "/")
        return os.path.relpath(real, self._root).replace(os.sep, "/")

    def _keep(self, name: str, source: BinaryIO) -> Saved:
        os.makedirs(self._blobs, mode=0o700, exist_ok=True)
        draft = os.path.join(self._blobs, "draft-" + uuid.uuid4().hex)
        try:
            digest = hashlib.sha256()
            size = 0
            with open(
                os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb"
            ) as copy:
                for chunk in iter(lambda: source.read(_CHUNK_BYTES), b""):
                    copy.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
            os.replace(draft, os.path.join(self._blobs, digest.hexdigest()))
        except BaseException:
            if os.path.exists(draft):
                os.unlink(draft)
            raise
        return Saved(name, digest.hexdigest(), size)


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
