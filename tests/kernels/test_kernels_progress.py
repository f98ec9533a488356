from __future__ import annotations

import dataclasses

import pytest

from jupyter_workbench.kernels.progress import MOST_DEAD, KernelProgress, ProgressBoard
from jupyter_workbench.targets.progress import Progress

PULLING = Progress("image", "Pulling debian:bookworm", 3, 12, "bytes")


def a_moment(kernel_id: str = "k1", state: str = "preparing", reason: str | None = None) -> KernelProgress:
    return KernelProgress(kernel_id, "myIris", "/home/ada/myIris", "docker", state, PULLING, 1.5, reason)


@pytest.fixture
def a_board() -> ProgressBoard:
    return ProgressBoard(now=lambda: 0)


def test_a_listener_that_fails_keeps_nobody_from_hearing(a_board, caplog):
    heard = []

    def fail(_: KernelProgress) -> None:
        raise ZeroDivisionError

    a_board.listen(fail)
    a_board.listen(heard.append)
    a_board.report(a_moment())
    assert heard == [a_moment()]
    assert caplog.messages == ["The progress of a kernel was not told"]


def test_a_kernel_that_never_reported_is_not_known(a_board):
    assert a_board.of("k1") is None


def test_a_kernel_that_was_shut_down_is_told_and_forgotten(a_board):
    heard = []
    a_board.listen(heard.append)
    a_board.report(a_moment(state="running"))
    a_board.report(a_moment(state="dead"))
    assert [moment.state for moment in heard] == ["running", "dead"]
    assert a_board.of("k1") is None


def test_why_a_kernel_died_is_kept(a_board):
    a_board.report(a_moment(state="dead", reason="out of memory"))
    assert a_board.of("k1") == a_moment(state="dead", reason="out of memory")


def test_of_the_dead_only_the_newest_are_kept(a_board):
    a_board.report(a_moment("alive"))
    for number in range(MOST_DEAD + 1):
        a_board.report(a_moment(str(number), "dead", "out of memory"))
    assert a_board.of("0") is None
    assert a_board.of("1") is not None
    assert a_board.of("alive") is not None


def test_one_that_died_again_is_among_the_newest(a_board):
    for number in [*range(MOST_DEAD), 0, MOST_DEAD]:
        a_board.report(a_moment(str(number), "dead", "out of memory"))
    assert a_board.of("0") is not None
    assert a_board.of("1") is None


def test_the_newest_moment_of_a_kernel_counts(a_board):
    a_board.report(a_moment(state="preparing"))
    a_board.report(later := dataclasses.replace(a_moment(state="starting"), elapsed=2.5))
    assert a_board.of("k1") == later


def test_who_stops_listening_hears_no_more(a_board):
    heard = []
    stop = a_board.listen(heard.append)
    a_board.report(a_moment(state="preparing"))
    stop()
    a_board.report(a_moment(state="starting"))
    assert heard == [a_moment(state="preparing")]


def test_the_seconds_of_a_start_go_on_and_those_of_a_kernel_that_runs_do_not():
    now = 10.0
    board = ProgressBoard(now=lambda: now)
    board.report(a_moment("starts", "preparing"))
    board.report(a_moment("runs", "running"))
    now = 12.0
    assert (board.of("starts").elapsed, board.of("runs").elapsed) == (3.5, 1.5)
