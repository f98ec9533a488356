"""The store: each record has its effect exactly once, and touches nothing but its own stream's runs."""

from __future__ import annotations

import json
import sqlite3
import sys
import time

import pytest
from kernel_on_paper import (
    FACTS,
    MORNING,
    OTHER_RUN,
    OTHER_STREAM,
    RUN,
    STREAM,
    THIRD_RUN,
    ended,
    everything,
    lines,
    logged,
    opened,
    saved,
    started,
    values,
)

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.records import parsing
from jupyter_workbench.history.store.schema import MIGRATIONS
from jupyter_workbench.history.store.store import Store


def nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def runs(data: ProjectData) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(data.database)
    try:
        return connection.execute("SELECT number, run_id, status, error_name, error_message FROM runs").fetchall()
    finally:
        connection.close()


def bad_records(data: ProjectData) -> int:
    return everything(data)["streams"][0][2]


def test_bytes_behind_a_gap_are_left_out_and_the_old_offset_is_returned(store: Store) -> None:
    first = lines(opened(), started())
    assert store.apply(STREAM, 0, first, FACTS) == len(first)
    assert store.apply(STREAM, len(first) + 1, lines(ended()), FACTS) == len(first)
    assert store.offset(STREAM) == len(first)


def test_bytes_that_overlap_have_no_second_effect(store: Store, data: ProjectData) -> None:
    everyone = lines(opened(), started(), logged("loss", 1), logged("loss", 2))
    store.apply(STREAM, 0, lines(opened(), started(), logged("loss", 1)), FACTS)
    assert store.apply(STREAM, 0, everyone, FACTS) == len(everyone)
    assert store.apply(STREAM, 0, everyone, FACTS) == len(everyone)
    assert values(data) == [("loss", "1"), ("loss", "2")]


def test_a_torn_last_line_waits_for_its_newline(store: Store, data: ProjectData) -> None:
    whole, torn = lines(opened(), started()), lines(logged("loss", 1))
    assert store.apply(STREAM, 0, whole + torn[:-1], FACTS) == len(whole)
    assert values(data) == []
    assert store.apply(STREAM, len(whole), torn, FACTS) == len(whole + torn)
    assert values(data) == [("loss", "1")]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b"[" * 100_000, id="too deep"),
        pytest.param(json.dumps(logged("a", nested(201))).encode(), id="deeper than any reader could follow"),
        pytest.param(json.dumps({"e": "dance", "t": 1}).encode(), id="unknown kind"),
        pytest.param(json.dumps({"e": ["log"], "t": 1}).encode(), id="kind is a list"),
        pytest.param(json.dumps({**logged("a", 1), "t": "now"}).encode(), id="time is text"),
        pytest.param(json.dumps({**logged("a", 1), "t": float("nan")}).encode(), id="time is NaN"),
        pytest.param(json.dumps({**logged("a", 1), "t": 1e300}).encode(), id="time is beyond the calendar"),
        pytest.param(json.dumps(logged("a", 1, run=OTHER_RUN)).encode(), id="unknown run"),
        pytest.param(json.dumps({**logged("a", 1), "run": 7}).encode(), id="run is a number"),
        pytest.param(json.dumps({**logged("a", 1), "name": 7}).encode(), id="name is a number"),
        pytest.param(json.dumps({"e": "log", "t": 1, "run": RUN, "name": "a"}).encode(), id="no value"),
        pytest.param(json.dumps(started(t=MORNING + 9)).encode(), id="started twice"),
        pytest.param(json.dumps(started(OTHER_RUN, count=1 << 64)).encode(), id="count beyond SQLite"),
        pytest.param(json.dumps(ended(status="Running")).encode(), id="no end status"),
        pytest.param(json.dumps(ended(duration=-1)).encode(), id="negative duration"),
        pytest.param(json.dumps(saved("../x", b"")).encode(), id="path leaves the folder"),
        pytest.param(json.dumps(saved("/etc/passwd", b"")).encode(), id="absolute path"),
        pytest.param(json.dumps(saved("a\\..\\b", b"")).encode(), id="path of another system"),
        pytest.param(json.dumps(saved("a\x1b[2Jb", b"")).encode(), id="unprintable path"),
        pytest.param(json.dumps(saved("a" * 1025, b"")).encode(), id="path too long"),
        pytest.param(json.dumps(saved("a", b"", sha256="../" * 21 + "x")).encode(), id="hash is a path"),
        pytest.param(json.dumps(saved("a", b"", sha256="A" * 64)).encode(), id="hash in capitals"),
        pytest.param(json.dumps(saved("a", b"", size=-1)).encode(), id="negative size"),
    ],
)
def test_a_bad_line_is_counted_and_passed_over(store: Store, data: ProjectData, line: bytes) -> None:
    before, after = lines(opened(), started()), lines(logged("loss", 1))
    everyone = before + line + b"\n" + after
    assert store.apply(STREAM, 0, everyone, FACTS) == len(everyone)
    assert values(data) == [("loss", "1")]
    assert bad_records(data) == 1


