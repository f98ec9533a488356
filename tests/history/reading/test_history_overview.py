"""Pages of runs, what they can be narrowed to and sorted by, and what a filter can choose from."""

from __future__ import annotations

import math
from typing import Any

import pytest
from kernel_on_paper import (
    FACTS,
    MORNING,
    RUN,
    RUN_ID,
    STREAM,
    ended,
    lines,
    logged,
    moved,
    noted,
    opened,
    saved,
    started,
    tagged,
)

from jupyter_workbench.errors import BadQuestion, HistoryError
from jupyter_workbench.history.disk.spool import KernelFacts
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading import sorting
from jupyter_workbench.history.reading.filters import Filter
from jupyter_workbench.history.reading.overview import choices, logged_names, overview
from jupyter_workbench.history.store.store import Store
from jupyter_workbench.history.upkeep import removal


def add(store: Store, number: int, *records: dict[str, Any], facts: KernelFacts = FACTS, **start: Any) -> None:
    """One run in a stream of its own, `iris_0`, `iris_1`, ...: each starts a second after the one before."""
    run = f"{number:032x}"
    begun = started(run, t=MORNING + number, **{"id": f"iris_{number}", **start})
    told = lines(opened(), begun, *({**record, "run": run} for record in records))
    store.apply(f"20260102T030405-{number:016x}", 0, told, facts)


def ids(data: ProjectData, chosen: Filter | None = None, **how: Any) -> list[str]:
    return [run["run_id"].removeprefix("iris_") for run in overview(data, chosen or Filter(), **how).runs]


def test_a_row_tells_what_a_list_shows(store: Store, data: ProjectData) -> None:
    error = {"name": "ValueError", "message": "x" * 2000}
    records = [
        logged("loss", 3), logged("loss", 1), logged("loss", 2), logged("text", "é" * 2000), logged("list", [1, 2, 3]),
        logged("dict", {"a": 1}), {**logged("table", {"a": [1, 2], "b": [3, 4]}), "kind": "table"},
        {**logged("plot", "images/plot.png"), "kind": "image"}, logged("done", True), logged("none", None),
        saved("outputs/m", b"m"), saved("outputs/n", b"m"), tagged("k", "v"), noted("mine"), moved("tuning"),
        ended(status="Failed", error=error),
    ]  # fmt: skip
    add(store, 0, *records)
    page = overview(data)
    assert page.total == 1
    assert page.runs == [
        {
            "run_id": "iris_0",
            "run_number": 1,
            "experiment": "tuning",
            "status": "Failed",
            "script_name": "iris.ipynb",
            "start_time_utc": "2017-09-08T00:58:01.117000+00:00",
            "duration_seconds": 4.892389,
            "run_configuration": "local",
            "target": "local",
            "user": "ada",
            "note": "mine",
            "tags": {"k": "v"},
            "error": {"name": "ValueError", "message": "x" * 1000},
            "cell": "c1",
            "outputs": 2,
            "revision": 2,
            "metrics": {
                "loss": {"kind": "number", "count": 3, "last": 2, "min": 1.0, "max": 3.0},
                "text": {"kind": "text", "count": 1, "last": "é" * 1000, "min": None, "max": None},
                "list": {"kind": "list", "count": 1, "last": 3, "min": None, "max": None},
                "dict": {"kind": "dict", "count": 1, "last": 1, "min": None, "max": None},
                "table": {"kind": "table", "count": 1, "last": 2, "min": None, "max": None},
                "plot": {"kind": "image", "count": 1, "last": "images/plot.png", "min": None, "max": None},
                "done": {"kind": "bool", "count": 1, "last": True, "min": 1.0, "max": 1.0},
                "none": {"kind": "null", "count": 1, "last": None, "min": None, "max": None},
            },
        }
    ]
    assert list(page.runs[0]["metrics"])[:3] == ["loss", "text", "list"]


def test_a_summary_is_the_same_however_the_records_came(store: Store, data: ProjectData) -> None:
    told = [lines(record) for record in (opened(), started(), *(logged("x", v) for v in (2, -1, math.nan, 5, 0.5)))]
    offset = 0
    for line in told:
        offset = store.apply(STREAM, offset, line, FACTS)
    [run] = overview(data).runs
    assert run["metrics"]["x"] == {"kind": "number", "count": 5, "last": 0.5, "min": -1.0, "max": 5.0}


