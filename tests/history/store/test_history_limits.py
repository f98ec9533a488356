"""How much of the disk a kernel and a project may take, and what a user reads about that which was left out."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from kernel_on_paper import (
    FACTS,
    RUN_ID,
    STREAM,
    ended,
    everything,
    leave_blob,
    lines,
    logged,
    opened,
    saved,
    started,
    write,
)

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake.sweep import settle, sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading import queries
from jupyter_workbench.history.store.limits import Limits, limits
from jupyter_workbench.history.store.store import Store


def texts(data: ProjectData) -> list[str]:
    return [text for _, text in everything(data)["texts"]]


@pytest.mark.parametrize("told", ["4 bananas", "-1GB", "GB", "1e9", "٤GB", "9" * 40])
def test_a_limit_that_is_no_size_is_refused(told: str, data: ProjectData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_RECORDS", told)
    with pytest.raises(HistoryError) as caught:
        Store(data)
    assert str(caught.value) == (
        f"JUPYTER_WORKBENCH_MAX_RECORDS: expected a size such as 4GB or 500MB, got {told!r} - correct or remove it"
    )


@pytest.mark.parametrize(
    ("told", "size"),
    [
        ("4GB", 4 << 30),
        ("1.5 g", 3 << 29),
        ("500mb", 500 << 20),
        ("2 TiB", 2 << 40),
        ("7k", 7168),
        ("12", 12),
        ("0", 0),
        (" ", 50 << 30),
    ],
)
def test_a_limit_is_written_as_people_write_sizes(told: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_OUTPUTS", told)
    assert limits() == Limits(outputs=size)


def test_records_above_the_limit_are_left_out_but_runs_end(data: ProjectData, monkeypatch: pytest.MonkeyPatch) -> None:
    before = lines(opened(), started(), logged("loss", 1))
    monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_RECORDS", str(len(before)))
    store = Store(data)
    told = before + lines(logged("loss", 2), started("b" * 32, id="iris_2"), saved("m", b"m"), ended())
    assert store.apply(STREAM, 0, told, FACTS) == len(told)
    store.close()
    run = queries.info(data, RUN_ID)
    assert (run["loss"], run["status"], run["outputs"]) == (1, "Completed", [])
    assert run["incomplete"] == (
        f"The kernel's records above {len(before)} bytes were left out: JUPYTER_WORKBENCH_MAX_RECORDS sets this limit."
    )
    assert len(queries.list_runs(data)) == 1


def test_an_end_above_the_limit_brings_no_text_along(data: ProjectData, monkeypatch: pytest.MonkeyPatch) -> None:
    before = lines(opened(), started())
    monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_RECORDS", str(len(before)))
    error = {"name": "ValueError", "message": "much", "traceback": "more"}
    told = before + lines(ended(status="Failed", error=error))
    store = Store(data)
    store.apply(STREAM, 0, told, FACTS)
    store.close()
    run = queries.info(data, RUN_ID)
    assert (run["status"], run["error"], run["traceback"]) == ("Failed", {"name": "ValueError", "message": None}, None)
    assert run["incomplete"] == (
        f"The kernel's records above {len(before)} bytes were left out: JUPYTER_WORKBENCH_MAX_RECORDS sets this limit."
    )
    assert "more" not in texts(data)


def test_the_second_end_of_a_run_brings_no_text_along(store: Store, data: ProjectData) -> None:
    again = ended(status="Failed", error={"name": "E", "message": "m", "traceback": "more"})
    store.apply(STREAM, 0, lines(opened(), started(), ended(), again), FACTS)
    assert "more" not in texts(data)


def test_of_an_error_as_much_is_kept_as_a_kernel_tells(store: Store, data: ProjectData) -> None:
    error = {"name": "E" * 300, "message": "m" * 10_001, "traceback": "t" + "T" * (32 << 10)}
    store.apply(STREAM, 0, lines(opened(), started(), ended(status="Failed", error=error)), FACTS)
    run = queries.info(data, RUN_ID)
    assert run["error"] == {"name": "E" * 250, "message": "m" * 10_000}
    assert run["traceback"] == "T" * (32 << 10)


def test_what_is_left_out_does_not_depend_on_the_pieces_that_come(
    data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [lines(record) for record in (opened(), started(), *(logged("loss", i) for i in range(20)), ended())]
    monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_RECORDS", str(len(b"".join(told[:12]))))
    store = Store(data)
    offset = 0
    for line in told:
        offset = store.apply(STREAM, offset, line, FACTS)
    store.close()
    assert queries.info(data, RUN_ID)["loss"] == list(range(10))


def test_a_run_whose_records_are_whole_is_not_incomplete(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), ended()), FACTS)
    assert queries.info(data, RUN_ID)["incomplete"] is None


def test_an_output_for_which_the_project_has_no_room_is_lost_and_says_why(
    data: ProjectData, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_OUTPUTS", "2KB")
    small, big = b"x" * 1500, b"y" * 1500
    for content in (small, big):
        leave_blob(spool, content)
    told = lines(opened(), started(), saved("outputs/small", small), saved("outputs/again", small))
    write(spool, told + lines(saved("outputs/zbig", big), ended()))
    store = Store(data)
    settle(spool, store, None)
    store.close()
    found = {output["path"]: output for output in queries.info(data, RUN_ID)["outputs"]}
    kept = sorted(path for path, output in found.items() if output["state"] == "kept")
    assert len(kept) in (1, 2)  # the contents are taken in the order of their hashes
    [problem] = {output["problem"] for output in found.values()} - {None}
    assert problem == (
        "the outputs of the project would be more than 2 KB: JUPYTER_WORKBENCH_MAX_OUTPUTS sets this limit"
    )
    assert not spool.folder.exists()


def test_an_output_that_is_lost_takes_no_room_in_the_spool_either(
    data: ProjectData, spool: Spool, living: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_OUTPUTS", "4")
    leave_blob(spool, b"model")
    write(spool, lines(opened(), started(), saved("outputs/m", b"model")))
    store = Store(data)
    sweep(data, store)
    store.close()
    assert queries.info(data, RUN_ID)["outputs"][0]["state"] == "lost"
    assert list((spool.folder / "blobs").iterdir()) == []


def test_an_output_for_which_the_disk_has_no_room_waits_and_says_why(
    data: ProjectData, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(data.root).free
    monkeypatch.setenv("JUPYTER_WORKBENCH_KEEP_FREE", f"{free * 2}")
    leave_blob(spool, b"model")
    write(spool, lines(opened(), started(), saved("outputs/m", b"model"), ended()))
    store = Store(data)
    assert sweep(data, store) == 1
    store.close()
    [output] = queries.info(data, RUN_ID)["outputs"]
    assert output["state"] == "waiting"
    assert output["problem"].startswith("it waits until more than ")
    assert output["problem"].endswith(" of the disk would stay free: JUPYTER_WORKBENCH_KEEP_FREE sets this limit")
    monkeypatch.setenv("JUPYTER_WORKBENCH_KEEP_FREE", "0")
    store = Store(data)
    assert sweep(data, store) == 0
    store.close()
    [output] = queries.info(data, RUN_ID)["outputs"]
    assert (output["state"], output["problem"]) == ("kept", None)
    assert not spool.folder.exists()


def test_a_content_that_is_kept_already_needs_no_room(data: ProjectData, monkeypatch: pytest.MonkeyPatch) -> None:
    for turn, run in enumerate(("b" * 32, "c" * 32)):
        spool = data.new_spool(FACTS)
        leave_blob(spool, b"model")
        write(spool, lines(opened(), started(run, id=f"iris_{turn}"), saved("outputs/m", b"model", run)))
        store = Store(data)
        settle(spool, store, None)
        store.close()
        monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_OUTPUTS", "1")
        monkeypatch.setenv("JUPYTER_WORKBENCH_KEEP_FREE", "1000TB")
    assert queries.info(data, "iris_1")["outputs"][0]["state"] == "kept"
