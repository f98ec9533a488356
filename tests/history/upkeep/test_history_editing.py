"""What a user changes about runs afterwards: tags, notes, experiments, the bin, and removal for good."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from pathlib import Path
from unittest import mock

import pytest
from kernel_on_paper import (
    FACTS,
    OTHER_RUN,
    OTHER_STREAM,
    RUN,
    RUN_ID,
    STREAM,
    THIRD_RUN,
    ended,
    everything,
    leave_blob,
    lines,
    logged,
    noted,
    opened,
    printed,
    saved,
    started,
    tagged,
    write,
)

from jupyter_workbench.errors import HistoryError, OutputNotFound, RunNotFound
from jupyter_workbench.history.intake.sweep import settle, sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading import queries
from jupyter_workbench.history.reading.filters import Filter
from jupyter_workbench.history.reading.outputs import open_output
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.store.blobs import blob_path
from jupyter_workbench.history.store.store import Store
from jupyter_workbench.history.upkeep import editing, removal

OTHER_ID = "iris_7"


def a_run(store: Store, run: str, run_id: str, *contents: bytes, source: str = "train()", end: bool = True) -> None:
    """A run of a kernel that is gone, with an output of each content."""
    spool = store.data.new_spool(FACTS)
    for content in contents:
        leave_blob(spool, content)
    told = [saved(f"outputs/{content.decode()}", content, run) for content in contents]
    ends = [ended(run)] if end else []
    write(spool, lines(opened(), started(run, id=run_id, source=source), logged("x", 1, run=run), *told, *ends))
    settle(spool, store, None)


@pytest.fixture
def two(store: Store, data: ProjectData) -> ProjectData:
    a_run(store, RUN, RUN_ID, b"shared", b"own")
    a_run(store, OTHER_RUN, OTHER_ID, b"shared", source="other()")
    return data


def test_an_unknown_run_is_refused_and_none_of_the_others_is_changed(two: ProjectData) -> None:
    before = everything(two)
    for change in (
        lambda: editing.set_tags(two, [RUN_ID, "iris_8"], {"a": "b"}),
        lambda: editing.set_experiment(two, [RUN_ID, "iris_8"], "e"),
        lambda: removal.delete(two, [RUN_ID, "iris_8"]),
        lambda: removal.undelete(two, [RUN_ID, "iris_8"]),
        lambda: removal.purge(two, [RUN_ID, "iris_8"]),
    ):
        with pytest.raises(RunNotFound, match="The project has no run 'iris_8': did you mean iris_7"):
            change()
    assert everything(two) == before


@pytest.mark.parametrize("key", ["", " ", "k" * 251])
def test_a_tag_that_is_no_name_is_refused(two: ProjectData, key: str) -> None:
    with pytest.raises(HistoryError, match=r"This cannot be the tag of a run: '.* \(not a name\)\."):
        editing.set_tags(two, [RUN_ID], {"good": "1", key: "v"})
    assert queries.info(two, RUN_ID)["tags"] == {}


def test_a_text_that_is_too_long_is_refused(two: ProjectData) -> None:
    with pytest.raises(HistoryError) as caught:
        editing.set_note(two, RUN_ID, "n" * 50_001)
    assert str(caught.value) == "A note can have 50000 characters, got 50001."
    with pytest.raises(HistoryError, match=r"This cannot be the tag 'k' of a run: .* \(too long for a tag\)\."):
        editing.set_tags(two, [RUN_ID], {"k": "v" * 5001})
    with pytest.raises(HistoryError, match=r"This cannot be the experiment of a run: ' ' \(not a name\)\."):
        editing.set_experiment(two, [RUN_ID], " ")


def test_tags_are_set_replaced_and_removed_for_many_runs_at_once(two: ProjectData) -> None:
    editing.set_tags(two, [RUN_ID, OTHER_ID, RUN_ID], {"a": "1", "b": "2"})
    editing.set_tags(two, [RUN_ID], {"a": None, "b": "3", "never": None})
    assert [queries.info(two, run_id)["tags"] for run_id in (RUN_ID, OTHER_ID)] == [{"b": "3"}, {"a": "1", "b": "2"}]


@pytest.mark.parametrize("text", ["été 🎉", "a\nb\tc", "\ud800 alone", "nul \0 inside", "'; DROP TABLE runs; --"])
def test_any_text_can_be_a_note_a_tag_and_an_experiment(two: ProjectData, text: str) -> None:
    editing.set_note(two, RUN_ID, text)
    editing.set_tags(two, [RUN_ID], {text: text})
    editing.set_experiment(two, [RUN_ID], text)
    run = queries.info(two, RUN_ID)
    shown = text.replace("\ud800", "\\ud800")
    assert (run["note"], run["tags"], run["experiment"], run["description"]) == (shown, {shown: shown}, shown, shown)


def test_an_empty_note_and_no_experiment_bring_back_what_was_there_at_first(two: ProjectData) -> None:
    editing.set_note(two, RUN_ID, "x")
    editing.set_note(two, RUN_ID, "")
    editing.set_experiment(two, [RUN_ID], "e")
    editing.set_experiment(two, [RUN_ID], None)
    run = queries.info(two, RUN_ID)
    assert (run["note"], run["experiment"]) == (None, "iris.ipynb")


def test_every_edit_gives_the_run_a_revision_above_all_others(two: ProjectData) -> None:
    def newest() -> int:
        return max(queries.info(two, run_id)["revision"] for run_id in (RUN_ID, OTHER_ID))

    for edit in (
        lambda: editing.set_note(two, RUN_ID, "x"),
        lambda: editing.set_tags(two, [RUN_ID], {"a": "b"}),
        lambda: editing.set_experiment(two, [RUN_ID], "e"),
        lambda: removal.delete(two, [RUN_ID]),
        lambda: removal.undelete(two, [RUN_ID]),
    ):
        before = newest()
        edit()
        assert queries.info(two, RUN_ID)["revision"] > before


def test_a_run_that_still_runs_cannot_be_removed(two: ProjectData, store: Store) -> None:
    store.apply(STREAM, 0, lines(opened(), started(THIRD_RUN, id="iris_9")), FACTS)
    for remove in (removal.delete, removal.purge):
        with pytest.raises(HistoryError) as caught:
            remove(two, [RUN_ID, "iris_9"])
        assert str(caught.value) == "The run iris_9 still runs: it can be removed when it has ended."
    assert len(queries.list_runs(two)) == 3


def test_a_run_in_the_bin_is_hidden_and_comes_back_as_it_was(two: ProjectData) -> None:
    before = queries.info(two, RUN_ID)
    removal.delete(two, [RUN_ID])
    assert [run["run_id"] for run in queries.list_runs(two)] == [OTHER_ID]
    assert queries.last(two)["run_id"] == OTHER_ID
    assert queries.info(two, RUN_ID)["hidden"] is True
    with open_output(two, RUN_ID, "outputs/own")[0] as file:
        assert file.read() == b"own"
    removal.undelete(two, [RUN_ID])
    assert {**queries.info(two, RUN_ID), "revision": 0} == {**before, "revision": 0}


def test_records_that_arrive_in_the_bin_are_kept(two: ProjectData, store: Store) -> None:
    spool = two.new_spool(FACTS)
    leave_blob(spool, b"late")
    told = lines(opened(), started(THIRD_RUN, id="iris_9"), ended(THIRD_RUN))
    write(spool, told)
    store.apply(spool.stream, 0, told, FACTS)
    removal.delete(two, ["iris_9"])
    write(spool, lines(saved("outputs/late", b"late", THIRD_RUN), tagged("a", "b", THIRD_RUN)))
    settle(spool, store, None)
    removal.undelete(two, ["iris_9"])
    assert queries.info(two, "iris_9")["tags"] == {"a": "b"}
    with open_output(two, "iris_9", "outputs/late")[0] as file:
        assert file.read() == b"late"


def test_a_purge_removes_the_rows_and_what_no_other_run_uses(two: ProjectData) -> None:
    assert removal.purge(two, [RUN_ID]) == (1, len(b"own"))
    with pytest.raises(RunNotFound):
        queries.info(two, RUN_ID)
    kept = [path.read_bytes() for path in two.blobs.glob("??/*")]
    assert kept == [b"shared"]
    rows = everything(two)
    assert [text for _, text in rows["texts"]] == ["other()"]
    assert [len(rows[table]) for table in ("runs", "metrics", "summaries", "outputs")] == [1, 1, 1, 1]
    assert removal.purge(two, [OTHER_ID]) == (1, len(b"shared"))
    assert list(two.blobs.glob("??/*")) == []
    assert everything(two)["texts"] == []


def test_a_purge_without_runs_empties_the_bin_only(two: ProjectData) -> None:
    assert removal.purge(two) == (0, 0)
    removal.delete(two, [OTHER_ID])
    assert removal.purge(two, older_than=60) == (0, 0)
    assert removal.purge(two, []) == (0, 0)
    assert removal.purge(two) == (1, 0)
    assert [run["run_id"] for run in queries.list_runs(two)] == [RUN_ID]


def test_a_number_and_an_id_are_not_used_again_after_a_purge(two: ProjectData, store: Store) -> None:
    removal.purge(two, [RUN_ID, OTHER_ID])
    a_run(store, THIRD_RUN, "iris_9")
    assert queries.info(two, "iris_9")["run_number"] == 3


def test_records_of_a_purged_run_are_passed_over(two: ProjectData, store: Store) -> None:
    told = lines(opened(), started(THIRD_RUN, id="iris_9"), ended(THIRD_RUN))
    store.apply(STREAM, 0, told, FACTS)
    removal.purge(two, ["iris_9"])
    late = lines(logged("x", 1, run=THIRD_RUN), saved("m", b"m", THIRD_RUN), noted("late", THIRD_RUN))
    assert store.apply(STREAM, len(told), late, FACTS) == len(told) + len(late)
    assert store.waiting_outputs(STREAM) == []


def test_a_kernel_of_which_nothing_is_left_is_forgotten_so_that_its_records_can_come_in_again(
    store: Store, data: ProjectData
) -> None:
    told = lines(opened(), started(), logged("x", 1), ended())
    for _ in range(2):
        assert store.apply(STREAM, 0, told, FACTS) == len(told)
        store.close_stream(STREAM, "ended")
        assert queries.info(data, RUN_ID)["x"] == 1
        removal.purge(data, [RUN_ID])
        assert everything(data)["streams"] == []


def test_a_kernel_that_lives_or_left_a_spool_is_not_forgotten(two: ProjectData, store: Store) -> None:
    spool = two.new_spool(FACTS)
    told = lines(opened(), started(THIRD_RUN, id="iris_9"), ended(THIRD_RUN))
    write(spool, told)
    store.apply(spool.stream, 0, told, FACTS)
    removal.purge(two, ["iris_9"])
    assert store.offset(spool.stream) == len(told)
    store.close_stream(spool.stream, "ended")
    removal.purge(two, [RUN_ID])
    assert store.offset(spool.stream) == len(told)


def test_the_sweep_empties_what_lay_in_the_bin_for_thirty_days(two: ProjectData, store: Store) -> None:
    day = 24 * 3600
    now = time.time()
    with mock.patch("time.time", return_value=now - 29 * day):
        removal.delete(two, [OTHER_ID])
    with mock.patch("time.time", return_value=now - 31 * day):
        removal.delete(two, [RUN_ID])
    sweep(two, store)
    assert queries.info(two, OTHER_ID)["hidden"] is True
    with pytest.raises(RunNotFound):
        queries.info(two, RUN_ID)
    assert [path.read_bytes() for path in two.blobs.glob("??/*")] == [b"shared"]


def test_a_purge_that_was_killed_halfway_is_finished_by_the_next_sweep(two: ProjectData, store: Store) -> None:
    with (
        mock.patch("jupyter_workbench.history.upkeep.removal.remove_unused", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        removal.purge(two, [RUN_ID])
    assert len(list(two.blobs.glob("??/*"))) == 2
    sweep(two, store)
    assert [path.read_bytes() for path in two.blobs.glob("??/*")] == [b"shared"]


def test_others_can_write_during_a_long_purge(two: ProjectData, monkeypatch: pytest.MonkeyPatch) -> None:
    left = []

    def rest(seconds: float) -> None:
        assert seconds > 0.1
        other = sqlite3.connect(two.database, timeout=0)
        other.execute("BEGIN IMMEDIATE")
        left.append(len(other.execute("SELECT 1 FROM runs").fetchall()))
        other.close()

    monkeypatch.setattr(removal, "HELD_SECONDS", 0)
    monkeypatch.setattr("jupyter_workbench.history.upkeep.removal.time.sleep", rest)
    assert removal.purge(two, [RUN_ID, OTHER_ID]).runs == 2
    assert left == [1]


def test_runs_that_a_killed_purge_left_go_with_the_next_sweep(
    two: ProjectData, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "HELD_SECONDS", 0)
    with (
        mock.patch("jupyter_workbench.history.upkeep.removal.time.sleep", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        removal.purge(two, [RUN_ID, OTHER_ID])
    assert queries.list_runs(two) == []
    assert len(queries.list_runs(two, filter=Filter(deleted=True))) == 1
    sweep(two, store)
    assert not any(everything(two)[table] for table in ("runs", "metrics", "outputs", "texts"))
    assert list(two.blobs.glob("??/*")) == []


def test_a_content_that_another_run_awaits_is_not_removed(two: ProjectData, store: Store) -> None:
    told = lines(opened(), started(THIRD_RUN, id="iris_9"), saved("outputs/own", b"own", THIRD_RUN))
    store.apply(OTHER_STREAM, 0, told, FACTS)
    assert removal.purge(two, [RUN_ID]).bytes == 0
    sha256 = store.waiting_outputs(OTHER_STREAM)[0][0]
    assert blob_path(two.blobs, sha256).read_bytes() == b"own"


def test_an_output_that_is_not_there_says_why(two: ProjectData, store: Store) -> None:
    told = lines(opened(), started(THIRD_RUN, id="iris_9"), saved("a", b"never came", THIRD_RUN))
    store.apply(STREAM, 0, told, FACTS)
    with pytest.raises(OutputNotFound) as caught:
        open_output(two, "iris_9", "a")
    assert str(caught.value) == "The output a of the run iris_9 is not there: its content has not arrived yet."
    store.settle_output(STREAM, store.waiting_outputs(STREAM)[0], "the kernel left no content")
    with pytest.raises(OutputNotFound) as caught:
        open_output(two, "iris_9", "a")
    assert str(caught.value) == "The output a of the run iris_9 was lost: the kernel left no content."
    with pytest.raises(OutputNotFound) as caught:
        open_output(two, RUN_ID, "outputs/none")
    assert str(caught.value) == (f"The run {RUN_ID} has no output 'outputs/none': it has outputs/own, outputs/shared.")
    for path in two.blobs.glob("??/*"):
        path.unlink()
    with pytest.raises(OutputNotFound) as caught:
        open_output(two, RUN_ID, "outputs/own")
    assert str(caught.value) == (
        f"The output outputs/own of the run {RUN_ID} is not there: its content was removed from the disk."
    )


def tag_in_a_loop(root: Path, me: int) -> None:
    for turn in range(25):
        editing.set_tags(ProjectData(root), [RUN_ID], {f"{me}-{turn}": "x"})


def test_edits_of_several_processes_at_once_are_all_there(two: ProjectData) -> None:
    spawned = multiprocessing.get_context("spawn")
    processes = [spawned.Process(target=tag_in_a_loop, args=(two.root, me)) for me in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 3
    assert len(queries.info(two, RUN_ID)["tags"]) == 75


def test_long_texts_of_a_purged_run_go_with_it(store: Store, data: ProjectData) -> None:
    error = {"name": "E", "message": "m", "traceback": "the traceback"}
    store.apply(STREAM, 0, lines(opened(), started(), printed("out"), ended(status="Failed", error=error)), FACTS)
    store.annotate(STREAM, [RUN], Captured(1.0, "c" * 40, diff="the diff", packages=("a==1",)))
    assert {text for _, text in everything(data)["texts"]} == {"train()", "the traceback", "the diff", "a==1"}
    removal.purge(data, [RUN_ID])
    assert everything(data)["texts"] == everything(data)["tails"] == []