def test_no_depth_of_a_value_is_read_first_and_then_fails(store: Store, data: ProjectData) -> None:
    reached = store.apply(STREAM, 0, lines(opened(), started()), FACTS)
    for depth in range(5, sys.getrecursionlimit(), 5):
        value = b"[" * depth + b"]" * depth
        reached = store.apply(STREAM, reached, lines(logged("v", 0)).replace(b": 0", b": " + value), FACTS)
    assert len(values(data)) == 200 / 5


def test_an_empty_line_is_nothing(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started()) + b"\n\n" + lines(logged("loss", 1)), FACTS)
    assert values(data) == [("loss", "1")]
    assert bad_records(data) == 0


def test_a_record_cannot_touch_a_run_of_another_stream(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started()), FACTS)
    before = everything(data)
    hostile = lines(started(source="mine"), logged("loss", 1), saved("outputs/x", b""), ended(status="Failed"))
    assert store.apply(OTHER_STREAM, 0, hostile, FACTS) == len(hostile)
    after = everything(data)
    assert {table: after[table] for table in ("runs", "metrics", "outputs")} == {
        table: before[table] for table in ("runs", "metrics", "outputs")
    }


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        10**30,
        0.1,
        1e-320,
        True,
        False,
        None,
        "",
        "x",
        "\0",
        "\ud800",
        "日本",
        [],
        [1, [2.5, None]],
        {"a": {"": 1}},
    ],
)
def test_values_are_stored_losslessly(store: Store, data: ProjectData, value: object) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), logged("v", value)), FACTS)
    [(_, text)] = values(data)
    assert json.loads(text) == value
    assert type(json.loads(text)) is type(value)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_floats_that_json_has_no_word_for_are_stored_as_python_writes_them(
    store: Store, data: ProjectData, text: str
) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), logged("v", float(text))), FACTS)
    assert values(data) == [("v", text)]


def test_an_integer_too_long_for_python_is_kept_as_its_digits(store: Store, data: ProjectData) -> None:
    digits = "9" * 5000
    line = lines(logged("v", 0)).replace(b'"value": 0', b'"value": ' + digits.encode())
    store.apply(STREAM, 0, lines(opened(), started()) + line, FACTS)
    assert values(data) == [("v", f'"{digits}"')]


def test_a_name_that_is_no_unicode_is_kept_as_its_escape(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started(source="\ud800"), logged("\udfff", 1)), FACTS)
    assert values(data) == [("\\udfff", "1")]


def test_values_keep_their_order_across_names_and_pieces(store: Store, data: ProjectData) -> None:
    logs = [logged("ab"[i % 2], i) for i in range(20)]
    everyone = lines(opened(), started(), *logs)
    reached = store.apply(STREAM, 0, everyone[:900], FACTS)
    store.apply(STREAM, reached, everyone[reached:], FACTS)
    assert values(data) == [("ab"[i % 2], str(i)) for i in range(20)]


def test_one_source_is_stored_once_however_many_runs_have_it(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), ended(), started(OTHER_RUN)), FACTS)
    connection = sqlite3.connect(data.database)
    assert connection.execute("SELECT text FROM texts").fetchall() == [("train()",)]
    connection.close()


def test_runs_are_numbered_in_order_of_arrival_and_ids_moved_on_until_they_are_free(
    store: Store, data: ProjectData
) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), started(THIRD_RUN, id="iris_1504832281118")), FACTS)
    store.apply(OTHER_STREAM, 0, lines(opened(), started(OTHER_RUN)), FACTS)
    assert [run[:2] for run in runs(data)] == [
        (1, "iris_1504832281117"),
        (2, "iris_1504832281118"),
        (3, "iris_1504832281119"),
    ]


def test_a_public_id_without_milliseconds_gets_those_of_its_start(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started(id="strange")), FACTS)
    assert [run[1] for run in runs(data)] == ["strange_1504832281117"]


def test_closing_a_stream_fails_the_run_that_had_no_end(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), ended(), started(OTHER_RUN, id="iris_9")), FACTS)
    store.close_stream(STREAM, "the machine burnt")
    assert [run[2:] for run in runs(data)] == [
        ("Completed", None, None),
        ("Failed", "KernelDied", "the machine burnt"),
    ]


def test_closing_a_stream_leaves_the_runs_of_others(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started()), FACTS)
    store.apply(OTHER_STREAM, 0, lines(opened()), FACTS)
    store.close_stream(OTHER_STREAM, "died")
    store.close_stream("20260102T030405-0000000000000000", "never seen")
    assert [run[2] for run in runs(data)] == ["Running"]


