"""Records on disk: one write each, and a torn one costs no other."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys

import pytest
from workbench_kernel.spool import Spool


@pytest.fixture
def spool(tmp_path):
    return Spool(str(tmp_path))


@pytest.fixture
def lines(tmp_path):
    return lambda: (tmp_path / "records.jsonl").read_bytes()


@pytest.fixture
def file_limit():
    """Limits how long a file may grow: what a full disk does to a write, without one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_folder_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Spool(str(tmp_path / "nothing"))


def test_a_second_process_cannot_have_the_same_spool(spool, tmp_path, inkernel):
    code = f"import sys; sys.path.append({str(inkernel)!r}); from workbench_kernel.spool import Spool; Spool('.')"
    second = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "BlockingIOError" in second.stderr


def test_a_forked_child_neither_has_nor_drops_the_lock(spool, tmp_path, inkernel):
    child = os.fork()
    if child == 0:
        spool.append(b"from the child\n")
        os._exit(0)
    os.waitpid(child, 0)
    test_a_second_process_cannot_have_the_same_spool(spool, tmp_path, inkernel)
    assert spool.read(0, 100) == b"from the child\n"


def test_records_are_for_the_user_alone(spool, tmp_path):
    assert (tmp_path / "records.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_record_that_does_not_fit_is_an_error_and_costs_only_itself(spool, lines, file_limit):
    spool.append(b"first\n")
    file_limit(10)
    with pytest.raises(OSError, match="No space left") as cut_short:
        spool.append(b"second\n")
    with pytest.raises(OSError, match="File too large"):
        spool.append(b"third\n")
    file_limit(resource.RLIM_INFINITY)
    spool.append(b"fourth\n")
    spool.append(b"fifth\n")
    assert cut_short.value.errno == errno.ENOSPC
    assert lines() == b"first\nseco\nfourth\nfifth\n"


def test_a_write_that_was_interrupted_tears_nothing(spool, lines, monkeypatch):
    real = os.write

    def interrupted(descriptor, data):
        real(descriptor, data)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        spool.append(b"first\n")
    monkeypatch.undo()
    spool.append(b"second\n")
    assert lines() == b"first\nsecond\n"


def test_a_process_goes_on_after_what_an_earlier_one_left(tmp_path, lines):
    (tmp_path / "records.jsonl").write_bytes(b"whole\ntorn")
    Spool(str(tmp_path)).append(b"next\n")
    assert lines() == b"whole\ntorn\nnext\n"


def test_a_part_of_the_records_can_be_read(spool):
    spool.append(b"first\n")
    spool.append(b"second\n")
    assert spool.size() == 13
    assert spool.read(6, 3) == b"sec"
