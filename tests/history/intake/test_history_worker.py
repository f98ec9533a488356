"""Work that a process which ends does not wait for."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from jupyter_workbench.history.intake.worker import Worker


def test_a_process_ends_whatever_its_worker_is_at():
    program = """
import threading
from jupyter_workbench.history.intake.worker import Worker
worker, begun = Worker("test"), threading.Event()
worker.submit(lambda: (begun.set(), threading.Event().wait()))
worker.submit(print, "later")
begun.wait()
print("ends")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert (done.stdout, done.stderr) == ("ends\n", "")


def test_work_is_done_in_its_order_by_one_thread():
    worker, done = Worker("test"), []
    futures = [worker.submit(lambda number=number: done.append((number, threading.get_ident()))) for number in range(9)]
    for future in futures:
        future.result(10)
    assert [number for number, _ in done] == list(range(9))
    assert len({thread for _, thread in done}) == 1


def test_what_goes_wrong_is_told_to_who_waits_and_the_next_is_done():
    worker = Worker("test")
    broken, whole = worker.submit(divmod, 1, 0), worker.submit(divmod, 7, 2)
    assert whole.result(10) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        broken.result(10)


def test_what_is_cancelled_before_its_turn_is_not_done():
    worker, may_go_on, done = Worker("test"), threading.Event(), []
    worker.submit(may_go_on.wait)
    assert worker.submit(done.append, 1).cancel()
    may_go_on.set()
    worker.submit(done.append, 2).result(10)
    assert done == [2]
