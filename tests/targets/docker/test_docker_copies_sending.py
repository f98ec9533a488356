"""A project as a stream: complete, no larger than its pieces in memory, and never taken for more than has gone."""

from __future__ import annotations

import asyncio
import io
import os
import tarfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from jupyter_workbench.targets.docker.copying import manifest
from jupyter_workbench.targets.docker.copying.bringing_in import size_text
from jupyter_workbench.targets.docker.copying.manifest import Copied, Manifest
from jupyter_workbench.targets.docker.copying.project_files import MANIFEST, find_files
from jupyter_workbench.targets.docker.copying.sending import Sending, proven
from jupyter_workbench.targets.docker.engines import stoppable

LONG_AGO = 1_600_000_000
MEGABYTE = 1 << 20


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two files that nobody has touched for long."""
    (tmp_path / "deep").mkdir()
    for path in (tmp_path / "deep" / "a", tmp_path / "b"):
        path.write_text(path.name)
        os.utime(path, (LONG_AGO, LONG_AGO))
    return tmp_path


def a_sending(project: Path, known: dict[str, Copied] | None = None) -> Sending:
    return Sending(project, find_files(project), (7, 8), known if known is not None else {})


def unpacked(data: Iterable[bytes]) -> list[tuple[str, bytes | None]]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(data))) as tar:
        return [(each.name, file.read() if (file := tar.extractfile(each)) else None) for each in tar]


def read_manifest(data: bytes | None) -> Manifest:
    found = manifest.parse(data or b"")
    assert found is not None
    return found


def test_the_manifest_goes_first_without_proofs_and_last_with_them(project: Path) -> None:
    sent = unpacked(a_sending(project).archive(["deep/a", "b"]))
    assert [name for name, _ in sent] == [".", MANIFEST, "b", "deep", "deep/a", MANIFEST]
    first, last = read_manifest(sent[1][1]), read_manifest(sent[-1][1])
    assert (first.entries["b"].text, first.entries["b"].mtime_ns) == ("", None)
    assert last.entries["b"].mtime_ns == LONG_AGO * 10**9
    assert last.entries["b"].text == "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"


def test_what_was_known_of_other_files_stays_known(project: Path) -> None:
    known = {"other": Copied("file", 0o644, 1, 5, "ab")}
    sent = unpacked(a_sending(project, known).archive(["b"]))
    assert read_manifest(sent[-1][1]).entries["other"] == known["other"]


def test_a_file_that_changed_just_now_is_sent_without_a_proof_by_time(project: Path) -> None:
    (project / "b").write_text("new")
    sending = a_sending(project)
    unpacked(sending.archive(["b"]))
    assert (sending.known["b"].mtime_ns, bool(sending.known["b"].text)) == (None, True)


def test_a_file_that_shrinks_while_it_is_read_is_filled_and_proves_nothing(project: Path) -> None:
    (project / "b").write_bytes(b"x" * MEGABYTE)
    sending = a_sending(project)
    sending.advanced = lambda _: os.truncate(project / "b", 5)
    sent = dict(unpacked(sending.archive(["b", "deep/a"])))
    assert (len(sent["b"] or b""), sent["deep/a"], sending.known["b"].text) == (MEGABYTE, b"a", "")


def test_a_file_that_grows_while_it_is_read_proves_nothing(project: Path) -> None:
    def grow(_: int) -> None:
        with (project / "b").open("a") as file:
            file.write("more")

    sending = a_sending(project)
    sending.advanced = grow
    sent = dict(unpacked(sending.archive(["b"])))
    assert (sent["b"], sending.known["b"].text) == (b"b", "")


def test_a_file_that_cannot_be_read_is_told_and_the_others_go(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)

    sending = a_sending(project)
    monkeypatch.setattr(os, "open", refuse)
    sent = dict(unpacked(sending.archive(["b", "deep/a"])))
    assert ("b" in sent, sent["deep/a"]) == (False, b"a")
    assert sending.notes == [
        "b: expected a file that can be read, got an error (Permission denied) - "
        "it is not copied; make it readable, or list it in .gitignore"
    ]


def test_a_link_or_pipe_that_took_the_place_of_a_file_is_not_followed(project: Path) -> None:
    sending = a_sending(project)
    (project / "b").unlink()
    (project / "b").symlink_to("/etc/passwd")
    (project / "deep" / "a").unlink()
    os.mkfifo(project / "deep" / "a")
    assert {"b", "deep/a"}.isdisjoint(dict(unpacked(sending.archive(["b", "deep/a"]))))


def test_the_same_content_is_proven_anew(project: Path) -> None:
    sending = a_sending(project)
    unpacked(sending.archive(["b"]))
    os.utime(project / "b", (LONG_AGO + 5, LONG_AGO + 5))
    found = proven(project, "b", find_files(project).items["b"], sending.known["b"])
    assert found is not None
    assert found.mtime_ns == (LONG_AGO + 5) * 10**9


def test_another_content_is_not_proven(project: Path) -> None:
    copied = Copied("file", 0o644, 1, None, "ab" * 32)
    assert proven(project, "b", find_files(project).items["b"], copied) is None


def test_a_large_file_is_never_in_memory(project: Path) -> None:
    with (project / "big").open("wb") as file:
        file.truncate(200 * MEGABYTE)
    sending = a_sending(project)
    tracemalloc.start()
    size = sum(map(len, sending.archive(["big"])))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (size > 200 * MEGABYTE, peak < 8 * MEGABYTE) == (True, True)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (999, "999 bytes"), (3_400_000, "3.4 MB"), (2_500_000_000_000, "2500.0 GB")]
)
def test_sizes_are_written_for_people(size: int, text: str) -> None:
    assert size_text(size) == text


class EngineOnPaper:
    """Runs calls as an engine does: to their end, whoever is cancelled meanwhile."""

    async def call(self, function: Callable[[object], object]) -> object:
        return await asyncio.shield(asyncio.to_thread(function, object()))


async def test_a_copy_that_is_cancelled_has_ended_when_that_is_known() -> None:
    begun, ended = threading.Event(), threading.Event()

    def copy(_: object, stop: stoppable.Stop) -> None:
        begun.set()
        try:
            for _ in stop.watched(iter(lambda: time.sleep(0.001), 1)):
                continue
        finally:
            ended.set()

    task = asyncio.create_task(stoppable.call(EngineOnPaper(), copy))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_errors_of_a_copy_are_raised() -> None:
    def fail(_: object, stop: stoppable.Stop) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stoppable.call(EngineOnPaper(), fail)
