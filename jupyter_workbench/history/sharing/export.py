"""Runs -> one portable file (see `portable`), which `importing` reads on another machine."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import HistoryError, WorkbenchError
from jupyter_workbench.history.reading.view import reading
from jupyter_workbench.history.sharing.archive import is_too_dense
from jupyter_workbench.history.sharing.portable import BLOBS, FORMAT, MANIFEST, RUNS, VERSION, lines_of, read_run

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Exported:
    """How many runs and outputs are in the file, and the ids of those left out because they were still running."""

    runs: int
    outputs: int
    running: tuple[str, ...]


def export(data: ProjectData, run_ids: Sequence[str], file: Path, *, overwrite: bool = False) -> Exported:
    """Write the runs with those ids into ``file``, which is then there whole or not at all.

    Raises ``RunNotFound``, ``WorkbenchError`` when the file is there and ``overwrite`` is not said, ``HistoryError``.
    """
    if os.path.lexists(file) and not overwrite:
        raise _is_there(file)
    draft = file.with_name(f".{file.name}.{uuid.uuid4().hex}.part")
    with reading(data) as connection, _in_words(file):
        try:
            exported, is_refused = _write(draft, connection, data, run_ids, zipfile.ZIP_DEFLATED)
            if is_refused:  # a constant that was logged a million times; no import would take it
                exported, _ = _write(draft, connection, data, run_ids, zipfile.ZIP_STORED)
            _name(draft, file, overwrite=overwrite)
        finally:
            draft.unlink(missing_ok=True)
    return exported


@contextmanager
def _in_words(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HistoryError(f"{file}: the runs cannot be written ({error.strerror or error})") from error


def _write(
    draft: Path, connection: sqlite3.Connection, data: ProjectData, run_ids: Sequence[str], method: int
) -> tuple[Exported, bool]:
    """Write the archive; returns what is in it, and whether an import would take it for a bomb."""
    with draft.open("wb") as opened:
        with zipfile.ZipFile(opened, "w", method) as archive:
            exported = _fill(archive, connection, data, run_ids)
        return exported, is_too_dense(archive, opened.tell())


def _fill(
    archive: zipfile.ZipFile, connection: sqlite3.Connection, data: ProjectData, run_ids: Sequence[str]
) -> Exported:
    running: list[str] = []
    blobs: dict[str, Path] = {}
    with archive.open(RUNS, "w", force_zip64=True) as lines:
        for run_id in dict.fromkeys(run_ids):
            run = read_run(connection, run_id)
            if run["status"] == "Running":
                running.append(run_id)
                continue
            for line in lines_of(connection, run, data.blobs, blobs):
                lines.write(line)
    for sha256, path in blobs.items():
        _add(archive, f"{BLOBS}{sha256}", path)
    exported = Exported(len(dict.fromkeys(run_ids)) - len(running), len(blobs), tuple(running))
    archive.writestr(MANIFEST, json.dumps(_manifest(exported), indent=2))
    return exported


def _manifest(exported: Exported) -> dict[str, Any]:
    created = datetime.now(timezone.utc).isoformat(timespec="seconds")
    told = {"format": FORMAT, "version": VERSION, "created_utc": created}
    return {**told, "runs": exported.runs, "outputs": exported.outputs}


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    entry = zipfile.ZipInfo(name, datetime.now(timezone.utc).timetuple()[:6])
    with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        while chunk := source.read(_CHUNK_BYTES):
            target.write(chunk)


def _name(draft: Path, file: Path, *, overwrite: bool) -> None:
    if overwrite:
        draft.replace(file)
        return
    try:
        os.link(draft, file)
    except FileExistsError:
        raise _is_there(file) from None
    except OSError:  # a file system without hard links: what appears between these lines is overwritten
        if os.path.lexists(file):
            raise _is_there(file) from None
        draft.rename(file)


def _is_there(file: Path) -> WorkbenchError:
    return WorkbenchError(f"{file} is there already and nothing was written - choose another name, or add --overwrite")