def test_the_kernels_own_end_corrects_one_that_was_taken_for_dead(store: Store, data: ProjectData) -> None:
    reached = store.apply(STREAM, 0, lines(opened(), started()), FACTS)
    store.close_stream(STREAM, "died")
    store.apply(STREAM, reached, lines(ended()), FACTS)
    assert [run[2:] for run in runs(data)] == [("Completed", None, None)]


def test_a_second_end_changes_nothing(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), ended(), ended(status="Failed")), FACTS)
    assert [run[2] for run in runs(data)] == ["Completed"]
    assert bad_records(data) == 1


def test_a_hundred_thousand_values_are_in_within_seconds(store: Store, data: ProjectData) -> None:
    everyone = lines(opened(), started(), *(logged("loss", i / 7) for i in range(100_000)), ended())
    began = time.perf_counter()
    assert store.apply(STREAM, 0, everyone, FACTS) == len(everyone)
    assert time.perf_counter() - began < 10  # about 0.6 s; a loaded machine may take its time
    assert values(data) == [("loss", json.dumps(i / 7)) for i in range(100_000)]


def test_others_can_write_while_records_are_read_and_secrets_looked_for(
    store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []

    def look(told: str) -> str:
        other = sqlite3.connect(data.database, timeout=0)
        other.execute("BEGIN IMMEDIATE")
        other.close()
        looked.append(told)
        return told

    monkeypatch.setattr(parsing, "mask", look)
    store.apply(STREAM, 0, lines(opened(), started(), ended(error={"name": "E", "message": "no"})), FACTS)
    assert looked == ["train()", "no"]


def test_a_failed_apply_leaves_no_trace(store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch) -> None:
    store.apply(STREAM, 0, lines(opened(), started()), FACTS)
    before = everything(data)
    store._connection.execute("PRAGMA max_page_count = 1")
    big = lines(logged("v", "x" * 1_000_000))
    with pytest.raises(HistoryError) as caught:
        store.apply(STREAM, store.offset(STREAM), big, FACTS)
    assert str(caught.value) == (
        f"{data.database}: the run history cannot be written because the disk is full - make room; "
        f"what was logged waits in {data.spools}"
    )
    assert everything(data) == before
    store._connection.execute("PRAGMA max_page_count = 1000000")
    assert store.apply(STREAM, store.offset(STREAM), big, FACTS) > len(big)


def test_a_store_of_a_newer_schema_is_refused(data: ProjectData) -> None:
    Store(data).close()
    connection = sqlite3.connect(data.database)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(HistoryError) as caught:
        Store(data)
    assert str(caught.value) == (
        f"{data.database}: the run history was written by a newer jupyter_workbench (its schema is "
        f"{len(MIGRATIONS) + 1}, this one knows up to {len(MIGRATIONS)}) - upgrade with "
        "`pip install --upgrade jupyter_workbench`"
    )


def test_a_file_that_is_no_database_is_refused(data: ProjectData) -> None:
    data.root.mkdir()
    data.database.write_bytes(b"no database at all\n" * 100)
    with pytest.raises(HistoryError) as caught:
        Store(data)
    assert str(caught.value) == (
        f"{data.database}: the run history is damaged (not a database) - "
        "`workbench history repair` saves what can be read and what still waits in spools"
    )


def test_a_database_with_torn_pages_is_refused(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), *(logged("loss", i) for i in range(1000))), FACTS)
    store.close()
    content = data.database.read_bytes()
    data.database.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    with pytest.raises(HistoryError) as caught:
        Store(data).apply(STREAM, 0, lines(opened()), FACTS)
    assert str(caught.value) == (
        f"{data.database}: the run history is damaged (malformed) - "
        "`workbench history repair` saves what can be read and what still waits in spools"
    )


def test_a_database_that_may_not_be_written_is_refused(store: Store, data: ProjectData) -> None:
    store._connection.execute("PRAGMA query_only = ON")  # what SQLite says of a read-only file, for root as well
    with pytest.raises(HistoryError) as caught:
        store.apply(STREAM, 0, lines(opened()), FACTS)
    assert str(caught.value) == (
        f"{data.database}: the run history cannot be written - make the folder and its files writable"
    )


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path, data: ProjectData) -> None:
    data.root.write_text("a file in the way")
    with pytest.raises(HistoryError) as caught:
        Store(data)
    assert str(caught.value) == f"{data.database}: the run history cannot be used (File exists)"


def test_a_database_that_another_process_holds_is_told(
    store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    store._connection.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(data.database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(HistoryError) as caught:
        store.apply(STREAM, 0, lines(opened()), FACTS)
    other.close()
    assert str(caught.value) == (
        f"{data.database}: the run history has been in use by another process for 20 seconds - try again"
    )