def test_nan_and_the_infinities_are_told_as_they_were_logged(store: Store, data: ProjectData) -> None:
    add(
        store,
        0,
        logged("a", 1),
        logged("a", math.nan),
        logged("b", math.inf),
        logged("c", -math.inf),
        logged("n", math.nan),
    )
    metrics = overview(data).runs[0]["metrics"]
    assert math.isnan(metrics["a"]["last"])
    assert (metrics["a"]["min"], metrics["a"]["max"]) == (1.0, 1.0)
    assert (metrics["b"]["last"], metrics["b"]["max"], metrics["c"]["min"]) == (math.inf, math.inf, -math.inf)
    assert (metrics["n"]["min"], metrics["n"]["max"]) == (None, None)


@pytest.mark.parametrize("sort", ["", "-", "metric", "Started", "number; DROP TABLE runs", "--started"])
def test_an_unknown_sort_is_one_sentence(store: Store, data: ProjectData, sort: str) -> None:
    with pytest.raises(HistoryError) as caught:
        overview(data, sort=sort)
    assert str(caught.value) == (
        f"Runs cannot be sorted by {sort.removeprefix('-')!r}: expected metric:NAME or one of started, start_time_utc, "
        "run_number, run_id, status, script_name, experiment, duration_seconds, run_configuration, target, user, note, "
        "revision, outputs, with a - before it for the biggest first."
    )


def test_a_project_without_a_history_has_an_empty_page(data: ProjectData) -> None:
    assert overview(data) == (0, [])
    assert logged_names(data) == []
    assert choices(data)["tags"] == {}
    assert not data.database.exists()


@pytest.fixture
def five(store: Store, data: ProjectData) -> ProjectData:
    """`best` falls from run 1 to 3, is not a number in 4 and missing in 0."""
    values: list[list[dict[str, Any]]] = [
        [],
        [logged("best", 3), tagged("model", "a")],
        [logged("best", 2), tagged("model", "b"), tagged("x_y", "100%"), noted("A Note")],
        [logged("best", 1), moved("tuning")],
        [logged("best", "bad"), noted("100 %")],
    ]
    for number, records in enumerate(values):
        facts = KernelFacts("iris", "/p", f"rc{number % 2}", f"t{number % 3}", "local", "Python", user=f"user{number}")
        status = "Failed" if number == 3 else "Completed"
        start = {"notebook": f"{number % 2}.ipynb", "source": f"print({number})"}
        add(store, number, *records, ended(status=status, duration=float(number)), facts=facts, **start)
    return data


@pytest.mark.parametrize("few", [10_000, -1], ids=["by looking up each", "by walking the index"])
def test_runs_are_sorted_by_a_metric_and_those_without_a_number_come_last(
    five: ProjectData, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(sorting, "_FEW", few)
    assert ids(five, sort="-metric:best") == ["1", "2", "3", "4", "0"]
    assert ids(five, sort="metric:best") == ["3", "2", "1", "4", "0"]
    whole = ids(five, sort="metric:best")
    for size in (1, 2, 3):
        pages = [ids(five, sort="metric:best", limit=size, offset=offset) for offset in range(0, 6, size)]
        assert [run for page in pages for run in page] == whole
    assert ids(five, Filter(status="Completed"), sort="metric:best") == ["2", "1", "4", "0"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("-started", "43210"),
        ("started", "01234"),
        ("duration_seconds", "01234"),
        ("run_number", "01234"),
        ("-run_id", "43210"),
        ("status", "42103"),
        ("script_name", "42031"),
        ("target", "30412"),
        ("user", "01234"),
        ("note", "42310"),
        ("experiment", "42013"),
        ("metric:never", "43210"),
    ],
)
def test_runs_are_sorted_by_each_field_and_alike_ones_with_the_newest_first(
    five: ProjectData, sort: str, order: str
) -> None:
    assert ids(five, sort=sort) == list(order)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (Filter(), "43210"),
        (Filter(experiment="tuning"), "3"),
        (Filter(experiment="1.ipynb"), "1"),
        (Filter(notebook="1.ipynb"), "31"),
        (Filter(run_configuration="rc0"), "420"),
        (Filter(target="t1"), "41"),
        (Filter(status="Failed"), "3"),
        (Filter(user="user2"), "2"),
        (Filter(tags={"model": None}), "21"),
        (Filter(tags={"model": "a"}), "1"),
        (Filter(tags={"model": "b", "x_y": None}), "2"),
        (Filter(tags={"model": "c"}), ""),
        (Filter(since=MORNING + 3), "43"),
        (Filter(until=MORNING + 1), "0"),
        (Filter(text="PRINT(2"), "2"),
        (Filter(text="iris_3"), "3"),
        (Filter(text="a note"), "2"),
        (Filter(text="tuning"), "3"),
        (Filter(text="100%"), "2"),
        (Filter(text="_"), "43210"),
        (Filter(text="%"), "42"),
        (Filter(text="x_y"), "2"),
        (Filter(text="\\"), ""),
        (Filter(text="' OR 1=1 --"), ""),
        (Filter(deleted=True), ""),
    ],
)
def test_a_filter_narrows_the_page_and_its_total(five: ProjectData, chosen: Filter, found: str) -> None:
    assert ids(five, chosen) == list(found)
    assert overview(five, chosen, limit=1).total == len(found)


