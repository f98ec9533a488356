"""Runs side by side: metrics, properties, sources, packages and images."""

from __future__ import annotations

import math
from typing import Any

import pytest
from kernel_on_paper import (
    FACTS,
    OTHER_RUN,
    RUN,
    RUN_ID,
    STREAM,
    ended,
    lines,
    logged,
    opened,
    printed,
    saved,
    started,
    tagged,
)

from jupyter_workbench.errors import HistoryError, RunNotFound
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.comparison import compare
from jupyter_workbench.history.reading.texts import text
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.store.store import Store

OTHER_ID = "iris_7"


@pytest.fixture
def two(store: Store, data: ProjectData) -> ProjectData:
    error = {"name": "E", "message": "m", "traceback": "Traceback: here"}
    first = lines(
        opened(), started(source="a = 1\nb = 2\n"), logged("acc", 0.5), logged("nan", math.nan), logged("same", "s"),
        {**logged("plot", "images/plot.png"), "kind": "image"}, tagged("k", "1"), printed("out", "err"), ended(),
    )  # fmt: skip
    second = lines(
        started(OTHER_RUN, id=OTHER_ID, source="a = 1\nb = 3\n"), logged("acc", 0.75, run=OTHER_RUN),
        logged("nan", math.nan, run=OTHER_RUN), logged("same", "s", run=OTHER_RUN), logged("new", 1, run=OTHER_RUN),
        ended(OTHER_RUN, "Failed", error=error),
    )  # fmt: skip
    store.apply(STREAM, 0, first + second, FACTS)
    store.annotate(STREAM, [RUN], Captured(1.0, "c" * 40, "main", None, False, None, None, ("a==1", "b==1", "c==1")))
    changed = Captured(2.0, "c" * 40, "main", None, True, "diff", None, ("a==1", "b==2", "d==1"))
    store.annotate(STREAM, [OTHER_RUN], changed)
    return data


@pytest.mark.parametrize("count", [0, 1, 11])
def test_two_to_ten_runs_are_compared(two: ProjectData, count: int) -> None:
    with pytest.raises(HistoryError) as caught:
        compare(two, [RUN_ID] * count)
    assert str(caught.value) == f"Expected 2 to 10 runs to compare, got {count}."


def test_an_unknown_run_is_refused(two: ProjectData) -> None:
    with pytest.raises(RunNotFound):
        compare(two, [RUN_ID, "iris_0"])


def test_what_differs_is_told(two: ProjectData) -> None:
    found = compare(two, [RUN_ID, OTHER_ID])
    assert [run["run_id"] for run in found["runs"]] == [RUN_ID, OTHER_ID]
    assert found["differs"] == ["metric:acc", "metric:plot", "metric:new", "status", "tags", "dirty"]
    assert [summary and summary["last"] for summary in found["metrics"]["acc"]] == [0.5, 0.75]
    assert found["metrics"]["new"][0] is None
    assert found["properties"]["commit"] == ["c" * 40, "c" * 40]
    assert found["properties"]["dirty"] == [False, True]
    assert found["properties"]["tags"] == [{"k": "1"}, {}]
    assert found["images"] == {"plot": ["images/plot.png", None]}


def of_kind(kind: str, value: Any) -> list[dict[str, Any]]:
    return [{**logged("x", value), "kind": kind}]


def image(content: bytes) -> list[dict[str, Any]]:
    return [saved("images/x.png", content), *of_kind("image", "images/x.png")]


def series(*values: Any) -> list[dict[str, Any]]:
    return [logged("x", value) for value in values]


