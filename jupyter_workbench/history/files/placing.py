"""Files put into a folder that the user named: below it whatever links lie there, each whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from jupyter_workbench.errors import HistoryError, WorkbenchError
from jupyter_workbench.history.records import fields
from jupyter_workbench.history.records.fields import BadRecordError

# Without them (Windows) each folder is looked at before it is used: weaker against a race.
_CAN_REFUSE_LINKS = hasattr(os, "O_NOFOLLOW") and {os.open, os.mkdir, os.link, os.rename} <= os.supports_dir_fd
_CHUNK_BYTES = 1 << 20
_LONGEST_NAME = 255


@dataclass(frozen=True)
class Content:
    """A file to come: its ``path`` below the folder, parted by ``/``; what opens it; its hash, where it is known."""

    path: str
    open: Callable[[], BinaryIO]
    sha256: str | None = None


@dataclass(frozen=True)
class _Folder:
    """A folder below the root, held open where a link could be put in its place."""

    path: Path
    descriptor: int | None

    def named(self, name: str) -> str:
        return name if self.descriptor is not None else str(self.path / name)


def place(folder: Path, contents: Sequence[Content], *, overwrite: bool = False) -> list[Path]:
    """Write files below ``folder``, which is made when it is not there; returns their paths.

    All are copied and their hashes checked before the first gets its name. Without ``overwrite`` nothing that is there
    is touched, and a failure leaves nothing behind. Raises ``WorkbenchError`` for what is in the way, and
    ``HistoryError`` for a disk that fails or a content that is damaged.
    """
    parts = [_parts(content.path) for content in contents]
    for path, reason in unfit(folder, [content.path for content in contents]).items():
        raise WorkbenchError(f"{path} cannot be written, and nothing was: {reason}")
    try:
        _refuse_what_is_there(folder, parts, overwrite=overwrite)
        with _undone_on_failure() as undo:
            _make(folder, undo)
            with _staging(folder) as staging:
                for number, content in enumerate(contents):
                    _copy(content, staging, str(number))
                for number, where in enumerate(parts):
                    _place_one(staging, str(number), folder, where, undo, overwrite=overwrite)
    except OSError as error:
        raise HistoryError(f"{folder}: the files cannot be written ({error.strerror or error})") from error
    return [folder.joinpath(*where) for where in parts]


def unfit(folder: Path, paths: Sequence[str]) -> dict[str, str]:
    """Tell which of these paths cannot be files below ``folder`` together with the others, each with the reason."""
    folders = {path[:end] for path in paths for end, letter in enumerate(path) if letter == "/"}
    longest = _longest_name(folder)
    reasons = {}
    for path in paths:
        try:
            length = max(map(len, os.fsencode(path).split(b"/")))
        except UnicodeEncodeError:
            reasons[path] = "file names have no such letters in this locale - set one with UTF-8"
            continue
        if length > longest:
            reasons[path] = f"its name has {length} bytes, of which this disk takes {longest}"
        elif path in folders:
            reasons[path] = "another output needs a folder of that name - `history download --artifact` writes it alone"
    return reasons


def _longest_name(folder: Path) -> int:
    if not hasattr(os, "pathconf"):
        return _LONGEST_NAME
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        return os.pathconf(there, "PC_NAME_MAX")
    except (OSError, ValueError):
        return _LONGEST_NAME


def _parts(path: str) -> tuple[str, ...]:
    try:
        return tuple(fields.path(path).split("/"))
    except BadRecordError as error:
        raise WorkbenchError(f"expected the relative path of an output, got {path!r} - nothing was written") from error


def _refuse_what_is_there(folder: Path, files: Sequence[tuple[str, ...]], *, overwrite: bool) -> None:
    """Tell early, before anything is copied; what appears later is refused where it is written."""
    there = []
    for parts in files:
        for end in range(1, len(parts)):
            path = folder.joinpath(*parts[:end])
            if os.path.lexists(path) and (path.is_symlink() or not path.is_dir()):
                raise _not_a_folder(path)
        path = folder.joinpath(*parts)
        if os.path.lexists(path) and (not overwrite or (path.is_dir() and not path.is_symlink())):
            there.append(path)
    if there:
        raise _is_there(there)


def _is_there(paths: Sequence[Path]) -> WorkbenchError:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    verb = "are" if more else "is"
    advice = "remove the folder" if paths[0].is_dir() else "choose another folder, or add --overwrite"
    return WorkbenchError(f"{paths[0]}{more} {verb} there already and nothing was written - {advice}")


def _not_a_folder(path: Path) -> WorkbenchError:
    got = "a link" if path.is_symlink() else "a file"
    return WorkbenchError(f"expected a folder at {path}, got {got} - remove it, or choose another folder")


@contextmanager
def _undone_on_failure() -> Iterator[ExitStack]:
    with ExitStack() as undo:
        yield undo
        undo.pop_all()


def _make(folder: Path, undo: ExitStack) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        undo.callback(_remove_folder, str(path))


@contextmanager
def _staging(root: Path) -> Iterator[_Folder]:
    """Give a folder of our own on the same file system, which is gone afterwards."""
    name = f".incoming-{uuid.uuid4().hex}"
    with ExitStack() as undo, _inside(root, (name,), undo) as folder:
        try:
            yield folder
        finally:
            where = folder.path if folder.descriptor is None else folder.descriptor
            for left in os.listdir(where):  # noqa: PTH208 - pathlib lists no folder by its descriptor
                os.unlink(folder.named(left), dir_fd=folder.descriptor)


def _copy(content: Content, folder: _Folder, name: str) -> None:
    digest = hashlib.sha256()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with (
        content.open() as source,
        os.fdopen(os.open(folder.named(name), flags, 0o666, dir_fd=folder.descriptor), "wb") as file,
    ):
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
    if content.sha256 not in (None, digest.hexdigest()):
        raise HistoryError(f"{content.path}: the content that was kept is damaged, and nothing was written")


def _place_one(
    staging: _Folder, staged: str, root: Path, parts: tuple[str, ...], undo: ExitStack, *, overwrite: bool
) -> None:
    with _inside(root, parts[:-1], undo) as folder:
        file, name = staging.named(staged), folder.named(parts[-1])
        at: dict[str, int | None] = {"src_dir_fd": staging.descriptor, "dst_dir_fd": folder.descriptor}
        if overwrite:
            os.replace(file, name, **at)  # noqa: PTH105
            return
        try:
            os.link(file, name, follow_symlinks=False, **at)
        except FileExistsError:
            raise _is_there([root.joinpath(*parts)]) from None
        except OSError:  # a file system without hard links: what appears between these lines is overwritten
            if _exists(name, folder.descriptor):
                raise _is_there([root.joinpath(*parts)]) from None
            os.rename(file, name, **at)  # noqa: PTH104
    undo.callback(_remove_file, root, parts)


@contextmanager
def _inside(root: Path, parts: tuple[str, ...], undo: ExitStack | None) -> Iterator[_Folder]:
    """Give the folder ``root/parts[0]/...``, which is made where ``undo`` is given; no link on the way is followed."""
    with ExitStack() as stack:
        folder = _Folder(root, _opened(stack, str(root), None) if _CAN_REFUSE_LINKS else None)
        for part in parts:
            name, at, path = folder.named(part), folder.descriptor, folder.path / part
            if undo is not None:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=at)
                    undo.callback(_remove_folder, str(path))
            try:
                folder = _Folder(path, _opened(stack, name, at) if at is not None else None)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
                    raise _not_a_folder(path) from None
                raise
            if at is None and (path.is_symlink() or not path.is_dir()):
                raise _not_a_folder(path)
        yield folder


def _opened(stack: ExitStack, name: str, at: int | None) -> int:
    no_link = os.O_NOFOLLOW if at is not None else 0  # the root itself is the user's word
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | no_link, dir_fd=at)
    stack.callback(os.close, descriptor)
    return descriptor


def _exists(name: str, at: int | None) -> bool:
    try:
        os.stat(name, dir_fd=at, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _remove_file(root: Path, parts: tuple[str, ...]) -> None:
    with suppress(OSError, WorkbenchError), _inside(root, parts[:-1], None) as folder:
        os.unlink(folder.named(parts[-1]), dir_fd=folder.descriptor)


def _remove_folder(path: str) -> None:
    with suppress(OSError):  # somebody else put something into it
        os.rmdir(path)  # noqa: PTH106
