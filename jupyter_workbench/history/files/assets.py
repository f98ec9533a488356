"""Outputs that a project keeps by a name: links in ``assets/``, small files for version control, and their contents.

``assets/NAME.link`` (as in 2017) and ``assets/models/NAME/VERSION.link`` are JSON: a `Link`. The content lies beside
them in ``assets/.files/<sha256>``, which git passes over.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.history.disk.beneath import RefusedError, open_beneath
from jupyter_workbench.history.files.placing import Content, place
from jupyter_workbench.history.reading.outputs import open_output
from jupyter_workbench.history.records import fields
from jupyter_workbench.history.records.fields import BadRecordError
from jupyter_workbench.history.store.blobs import blob_path

if TYPE_CHECKING:
    from typing import BinaryIO

    from jupyter_workbench.history.location import ProjectData

ASSETS = "assets"
FILES = ".files"
MODELS = "models"
_MAX_LINK_BYTES = 1 << 16
_CHUNK_BYTES = 1 << 20
_VERSION = re.compile(r"([1-9]\d{0,8})\.link\Z", re.ASCII)


@dataclass(frozen=True)
class Link:
    """What a ``.link`` file says: which output of which run, ``size`` in bytes, and when it got the name (ISO 8601)."""

    name: str
    run_id: str
    path: str
    sha256: str
    size: int
    promoted_utc: str
    project_id: str | None = None
    model_version: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the content of the file; ``model_version`` is there for models only."""
        told: dict[str, Any] = {"version": 1, **asdict(self)}
        if self.model_version is None:
            del told["model_version"]
        return told


class NameTaken(WorkbenchError):
    """A link of that name is there already."""

    http_status = 409


@dataclass(frozen=True)
class Home:
    """A project: its folder, its id and the data of its history."""

    directory: Path
    id: str | None
    data: ProjectData


def promote(home: Home, run_id: str, path: str, name: str, *, overwrite: bool = False) -> Path:
    """Give an output of a run a name in the project; returns the file ``assets/NAME.link``.

    Raises `NameTaken` when there is one and ``overwrite`` is not said, ``WorkbenchError`` for a place that cannot be
    written, ``RunNotFound``, ``OutputNotFound`` and ``HistoryError``.
    """
    file = f"{ASSETS}/{name}.link"
    if os.path.lexists(home.directory / file) and not overwrite:
        raise NameTaken(f"{file} is there already and is left as it is - choose another name, or add --overwrite")
    link = _kept(home, run_id, path, name)
    return _place_text(home, file, _text(link.as_json()), overwrite=overwrite)


def register(home: Home, run_id: str, path: str, name: str) -> Link:
    """Make an output of a run the next version of a model. Raises as `promote` does."""
    link = _kept(home, run_id, path, name)
    version = max((found.model_version or 0 for found in models(home.directory) if found.name == name), default=0)
    while True:
        version += 1
        link = Link(**{**asdict(link), "model_version": version})
        file = f"{ASSETS}/{MODELS}/{name}/{version}.link"
        if not (home.directory / file).exists():
            _place_text(home, file, _text(link.as_json()))
            return link


def models(project: Path) -> list[Link]:
    """List the versions of all models of a project, by name, the newest version of each first.

    A file that is no link is passed over.
    """
    found = []
    for file in (project / ASSETS / MODELS).glob("*/*.link"):
        if _VERSION.match(file.name):
            with suppress(WorkbenchError):
                found.append(read_link(file))
    return sorted(found, key=lambda link: (link.name.casefold(), link.name, -(link.model_version or 0)))


def download(file: Path, data: ProjectData, folder: Path, *, overwrite: bool = False) -> Path:
    """Write the content of a link into ``folder`` under the name of the output; returns its path.

    It is taken from ``.files`` beside the link, or from the history of the project. Raises ``WorkbenchError``.
    """
    link = read_link(file)
    source = _content(file, data, link.sha256)
    if source is None:
        raise WorkbenchError(
            f"{file}: its content is not on this machine - let its owner send the run "
            f"(`workbench history export -r {link.run_id} FILE`), and take it in with `workbench history import FILE`"
        )
    return place(folder, [Content(PurePosixPath(link.path).name, source, link.sha256)], overwrite=overwrite)[0]


def read_link(file: Path) -> Link:
    """Read a ``.link`` file. Raises ``WorkbenchError``, with the reason, for one that cannot be used."""
    try:
        with file.open("rb") as opened:
            told = json.loads(opened.read(_MAX_LINK_BYTES))
        return _link(told)
    except OSError as error:
        raise WorkbenchError(
            f"{file}: the link cannot be read ({error.strerror}) - name a file assets/NAME.link"
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WorkbenchError(
            f"{file}: expected a link as `workbench history promote` writes it, got something else - promote again"
        ) from error


def _kept(home: Home, run_id: str, path: str, name: str) -> Link:
    """Bring the content of an output into ``assets/.files`` and return the link to it."""
    if "/" in name:
        raise WorkbenchError(f"expected a name, got {name!r} - leave out the slashes")
    file, size, sha256 = open_output(home.data, run_id, path)
    with file:
        if not _is_intact(home.directory / ASSETS / FILES / sha256, sha256):
            content = Content(f"{ASSETS}/{FILES}/{sha256}", lambda: file, sha256)
            place(home.directory, [content], overwrite=True)
    ignore = f"{ASSETS}/{FILES}/.gitignore"
    if not (home.directory / ignore).exists():
        _place_text(home, ignore, "*\n", overwrite=True)
    promoted = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return Link(name, run_id, path, sha256, size, promoted, home.id)


def _text(told: Mapping[str, Any]) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _place_text(home: Home, path: str, text: str, *, overwrite: bool = False) -> Path:
    content = Content(path, lambda: io.BytesIO(text.encode("utf-8", "backslashreplace")))
    return place(home.directory, [content], overwrite=overwrite)[0]


def _link(told: dict[str, Any]) -> Link:
    """Read the JSON of a link, which came from another machine. Raises ``KeyError``, ``TypeError``, ``ValueError``."""
    if told["version"] != 1:
        raise BadRecordError("another version")
    version = told.get("model_version")
    return Link(
        name=fields.text(told["name"]),
        run_id=fields.text(told["run_id"]),
        path=fields.path(told["path"]),
        sha256=fields.sha256(told["sha256"]),
        size=fields.count(told["size"]),
        promoted_utc=fields.text(told["promoted_utc"]),
        project_id=fields.optional_text(told.get("project_id")),
        model_version=None if version is None else fields.count(version),
    )


def _content(file: Path, data: ProjectData, sha256: str) -> Callable[[], BinaryIO] | None:
    """Find what opens the content of a link: an intact file beside it, else the history's own."""
    beside = (folder / FILES / sha256 for folder in (file.parent, *file.parent.parents[1:2]))
    for path in (*beside, blob_path(data.blobs, sha256)):
        if _is_intact(path, sha256):
            return partial(_opened, path)
    return None


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def _is_intact(path: Path, sha256: str) -> bool:
    digest = hashlib.sha256()
    try:
        with os.fdopen(open_beneath(path.parent, path.name), "rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except (FileNotFoundError, NotADirectoryError, RefusedError):
        return False
    return digest.hexdigest() == sha256
