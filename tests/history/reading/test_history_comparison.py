"""Runs side by side: metrics, properties, sources, packages and images."""

from __future__ import annotations

import math

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
