"""Series for charts: down-sampled without losing a peak, whatever was logged."""

from __future__ import annotations

import math
import time

import pytest
from kernel_on_paper import FACTS, MORNING, RUN_ID, STREAM, lines, logged, opened, started

from jupyter_workbench.errors import HistoryError, RunNotFound
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.series import series
from jupyter_workbench.history.store.store import Store


def log(store: Store, *values: object, **more: object) -> None:
    told = [{**logged("x", value, t=MORNING + i), **more} for i, value in enumerate(values)]
    store.apply(STREAM, 0, lines(opened(), started(), *told), FACTS)


def test_a_name_that_was_not_logged_is_one_sentence(store: Store, data: ProjectData) -> None:
    log(store, 1)
    with pytest.raises(HistoryError) as caught:
        series(data, RUN_ID, "y")
    assert str(caught.value) == f"The run {RUN_ID} has logged nothing by the name 'y'."


def test_a_run_that_is_not_there_is_told_with_those_that_are_near(store: Store, data: ProjectData) -> None:
    log(store, 1)
    with pytest.raises(RunNotFound) as caught:
        series(data, "iris_1504832281118", "x")
    assert str(caught.value) == f"The project has no run 'iris_1504832281118': did you mean {RUN_ID}?"


def test_a_short_series_has_all_its_values_with_steps_and_times(store: Store, data: ProjectData) -> None:
    told = [{**logged("x", i * 0.5, t=MORNING + i), "step": i * 10} for i in range(3)]
    store.apply(STREAM, 0, lines(opened(), started(), *told, logged("x", 9)), FACTS)
    assert series(data, RUN_ID, "x") == {
        "name": "x",
        "kind": "number",
        "count": 4,
        "sampled": False,
        "points": [[0, MORNING, 0.0], [10, MORNING + 1, 0.5], [20, MORNING + 2, 1.0], [None, MORNING + 1, 9]],
    }


@pytest.mark.parametrize("points", [2, 3, 10, 100, 999])
def test_a_long_series_keeps_its_ends_and_every_peak_of_a_stretch(store: Store, data: ProjectData, points: int) -> None:
    values = [math.sin(i / 50) for i in range(5000)]
    values[1234], values[4321] = 99, -99
    log(store, *values)
    found = series(data, RUN_ID, "x", points)
    assert (found["count"], found["sampled"]) == (5000, True)
    shown = [value for _, _, value in found["points"]]
    assert {99, -99, values[0], values[-1]} <= set(shown)
    assert len(shown) <= max(points, 4) + 2
    assert [t for _, t, _ in found["points"]] == sorted(t for _, t, _ in found["points"])
    assert all(values[round(t - MORNING)] == value for _, t, value in found["points"])


def test_a_series_with_nan_and_infinities_is_sampled_too(store: Store, data: ProjectData) -> None:
    log(store, *([math.nan] * 2000), math.inf, *([1.5] * 2000), -math.inf)
    shown = [value for _, _, value in series(data, RUN_ID, "x", 10)["points"]]
    assert math.inf in shown
    assert -math.inf in shown
    assert math.isnan(shown[0])


def test_of_texts_the_newest_are_shown(store: Store, data: ProjectData) -> None:
    log(store, *(f"text {i}" for i in range(50)))
    found = series(data, RUN_ID, "x", 3)
    assert (found["kind"], found["count"], found["sampled"]) == ("text", 50, False)
    assert [value for _, _, value in found["points"]] == ["text 47", "text 48", "text 49"]


def test_of_big_tables_only_as_many_are_shown_as_fit_into_memory(store: Store, data: ProjectData) -> None:
    log(store, *({"column": ["x" * 100_000] * 20} for _ in range(12)), kind="table")
    found = series(data, RUN_ID, "x")
    assert (found["kind"], found["count"]) == ("table", 12)
    assert 1 <= len(found["points"]) < 12


def test_a_list_that_was_logged_once_is_a_series_of_its_items(store: Store, data: ProjectData) -> None:
    log(store, [5, 7, 6])
    found = series(data, RUN_ID, "x")
    assert (found["kind"], found["count"]) == ("list", 3)
    assert found["points"] == [[0, MORNING, 5], [1, MORNING, 7], [2, MORNING, 6]]


def test_a_long_list_is_sampled_like_a_series(store: Store, data: ProjectData) -> None:
    numbers = [0.0] * 3000
    numbers[1500], numbers[7] = 9.0, math.nan
    log(store, numbers)
    found = series(data, RUN_ID, "x", 20)
    assert (found["count"], found["sampled"]) == (3000, True)
    assert [1500, MORNING, 9.0] in found["points"]
    assert len(found["points"]) <= 22


@pytest.mark.parametrize("value", [["a"] * 30, [[1]] * 30, [None] * 30])
def test_of_a_list_of_anything_else_the_last_items_are_shown(
    store: Store, data: ProjectData, value: list[object]
) -> None:
    log(store, value)
    found = series(data, RUN_ID, "x", 10)
    assert (found["sampled"], [index for index, _, _ in found["points"]]) == (False, list(range(20, 30)))


def test_lists_that_were_logged_again_and_again_are_values(store: Store, data: ProjectData) -> None:
    log(store, [1], [2, 3])
    assert [value for _, _, value in series(data, RUN_ID, "x")["points"]] == [[1], [2, 3]]


def test_the_newest_of_many_lists_is_sampled_like_a_series(store: Store, data: ProjectData) -> None:
    curve = [0.0] * 5000
    log(store, [1.0, 2.0], [*curve, 9.0, *curve])
    found = series(data, RUN_ID, "x", 10, newest=True)
    assert (found["count"], found["sampled"]) == (10_001, True)
    assert [MORNING + 1, 9.0] in [[t, value] for _, t, value in found["points"]]
    assert len(found["points"]) <= 12


def test_of_the_newest_table_the_first_rows_are_given(store: Store, data: ProjectData) -> None:
    log(store, {"a": [0]}, {"a": [1, 2, 3], "b": ["x", "y", "z"]}, kind="table")
    assert series(data, RUN_ID, "x", 2, newest=True)["points"] == [[None, MORNING + 1, {"a": [1, 2], "b": ["x", "y"]}]]


def test_of_numbers_all_are_given_whether_the_newest_are_asked_for_or_not(store: Store, data: ProjectData) -> None:
    log(store, 1, 2, 3)
    assert series(data, RUN_ID, "x", newest=True) == series(data, RUN_ID, "x")


def test_a_hundred_thousand_logs_of_one_cell_are_taken_in_and_sampled_without_a_wait(
    store: Store, data: ProjectData
) -> None:
    log(store, *(i * 0.5 for i in range(100_000)))
    start = time.process_time()
    found = series(data, RUN_ID, "x")
    assert time.process_time() - start < 1
    assert found["count"] == 100_000
    assert len(found["points"]) <= 1000
