"""The error of a cell, as the notebook shows it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from workbench_kernel.outcomes import MAX_TRACEBACK, described, error_of, status


class Untold(Exception):
    def __str__(self):
        raise RuntimeError("no")


def test_a_cell_whose_coroutine_was_cancelled_was_canceled():
    assert status(error_of(None)) == "Canceled"


def test_the_traceback_is_the_one_that_was_shown_without_colours():
    shown = ["\x1b[31m----\x1b[39m", "ZeroDivisionError: \x1b[38;5;241mdivision by zero\x1b[0m"]
    assert described(ZeroDivisionError("division by zero"), shown) == {
        "name": "ZeroDivisionError",
        "message": "division by zero",
        "traceback": "----\nZeroDivisionError: division by zero",
    }


def test_where_none_was_shown_it_is_that_of_python():
    with pytest.raises(ValueError, match="no") as error:
        int("no")
    found = described(error.value, None)["traceback"]
    assert found.startswith("Traceback (most recent call last):\n")
    assert found.endswith("ValueError: invalid literal for int() with base 10: 'no'")


def test_the_end_of_a_long_one_is_kept():
    found = described(ValueError("no"), ["x" * MAX_TRACEBACK, "the end"])["traceback"]
    assert (len(found), found[-8:]) == (MAX_TRACEBACK, "\nthe end")


def test_an_error_that_cannot_tell_itself_is_told_all_the_same():
    assert described(Untold(), None)["message"] == "<Untold whose text cannot be made: RuntimeError>"
    assert "Untold" in described(Untold(), None)["traceback"]
    assert described(Untold(), [object()])["traceback"] == "(the traceback could not be made: TypeError)"


def test_a_cell_without_an_error_has_none():
    assert described(error_of(SimpleNamespace(error_before_exec=None, error_in_exec=None)), None) is None
