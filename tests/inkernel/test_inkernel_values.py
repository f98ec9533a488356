"""Whatever users log becomes JSON; nothing that they log raises."""

from __future__ import annotations

import datetime
import enum
import json
import math
from collections import namedtuple
from decimal import Decimal
from fractions import Fraction
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
from workbench_kernel.values import MAX_DEPTH, encode, plain, text


class Broken:
    def __repr__(self):
        raise ValueError("no")


class BrokenList:
    def tolist(self):
        raise RuntimeError("no")

    def __repr__(self):
        return "BrokenList()"


class Liar:
    @property
    def __class__(self):
        raise TypeError("no")

    def __repr__(self):
        return "Liar()"


class EvilInt(int):
    def __repr__(self):
        return "not a number"


class Colour(enum.IntEnum):
    RED = 2


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, 0.5),
        (3, 3),
        (True, True),
        (None, None),
        ("Load Data", "Load Data"),
        ([1, (2, 3)], [1, [2, 3]]),
        (Point(1, 2), [1, 2]),
        ({"a": 1, 2: [None]}, {"a": 1, "2": [None]}),
        (Colour.RED, 2),
        (EvilInt(7), 7),
        (np.float64(0.25), 0.25),
        (np.float32(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array(7), 7),
        (np.array([1, None], dtype=object), [1, None]),
        (np.datetime64("2018-01-02T03:04:05.000000001"), "2018-01-02T03:04:05.000000001"),
        (pd.Series([1.5, 2.5], index=["a", "b"]), [1.5, 2.5]),
        (pd.DataFrame({"x": [1, 2], "y": ["a", "b"]}), {"x": [1, 2], "y": ["a", "b"]}),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), {"x": [1], "x.1": [2]}),
        (pd.Series(pd.to_datetime(["2018-01-02"])), ["2018-01-02T00:00:00"]),
        (pd.Timestamp("2018-01-02"), "2018-01-02T00:00:00"),
        (datetime.datetime(2018, 1, 2, 3, 4, 5), "2018-01-02T03:04:05"),
        (datetime.date(2018, 1, 2), "2018-01-02"),
        (datetime.timedelta(minutes=5), "0:05:00"),
        (pd.Timedelta(minutes=5), "0 days 00:05:00"),
        (1 + 2j, "(1+2j)"),
        (Decimal("0.1"), "Decimal('0.1')"),
        (Fraction(1, 3), "Fraction(1, 3)"),
        (b"raw", "b'raw'"),
        ({1}, "{1}"),
        (np.ndarray, "<class 'numpy.ndarray'>"),
        (BrokenList(), "BrokenList()"),
        (Broken(), "<Broken whose text cannot be made: ValueError>"),
        ([Broken(), 1], ["<Broken whose text cannot be made: ValueError>", 1]),
    ],
)
def test_a_value_becomes_json(value, expected):
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)
    assert json.loads(encode({"value": plain(value)})) == {"value": expected}


def test_an_object_that_hides_its_class_is_kept_by_its_repr():
    assert plain(Liar()) == "Liar()"


def test_a_list_that_holds_itself_ends():
    value = [1]
    value.append(value)
    table = {"again": value}
    value.append(table)
    assert plain(value) == [1, "[...]", {"again": "[...]"}]


def test_the_same_list_twice_is_no_circle():
    row = [1, 2]
    assert plain([row, row]) == [[1, 2], [1, 2]]


def test_lists_too_deep_for_any_reader_go_on_as_text():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    found = plain(deep)
    for _ in range(MAX_DEPTH):
        found = found[0]
    assert isinstance(found, str)


def test_numbers_that_are_none_are_written_as_python_writes_them():
    line = encode({"value": plain([math.nan, math.inf, -math.inf, np.float32("nan")])})
    assert line == b'{"value":[NaN,Infinity,-Infinity,NaN]}\n'


def test_an_int_that_no_reader_can_read_is_text():
    huge = plain(10**5000)
    assert huge == hex(10**5000)
    assert plain(10**4000) == 10**4000


def test_half_a_surrogate_pair_survives_as_ascii():
    line = encode({"value": plain("\ud800")})
    assert line == b'{"value":"\\ud800"}\n'


def test_an_object_that_answers_everything_is_kept_by_its_repr():
    assert str(plain(Mock(name="m"))).startswith("<Mock name='m'")


def test_a_name_is_text_whatever_it_was():
    assert text(("a", 1)) == "('a', 1)"
    assert text(Broken()) == "<Broken whose text cannot be made: ValueError>"


def test_an_interrupt_inside_a_repr_is_the_users():
    class Slow:
        def __repr__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plain(Slow())