def test_the_bin_is_a_list_of_its_own(five: ProjectData) -> None:
    removal.delete(five, ["iris_1", "iris_2"])
    assert ids(five) == ["4", "3", "0"]
    assert ids(five, Filter(deleted=True)) == ["2", "1"]
    assert ids(five, Filter(deleted=True, text="print(1")) == ["1"]
    assert (overview(five).total, overview(five, Filter(deleted=True)).total) == (3, 2)
    assert ids(five, sort="metric:best") == ["3", "4", "0"]


def test_the_names_that_were_logged_are_told_with_the_kind_in_the_newest_run(five: ProjectData) -> None:
    assert logged_names(five) == [{"name": "best", "kind": "text", "runs": 4}]
    assert logged_names(five, Filter(until=MORNING + 3)) == [{"name": "best", "kind": "number", "runs": 2}]
    removal.delete(five, ["iris_4", "iris_3"])
    assert logged_names(five) == [{"name": "best", "kind": "number", "runs": 2}]


def test_the_choices_are_those_of_the_runs_outside_of_the_bin(five: ProjectData) -> None:
    removal.delete(five, ["iris_1", "iris_4"])
    assert choices(five) == {
        "experiment": ["0.ipynb", "tuning"],
        "notebook": ["0.ipynb", "1.ipynb"],
        "run_configuration": ["rc0", "rc1"],
        "target": ["t0", "t2"],
        "status": ["Completed", "Failed"],
        "user": ["user0", "user2", "user3"],
        "tags": {"model": ["b"], "x_y": ["100%"]},
    }


def test_of_a_tag_with_another_value_for_each_run_only_the_key_is_a_choice(store: Store, data: ProjectData) -> None:
    for number in range(101):
        add(store, number, tagged("number", str(number)), tagged("model", "ab"[number % 2]))
    assert choices(data)["tags"] == {"model": ["a", "b"], "number": []}


def test_a_kernel_of_a_container_does_not_hide_who_ran_the_server(store: Store, data: ProjectData) -> None:
    facts = KernelFacts("iris", "/p", "docker", "docker", "docker", "Python", user="grace")
    store.apply(STREAM, 0, lines(opened(user="root"), started(RUN)), facts)
    assert [(run["run_id"], run["user"]) for run in overview(data).runs] == [(RUN_ID, "grace")]


def test_a_text_that_is_too_long_to_be_looked_for_is_refused(data: ProjectData) -> None:
    assert overview(data, Filter(text="\U0001f600" * 10_000)).total == 0
    assert overview(data, Filter(text="%" * 10_000)).total == 0
    with pytest.raises(BadQuestion) as caught:
        overview(data, Filter(text="x" * 60_000))
    assert str(caught.value) == "A text to look for can have 10000 characters, got 60000."
