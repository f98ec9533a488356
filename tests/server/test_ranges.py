"""RFC 9110, sections 13 (conditions) and 14 (ranges)."""

from __future__ import annotations

import pytest

from jupyter_workbench.server.ranges import MOST_RANGES, NoRangeInside, Span, is_another, is_unchanged, spans

ETAG = '"abc"'


def asked(text: str, size: int = 1000, **more: str) -> list[tuple[int, int]] | None:
    found = spans({"Range": text, **more}, ETAG, size)
    return None if found is None else [(span.first, span.last) for span in found]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=a-b",
        "bytes=0x0-0x1",
        "bytes=1",
        "bytes=2-1",
        "bytes=0-1,2-1",
        "bytes=0-1,x",
        "bytes=--1",
        "bytes=-1-2",
        "bytes=+0-1",
        "bytes=\u0660-\u0661",
        f"bytes={'9' * 5000}-",
        "lines=0-1",
        "bytes=0-1;2-3",
    ],
)
def test_what_is_no_range_counts_as_none(text):
    assert asked(text) is None


@pytest.mark.parametrize("text", ["bytes=1000-", "bytes=1000-2000", "bytes=5000-,1000-1001", "bytes=-0"])
def test_no_byte_inside_is_an_error(text):
    with pytest.raises(NoRangeInside):
        asked(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bytes=0-0", [(0, 0)]),
        ("bytes=0-", [(0, 999)]),
        ("bytes=999-", [(999, 999)]),
        ("bytes=0-999", [(0, 999)]),
        ("bytes=990-5000", [(990, 999)]),
        ("bytes=-1", [(999, 999)]),
        ("bytes=-1000", [(0, 999)]),
        ("bytes=-5000", [(0, 999)]),
        ("BYTES=1-2", [(1, 2)]),
        ("bytes = 1-2", [(1, 2)]),
        ("bytes= 1-2 , ,4-5", [(1, 2), (4, 5)]),
        ("bytes=0-1,5000-,4-5", [(0, 1), (4, 5)]),
    ],
)
def test_the_bytes_that_there_are_of_a_range_are_sent(text, found):
    assert asked(text) == found


def test_ranges_keep_their_order():
    assert asked("bytes=4-5,0-1,-1") == [(4, 5), (0, 1), (999, 999)]


def test_ranges_that_overlap_become_one():
    assert asked("bytes=5-9,0-6,20-29,25-,7-7") == [(0, 9), (20, 999)]


def test_a_burden_of_ranges_is_answered_with_all_of_it():
    assert len(asked("bytes=" + ",".join(f"{i * 2}-{i * 2}" for i in range(MOST_RANGES))) or []) == MOST_RANGES
    assert asked("bytes=" + ",".join(f"{i * 2}-{i * 2}" for i in range(MOST_RANGES + 1))) is None


def test_nothing_has_no_first_byte_but_its_last_bytes_are_nothing():
    with pytest.raises(NoRangeInside):
        asked("bytes=0-", size=0)
    assert asked("bytes=-5", size=0) is None


@pytest.mark.parametrize("condition", ['"other"', 'W/"abc"', "Sun, 06 Nov 1994 08:49:37 GMT", ""])
def test_a_range_of_another_content_is_not_sent(condition):
    assert asked("bytes=0-1", **{"If-Range": condition}) is None
    assert asked("bytes=5000-", **{"If-Range": condition}) is None


def test_a_range_of_this_content_is_sent():
    assert asked("bytes=0-1", **{"If-Range": ETAG}) == [(0, 1)]


def test_a_span_tells_its_place():
    assert Span(5, 9).of(1000) == "bytes 5-9/1000"
    assert Span(5, 9).length == 5


@pytest.mark.parametrize(
    ("text", "unchanged"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", "abc"', True),
        ("*", True),
        ('"ab"', False),
        ("abc", False),
        ("", False),
    ],
)
def test_if_none_match_names_contents_that_are_there_already(text, unchanged):
    assert is_unchanged({"If-None-Match": text}, ETAG) is unchanged


@pytest.mark.parametrize(
    ("text", "another"),
    [('"abc"', False), ("*", False), ('"x","abc"', False), ('"x"', True), ('W/"abc"', True), ("", True)],
)
def test_if_match_names_the_contents_that_are_wanted(text, another):
    assert is_another({"If-Match": text}, ETAG) is another


def test_without_a_condition_all_goes_on():
    assert not is_unchanged({}, ETAG)
    assert not is_another({}, ETAG)
    assert spans({}, ETAG, 10) is None
