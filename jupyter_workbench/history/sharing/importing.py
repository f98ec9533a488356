"""A file of runs (see `portable`) -> the history of a project. It may come from anybody: nothing is believed.

What it says of a run goes through `Store.apply`, as what a kernel sends does, into a stream of the run's own that is
named by the hash of its bytes. So it can touch no other run, an import that was cut short goes on where it stopped, and
a run that is there already is left as it is.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.disk.spool import MAX_RECORD_BYTES, facts_of
from jupyter_workbench.history.reading.view import reading
from jupyter_workbench.history.records import fields
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.records.fields import decode, optional_text
from jupyter_workbench.history.sharing.archive import in_words, open_entry, opened_archive
from jupyter_workbench.history.sharing.portable import BLOBS, FACTS, GONE, RUNS
from jupyter_workbench.history.store import blobs
from jupyter_workbench.history.store.blobs import DifferentContentError, blob_path
from jupyter_workbench.history.store.room import NoRoomError, NoRoomNowError, Room
from jupyter_workbench.history.store.store import Store

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData

_IN_MEMORY_BYTES = 16 << 20
_PIECE_BYTES = 4 << 20
_HEADER = b'{"e":"run",'
_ANOTHER = "the file holds another content than it announces"
_CUT_SHORT = "The file that the run was imported from does not tell how it ended."


@dataclass(frozen=True)
class Imported:
    """How many runs came in, were there already, or could not be read; and how many outputs came without content."""

    runs: int
    known: int
    unreadable: int
    lost: int


def import_runs(data: ProjectData, file: Path) -> Imported:
    """Take the runs of a file in; those that are there already stay as they are.

    They keep their ids, users and times. Raises ``WorkbenchError`` for a file that cannot be used (what came before the
    damage is in then), and ``HistoryError``.
    """
    with opened_archive(file) as archive, closing(Store(data)) as store:
        streams = _streams(data)
        taken: list[str] = []
        known = lost = 0
        for section in _sections(archive, file):
            with section.records:
                if section.is_in(store, streams):
                    known += 1
                else:
                    lost += _take(section, store, archive, file)
                    taken.append(section.run)
        streams = _streams(data)
        runs = sum(run in streams for run in taken)
    return Imported(runs, known, len(taken) - runs, lost)


class _Section:
    """What the file says of one run: a header and its records, whose hash names their stream."""

    def __init__(self, header: bytes) -> None:
        told = decode(header.decode())
        if not isinstance(told["facts"], dict) or not isinstance(told["captured"], dict | None):
            raise TypeError("not the header of a run")
        self.run = fields.key(told["run"])
        self.facts = facts_of({name: told["facts"].get(name) for name in FACTS})
        self.captured = None if told["captured"] is None else _captured(told["captured"])
        self.lost = {
            (fields.sha256(sha256), fields.count(size)): fields.text(why) for sha256, size, why in told["lost"]
        }
        self.incomplete = optional_text(told.get("incomplete"))
        self.records = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by who takes the run in
        self.size = 0
        self._digest = hashlib.sha256(header)

    @property
    def stream(self) -> str:
        return f"import-{self._digest.hexdigest()[:32]}"

    def add(self, line: bytes) -> None:
        self._digest.update(line)
        self.size += len(line)
        self.records.write(line)

    def is_in(self, store: Store, streams: Mapping[str, str]) -> bool:
        """Whether there is nothing to do: the run came otherwise, or all of it came from such a file."""
        if self.run not in streams:
            return False
        if streams[self.run] != self.stream:
            return True
        return store.offset(self.stream) >= self.size and not store.waiting_outputs(self.stream)


def _sections(archive: zipfile.ZipFile, file: Path) -> Iterator[_Section]:
    section: _Section | None = None
    with (
        in_words(file),
        open_entry(archive, RUNS) as entry,
        io.BufferedReader(cast(io.RawIOBase, entry), _PIECE_BYTES) as lines,
    ):
        while line := lines.readline(MAX_RECORD_BYTES + 1):
            if not line.endswith(b"\n"):
                raise zipfile.BadZipFile("a line without an end")
            if line.startswith(_HEADER):
                if section is not None:
                    yield section
                section = _Section(line)
            elif section is None:
                raise zipfile.BadZipFile("records of no run")
            else:
                section.add(line)
        if section is not None:
            yield section


def _take(section: _Section, store: Store, archive: zipfile.ZipFile, file: Path) -> int:
    """Bring one run into the store; returns how many of its outputs came without their content."""
    offset, length = store.offset(section.stream), _PIECE_BYTES
    while offset < section.size:
        section.records.seek(offset)
        reached = store.apply(section.stream, offset, section.records.read(length), section.facts)
        length = _PIECE_BYTES if reached > offset else 2 * length  # a record longer than the piece
        offset = reached
    if section.incomplete is not None:
        store.tell_problem(section.stream, section.incomplete)
    if section.captured is not None:
        store.annotate(section.stream, [section.run], section.captured)
    lost, room = 0, Room(store)
    for content in store.waiting_outputs(section.stream):
        problem = _fetch(store, room, archive, file, content, section.lost.get(content, GONE))
        store.settle_output(section.stream, content, problem)
        lost += problem is not None
    store.close_stream(section.stream, _CUT_SHORT)
    return lost


def _fetch(
    store: Store, room: Room, archive: zipfile.ZipFile, file: Path, content: tuple[str, int], reason: str
) -> str | None:
    """Keep the ``content`` (SHA-256 and size) of an output; returns why it could not be."""
    data, (sha256, size) = store.data, content
    kept = blob_path(data.blobs, sha256)
    if kept.exists():
        return None if kept.stat().st_size == size else _ANOTHER
    name = f"{BLOBS}{sha256}"
    if name not in archive.NameToInfo:
        return reason
    try:
        room.check(size)
        with in_words(file), open_entry(archive, name) as entry:
            blobs.keep(data, entry, sha256, size)
            room.take(size)
    except DifferentContentError:
        return _ANOTHER
    except (NoRoomError, NoRoomNowError) as error:
        problem = f"{file}: the import stopped: {error} - make room and import the file again"
        raise HistoryError(problem) from error
    except OSError as error:
        problem = f"{data.blobs}: an output cannot be kept ({error.strerror}) - make room and import the file again"
        raise HistoryError(problem) from error
    return None


def _streams(data: ProjectData) -> dict[str, str]:
    """Return the stream of each run of the project, by its key."""
    with reading(data) as connection:
        query = "SELECT run, streams.stream FROM runs JOIN streams ON streams.key = runs.stream"
        return dict(connection.execute(query).fetchall())


def _captured(told: dict[str, Any]) -> Captured:
    names = ("commit_id", "branch", "git_remote", "diff", "git_problem")
    dirty, packages = told.get("dirty"), optional_text(told.get("packages"))
    return Captured(
        fields.time(told["captured"]),
        **{name: optional_text(told.get(name)) for name in names},
        dirty=None if dirty is None else bool(dirty),
        packages=None if packages is None else tuple(packages.splitlines()),
    )
