"""Exit codes of containers, as `subprocess` has them."""

from __future__ import annotations

import pytest

from jupyter_workbench.targets.docker.running.endings import End, _signed


@pytest.mark.parametrize(("code", "signed"), [(0, 0), (3, 3), (137, -9), (143, -15), (255, 255), (200, 200)])
def test_only_the_numbers_of_signals_are_signals(code, signed):
    assert _signed(code) == signed


def test_an_end_is_told_by_its_reason_its_signal_or_its_exit_code():
    assert [End(-9, "out of memory").words(), End(-9).words(), End(3).words()] == [
        "out of memory",
        "killed by signal 9",
        "exit code 3",
    ]