def differing(store: Store, data: ProjectData, first: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[str]:
    """Compare two runs that logged this."""
    others = [{**record, "run": OTHER_RUN} for record in other]
    told = lines(opened(), started(), *first, started(OTHER_RUN, id=OTHER_ID), *others)
    assert store.apply(STREAM, 0, told, FACTS) == len(told)
    differs: list[str] = compare(data, [RUN_ID, OTHER_ID])["differs"]
    return differs


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (series([[50, 0], [0, 50]]), series([[25, 25], [25, 25]])),
        (series({"a": 1}), series({"a": 2})),
        (of_kind("table", {"a": [1, 2]}), of_kind("table", {"a": [1, 3]})),
        (series("x" * 1000 + "1"), series("x" * 1000 + "2")),
        (image(b"one"), image(b"another")),
        (series(int("9" * 1001)), series(int("8" * 1001))),
        (series(0, 1), series(1)),
        (series(0, 9, 1), series(0, 5, 1)),
        (series(0, 9, 2, 3, 1), series(0, 9, 3, 2, 1)),
        (series("a", "z"), series("b", "z")),
        (series(True, 1), series(1, 1)),
        (series([1], [3]), series([2], [3])),
        (series(0, *[5] * 20_000, 1), series(0, *[5] * 19_999, 4, 1)),
    ],
    ids=[
        "list", "dict", "table", "end of a long text", "content of an image", "big integer", "count", "maximum",
        "order", "earlier text", "earlier kind", "earlier list", "one value of many",
    ],
)  # fmt: skip
def test_values_differ_that_are_alike_only_in_short(
    store: Store, data: ProjectData, first: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    assert differing(store, data, first, other) == ["metric:x"]


@pytest.mark.parametrize(
    "told",
    [
        series([[50, 0], [0, 50]]),
        of_kind("table", {"a": [1, 2]}),
        series("x" * 2000),
        image(b"one"),
        of_kind("image", "images/nowhere.png"),
        series(0, math.nan, 1),
        series(0, "a", [1], 1),
    ],
    ids=["list", "table", "long text", "image", "image without content", "numbers", "of many kinds"],
)
def test_the_same_values_do_not_differ(store: Store, data: ProjectData, told: list[dict[str, Any]]) -> None:
    assert differing(store, data, told, told) == []


def test_values_that_only_the_third_run_has_otherwise_differ(store: Store, data: ProjectData) -> None:
    third = "c" * 32
    told = lines(
        opened(), started(), logged("x", [1]), started(OTHER_RUN, id=OTHER_ID), logged("x", [1], run=OTHER_RUN),
        started(third, id="iris_8"), logged("x", [2], run=third),
    )  # fmt: skip
    store.apply(STREAM, 0, told, FACTS)
    assert compare(data, [RUN_ID, OTHER_ID])["differs"] == []
    assert compare(data, [RUN_ID, OTHER_ID, "iris_8"])["differs"] == ["metric:x"]


def test_sources_and_packages_are_compared_with_those_of_the_first(two: ProjectData) -> None:
    found = compare(two, [RUN_ID, OTHER_ID, RUN_ID])
    assert found["source_diff"] == [
        None,
        f"--- {RUN_ID}\n+++ {OTHER_ID}\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3",
        "",
    ]
    assert found["packages"] == [
        None,
        {"added": ["d==1"], "changed": [["b", "1", "2"]], "removed": ["c==1"]},
        {"added": [], "changed": [], "removed": []},
    ]


def test_packages_that_nobody_knows_are_not_compared(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), started(OTHER_RUN, id=OTHER_ID)), FACTS)
    assert compare(data, [RUN_ID, OTHER_ID])["packages"] == [None, None]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("source", "a = 1\nb = 3\n"),
        ("traceback", "Traceback: here"),
        ("diff", "diff"),
        ("packages", "a==1\nb==2\nd==1"),
        ("stdout", ""),
        ("stderr", ""),
    ],
)
def test_each_text_of_a_run_can_be_read_alone(two: ProjectData, which: str, expected: str) -> None:
    assert text(two, OTHER_ID, which) == expected


def test_what_was_printed_can_be_read_alone(two: ProjectData) -> None:
    assert (text(two, RUN_ID, "stdout"), text(two, RUN_ID, "stderr"), text(two, RUN_ID, "diff")) == ("out", "err", "")


def test_a_text_that_no_run_has_is_one_sentence(two: ProjectData) -> None:
    with pytest.raises(HistoryError) as caught:
        text(two, RUN_ID, "code")
    assert str(caught.value) == (
        "A run has no text 'code': expected one of source, traceback, diff, packages, stdout, stderr."
    )
