"""What of a project was copied before: kept in the copy itself, where the kernel may change it or take it away.

So nothing in it is trusted: a path that leads anywhere else makes it worthless, and then everything is copied anew.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

from jupyter_workbench.targets.docker.copying.project_files import Item, Kind

VERSION = 1
MAX_BYTES = 64 * 1024 * 1024
"""Half a million files. A longer one counts as none."""

CHUNK_BYTES = 256 * 1024

SETTLED_NS = 2 * 10**9
"""A file that changed so shortly before it was read may change again without another time: FAT counts in 2 s."""

_KINDS: Mapping[str, Kind] = {"file": "file", "folder": "folder", "link": "link"}


@dataclass(frozen=True)
class Copied:
    """One file, folder or link as it was copied.

    ``mtime_ns`` is None where the time does not prove that the content is the same; ``text`` is the SHA-256 of a file
    (empty: unknown) or where a link leads. A file with a time but without a hash is one of this machine only.
    """

    kind: Kind
    mode: int
    size: int = 0
    mtime_ns: int | None = None
    text: str = ""

    @property
    def is_in_copy(self) -> bool:
        """Whether it was copied, as far as is known; otherwise it is an output that is ignored."""
        return self.kind != "file" or bool(self.text) or self.mtime_ns is None


@dataclass(frozen=True)
class Manifest:
    """What was copied, by path as in `ProjectFiles`, and whom it belongs to in the copy (uid, gid)."""

    owner: tuple[int, int]
    entries: dict[str, Copied] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """Return what `parse` reads."""
        rows = {path: [c.kind, c.mode, c.size, c.mtime_ns, c.text] for path, c in self.entries.items()}
        return json.dumps({"version": VERSION, "owner": self.owner, "entries": rows}, separators=(",", ":")).encode()


def parse(data: bytes) -> Manifest | None:
    """Read a manifest; None when anything in it is not as we write it."""
    try:
        document = json.loads(data)
        uid, gid = document["owner"]
        if document["version"] != VERSION or not (_is_number(uid) and _is_number(gid)):
            return None
        entries = {_path(path): _copied(*row) for path, row in document["entries"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return Manifest((uid, gid), entries)


def settled(mtime_ns: int, seen_ns: int | None = None) -> int | None:
    """Return the time of a file's last change if it proves later that the file is the same, else None.

    ``seen_ns`` is when the content was read, now by default.
    """
    seen_ns = time.time_ns() if seen_ns is None else seen_ns
    return mtime_ns if mtime_ns < seen_ns - SETTLED_NS else None


def sha256_of(file: BinaryIO) -> str:
    """Return the SHA-256 of a whole open file, in hexadecimal digits."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True)
class Differences:
    """What has to be done so that a copy is like the project."""

    send: tuple[str, ...]
    compare: tuple[str, ...]
    """Files of the same size whose time differs or proves nothing: only their content tells."""
    remove: tuple[str, ...]


def differences(items: Mapping[str, Item], known: Mapping[str, Copied], unsent: Collection[str] = ()) -> Differences:
    """Compare a project with what is known of its copy; what is ``unsent`` is not gone."""
    send, compare = [], []
    for path, item in items.items():
        verdict = compared(item, known.get(path))
        if verdict == "send":
            send.append(path)
        elif verdict == "compare":
            compare.append(path)
    gone = [path for path in known if path not in items and path not in unsent]
    return Differences(tuple(send), tuple(compare), tuple(gone))


def compared(item: Item, copied: Copied | None) -> Literal["same", "compare", "send"]:
    """Tell whether something is as it was copied, or whether only the content can tell, or that it is not."""
    if copied is None or not copied.is_in_copy:
        return "send"
    if (item.kind, item.mode, item.size) != (copied.kind, copied.mode, copied.size):
        return "send"
    if item.kind == "folder":
        return "same"
    if item.kind == "link":
        return "same" if item.target == copied.text else "send"
    if item.mtime_ns == copied.mtime_ns:
        return "same"
    return "compare" if copied.text else "send"


def is_replaced(path: str, items: Mapping[str, Item]) -> bool:
    """Tell whether a folder above it is now a file or link: the engine removes a folder for that as a whole."""
    steps = path.split("/")
    above = ("/".join(steps[:depth]) for depth in range(1, len(steps)))
    return any(each in items and items[each].kind != "folder" for each in above)


def _path(path: str) -> str:
    if "\0" in path or any(step in ("", ".", "..") for step in path.split("/")):
        raise ValueError(path)
    return path


def _copied(kind: Any, mode: Any, size: Any, mtime_ns: Any, text: Any) -> Copied:
    numbers = (mode, size) if mtime_ns is None else (mode, size, mtime_ns)
    if not all(map(_is_number, numbers)) or not isinstance(text, str):
        raise ValueError(kind)
    return Copied(_KINDS[kind], mode, size, mtime_ns, text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
