"""What links in ``assets/`` stand for: outputs of runs that were promoted or registered as models, in this project.

A link is JSON with the hash of its content, which lies in ``assets/.files`` (``workbench history promote``) or, on the
server's own machine, in the history of the project.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import Any, Dict, Iterator, List, Optional, Tuple

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_VERSION = re.compile(r"([1-9][0-9]{0,8})\.link\Z")
_MAX_LINK_BYTES = 1 << 16

_project: Optional[str] = None
_spool: Optional[str] = None
_checked: Dict[str, Tuple[int, int, str]] = {}  # path -> when it was written, its size and its hash


def serve(project: str, spool: Optional[str]) -> None:
    """Look for models in this project, and for contents also in the history to which this spool belongs."""
    global _project, _spool
    _project, _spool = os.path.abspath(project), spool


def local_path(link: Any) -> str:
    """Return the path of the content of a link (``assets/model.link``): a file that must not be changed.

    FileNotFoundError, with what to do, where the link or its content is missing; ValueError for what is no link.
    """
    given = os.fspath(link)
    path = _existing(given)
    sha256 = _hash_in(path)
    for content in _places(path, sha256):
        if _has_hash(content, sha256):
            return content
    raise FileNotFoundError(
        "{}: its content is not here - fetch it with `workbench asset download -l {} -d DIR`".format(given, given)
    )


def model_path(name: str, version: Optional[int] = None) -> str:
    """Return the path of the content of a model: of its newest version, unless one is named. Raises as above."""
    if not isinstance(name, str) or name in ("", ".", "..") or "/" in name or os.sep in name:
        raise ValueError("expected the name of a model, got {!r}".format(name))
    folder = os.path.join(_home(), "assets", "models", name)
    versions = _versions(folder)
    if not versions:
        what_to_do = "register one with `workbench model register -r RUN -ap PATH -n NAME`"
        raise FileNotFoundError("The project has no model {!r} - {}".format(name, what_to_do))
    wanted = versions[-1] if version is None else int(version)
    if wanted not in versions:
        raise FileNotFoundError(
            "The model {!r} has no version {}, but {}".format(name, version, ", ".join(map(str, versions)))
        )
    return local_path(os.path.join(folder, "{}.link".format(wanted)))


def _home() -> str:
    """Return the project: of the kernel, or, in a process that it started, the nearest folder that has models."""
    if _project is not None:
        return _project
    folder = os.getcwd()
    while not os.path.isdir(os.path.join(folder, "assets", "models")):
        if folder == os.path.dirname(folder):
            return os.getcwd()
        folder = os.path.dirname(folder)
    return folder


def _versions(folder: str) -> List[int]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(int(found.group(1)) for found in map(_VERSION.match, names) if found)


def _existing(given: str) -> str:
    for path in (os.path.abspath(given), os.path.join(_project or "", given)):
        if os.path.exists(path):
            return path
    what_to_do = "promote an output with `workbench history promote -r RUN -ap PATH -n NAME`"
    raise FileNotFoundError("{}: there is no such link - {}".format(given, what_to_do))


def _hash_in(path: str) -> str:
    try:
        with open(path, "rb") as file:
            told = json.loads(file.read(_MAX_LINK_BYTES).decode("utf-8"))
        if told["version"] == 1 and _SHA256.match(told["sha256"]):
            return str(told["sha256"])
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise ValueError("{}: expected a link as `workbench history promote` writes it, got something else".format(path))


def _places(link: str, sha256: str) -> Iterator[str]:
    folder = os.path.dirname(os.path.abspath(link))
    for _ in range(3):  # a model's link lies in assets/models/NAME
        yield os.path.join(folder, ".files", sha256)
        folder = os.path.dirname(folder)
    if _spool is not None:
        yield os.path.join(os.path.realpath(os.path.join(_spool, "..", "..")), "blobs", sha256[:2], sha256)


def _has_hash(path: str, sha256: str) -> bool:
    """Whether a file has that content; read once, as long as nobody writes it."""
    try:
        found = os.stat(path)
        stamp = (found.st_mtime_ns, found.st_size, sha256)
        if _checked.get(path) == stamp:
            return True
        digest = hashlib.sha256()
        with open(path, "rb") as file:
            for chunk in iter(lambda: file.read(1 << 20), b""):
                digest.update(chunk)
    except OSError:
        return False
    if digest.hexdigest() != sha256:
        return False
    _checked[path] = stamp
    return True
