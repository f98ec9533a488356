"""Runs travel in one file, whole and unchanged; a file of somebody else can do nothing."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kernel_on_paper import (
    FACTS,
    MORNING,
    OTHER_RUN,
    RUN,
    RUN_ID,
    ended,
    everything,
    leave_blob,
    lines,
    logged,
    opened,
    saved,
    started,
    values,
    write,
)

from jupyter_workbench.errors import HistoryError, RunNotFound, WorkbenchError
from jupyter_workbench.history.intake.sweep import catch_up, sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading import queries
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.sharing import archive
from jupyter_workbench.history.sharing.export import Exported, export
from jupyter_workbench.history.sharing.importing import Imported, import_runs
from jupyter_workbench.history.store.store import Store
from jupyter_workbench.history.upkeep import editing

DAMAGED = (
    "{file}: expected a file that `workbench history export` wrote, got another or a damaged one - export the runs "
    "again"
)
OTHER_ID = "iris_1504832341117"
TABLES = (
    "SELECT run, run_id, status, started, ended, duration, error_name, error_message, source, execution_count, cell,"
    " notebook, experiment, note, cpu_seconds, cpu_peak, memory_peak, gpu_peak, gpu_memory_peak, traceback, commit_id,"
    " branch, git_remote, dirty, diff, git_problem, captured, packages FROM runs",
    "SELECT runs.run, name, t, step, kind, metrics.number, value FROM metrics JOIN runs ON runs.number = metrics.run"
    " ORDER BY position",
    "SELECT runs.run, name, kind, count, first, last, summaries.number, min, max, last_step FROM summaries"
    " JOIN runs ON runs.number = summaries.run",
    "SELECT runs.run, path, sha256, size, t, state, problem FROM outputs JOIN runs ON runs.number = outputs.run",
    "SELECT runs.run, key, value FROM tags JOIN runs ON runs.number = tags.run",
    "SELECT runs.run, stdout, stdout_omitted, stderr, stderr_omitted FROM tails JOIN runs ON runs.number = tails.run",
    "SELECT runs.run, project, project_dir, run_configuration, target, target_type, framework, kernel_id, python, user,"
    " host, ipykernel, variables, environment, problem FROM streams JOIN runs ON runs.stream = streams.key",
    "SELECT * FROM texts",
)


@pytest.fixture
def other(tmp_path: Path) -> ProjectData:
    """A project on another machine."""
    return ProjectData(tmp_path / "other")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "runs.zip"


def told(data: ProjectData) -> list[list[Any]]:
    """Everything that is known of the runs, without the numbers that every project gives them anew."""
    with closing(sqlite3.connect(data.database)) as connection:
        return [sorted(connection.execute(query).fetchall(), key=repr) for query in TABLES]


def leave(data: ProjectData, *records: dict[str, Any], contents: tuple[bytes, ...] = (), captured: Any = None) -> None:
    """Leave the records of one dead kernel in the store."""
    spool = data.new_spool(FACTS)
    for content in contents:
        leave_blob(spool, content)
    write(spool, lines(opened(ipykernel="7.4.0", variables=["HOME"]), *records))
    with closing(Store(data)) as store:
        catch_up(spool, store)
        if captured:
            store.annotate(spool.stream, [RUN], captured)
        sweep(data, store)


def leave_everything(data: ProjectData) -> None:
    """Leave a run with all that can be known of one."""
    leave(
        data,
        started(source="train('größe')", experiment="churn"),
        logged("Accuracy", 0.5),
        {**logged("loss", float("nan")), "step": 1},
        {**logged("loss", float("-inf")), "step": 2.5},
        logged("Accuracy", 10**4200),
        logged("текст \udcff", "\udcff\x00 =1"),
        {**logged("table", {"a": [1, 2], "b": ["x", None]}), "kind": "table"},
        {**logged("roc", "images/roc.png"), "kind": "image"},
        {"e": "tag", "t": MORNING, "run": RUN, "key": "stage", "value": "größer"},
        {"e": "note", "t": MORNING, "run": RUN, "text": "two\nlines"},
        saved("images/roc.png", b"png"),
        saved("outputs/model.pkl", b"model"),
        saved("outputs/lost.pkl", b"lost"),
        {"e": "usage", "t": MORNING, "run": RUN, "cpu_seconds": 3.5, "cpu_peak": 180.0, "memory_peak": 1 << 33,
         "gpu_peak": None, "gpu_memory_peak": None},
        {"e": "tail", "t": MORNING, "run": RUN, "stdout": "out", "stdout_omitted": 5, "stderr": "err",
         "stderr_omitted": 0},
        ended(status="Failed", error={"name": "ValueError", "message": "größe", "traceback": "line 1"}),
        contents=(b"png", b"model"),
        captured=Captured(MORNING, "4e12", "main", "https://example.com/iris.git", dirty=True, diff="+x\n",
                          git_problem="one file is too long", packages=("numpy==1.0", "pandas==2.0")),
    )  # fmt: skip


def forged(
    file: Path, *records: dict[str, Any] | bytes, blobs: dict[str, bytes] | None = None, **manifest: Any
) -> Path:
    """Make a file as an attacker may."""
    told = {"format": "jupyter_workbench runs", "version": 1, **manifest}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", json.dumps(told))
        text = b"".join(one if isinstance(one, bytes) else lines(one).replace(b'": ', b'":') for one in records)
        made.writestr("runs.jsonl", text)
        for name, content in (blobs or {}).items():
            made.writestr(name, content)
    return file


def header(run: str = RUN, **changes: Any) -> dict[str, Any]:
    return {"e": "run", "run": run, "facts": {"project": "iris"}, "captured": None, "lost": [], **changes}


# ---- what cannot be exported


def test_an_unknown_run_makes_no_file(data: ProjectData, file: Path) -> None:
    leave_everything(data)
    with pytest.raises(RunNotFound) as refused:
        export(data, [RUN_ID, "iris_1"], file)
    assert str(refused.value) == "The project has no run 'iris_1': `workbench history list` shows the ids of all runs."
    assert sorted(path.name for path in file.parent.iterdir()) == ["data"]


def test_a_folder_that_is_not_there_is_told(data: ProjectData, tmp_path: Path) -> None:
    leave_everything(data)
    with pytest.raises(HistoryError) as refused:
        export(data, [RUN_ID], tmp_path / "none" / "runs.zip")
    assert str(refused.value) == f"{tmp_path}/none/runs.zip: the runs cannot be written (No such file or directory)"


def test_a_file_that_is_there_stays_until_the_new_one_is_whole(data: ProjectData, file: Path) -> None:
    leave_everything(data)
    file.write_text("mine")
    with pytest.raises(WorkbenchError):
        export(data, [RUN_ID], file)
    with pytest.raises(RunNotFound):
        export(data, ["iris_1"], file, overwrite=True)
    assert file.read_text() == "mine"
    assert export(data, [RUN_ID], file, overwrite=True).runs == 1


# ---- the way there and back


def test_nothing_of_a_run_is_lost_on_the_way(data: ProjectData, other: ProjectData, file: Path) -> None:
    leave_everything(data)
    assert export(data, [RUN_ID, RUN_ID], file) == Exported(runs=1, outputs=2, running=())
    assert import_runs(other, file) == Imported(runs=1, known=0, unreadable=0, lost=1)
    assert told(other) == told(data)
    assert sorted(path.read_bytes() for path in other.blobs.rglob("*") if path.is_file()) == [b"model", b"png"]
    with closing(Store(other)) as store:
        assert store.open_streams() == []


def test_a_run_whose_kernel_died_arrives_as_it_was(data: ProjectData, other: ProjectData, file: Path) -> None:
    leave(data, started(), logged("Accuracy", 0.5))
    export(data, [RUN_ID], file)
    import_runs(other, file)
    assert queries.info(other, RUN_ID)["error"] == {
        "name": "KernelDied",
        "message": "The kernel's process ended before the cell did.",
    }
    assert told(other)[0] == told(data)[0]


def test_that_records_were_left_out_travels_too(
    data: ProjectData, other: ProjectData, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_RECORDS", "1KB")
    leave(data, started(), *(logged("loss", value) for value in range(100)))
    monkeypatch.delenv("JUPYTER_WORKBENCH_MAX_RECORDS")
    export(data, [RUN_ID], file)
    import_runs(other, file)
    assert queries.info(other, RUN_ID)["incomplete"] == queries.info(data, RUN_ID)["incomplete"] is not None
    assert told(other) == told(data)


def test_what_was_changed_afterwards_travels_too(data: ProjectData, other: ProjectData, file: Path) -> None:
    leave_everything(data)
    editing.set_tags(data, [RUN_ID], {"stage": None, "best": "yes"})
    editing.set_note(data, RUN_ID, "")
    editing.set_experiment(data, [RUN_ID], "other")
    export(data, [RUN_ID], file)
    import_runs(other, file)
    assert told(other) == told(data)


def test_two_projects_may_have_a_run_of_one_id(data: ProjectData, other: ProjectData, file: Path) -> None:
    leave_everything(data)
    leave(other, started(OTHER_RUN), ended(OTHER_RUN))
    export(data, [RUN_ID], file)
    assert import_runs(other, file).runs == 1
    assert [run["run_id"] for run in queries.list_runs(other)] == ["iris_1504832281118", RUN_ID]


def test_importing_again_changes_nothing(data: ProjectData, other: ProjectData, file: Path) -> None:
    leave_everything(data)
    export(data, [RUN_ID], file)
    import_runs(other, file)
    before = everything(other)
    assert import_runs(other, file) == Imported(runs=0, known=1, unreadable=0, lost=0)
    assert everything(other) == before


def test_runs_come_home_unchanged(data: ProjectData, file: Path) -> None:
    leave_everything(data)
    export(data, [RUN_ID], file)
    editing.set_note(data, RUN_ID, "newer")
    before = everything(data)
    assert import_runs(data, file).known == 1
    assert everything(data) == before


def test_an_import_that_was_cut_short_goes_on(
    data: ProjectData, other: ProjectData, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_everything(data)
    leave(data, started(OTHER_RUN, id=OTHER_ID), *(logged("loss", i, OTHER_RUN) for i in range(500)), ended(OTHER_RUN))
    export(data, [RUN_ID, OTHER_ID], file)
    monkeypatch.setattr("jupyter_workbench.history.sharing.importing._PIECE_BYTES", 1 << 12)
    apply, done = Store.apply, []

    def dying(store: Store, *arguments: Any) -> int:
        done.append(arguments[0])
        if len(done) == stop:
            raise KeyboardInterrupt
        return apply(store, *arguments)

    monkeypatch.setattr(Store, "apply", dying)
    for attempt in range(1, 30):
        stop = attempt
        done.clear()
        try:
            import_runs(other, file)
            break
        except KeyboardInterrupt:
            with closing(Store(other)) as store:
                sweep(other, store)  # whoever looks in between takes the kernel for dead
    assert stop > 5
    assert told(other) == told(data)


def test_a_run_of_many_values_keeps_their_order(data: ProjectData, other: ProjectData, file: Path) -> None:
    leave(data, started(), *(logged(f"m{i % 7}", i) for i in range(20_000)), ended())
    export(data, [RUN_ID], file)
    import_runs(other, file)
    assert values(other) == values(data)
    assert file.stat().st_size < 600_000


def test_an_export_of_the_same_value_over_and_over_is_not_taken_for_a_bomb(
    data: ProjectData, other: ProjectData, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "FREE_BYTES", 0)
    leave(data, started(), logged("mask", [0] * 500_000), ended())
    export(data, [RUN_ID], file)
    assert import_runs(other, file).runs == 1
    assert told(other) == told(data)


def test_a_source_of_ten_megabytes_travels_in_pieces(data: ProjectData, other: ProjectData, file: Path) -> None:
    source = "x = 'ü'\n" * 1_250_000
    leave(data, started(source=source), ended())
    export(data, [RUN_ID], file)
    import_runs(other, file)
    assert queries.info(other, RUN_ID)["source"] == source


def test_a_content_that_is_gone_is_told_in_the_run(data: ProjectData, other: ProjectData, file: Path) -> None:
    leave(data, started(), saved("outputs/a", b"a"), ended(), contents=(b"a",))
    [blob] = [path for path in data.blobs.rglob("*") if path.is_file()]
    blob.unlink()
    export(data, [RUN_ID], file)
    assert import_runs(other, file).lost == 1
    assert queries.info(other, RUN_ID)["outputs"][0]["problem"] == (
        "the content was not there when the run was exported"
    )


# ---- files that are not as they must be


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[1000:],
        lambda whole: b"PK\x05\x06" + b"\0" * 18,
        lambda whole: whole.replace(b"manifest.json", b"manifest.nosj"),
        lambda whole: whole.replace(b"runs.jsonl", b"runs.lnosj"),
    ],
    ids=["empty", "cut off", "beheaded", "no entries", "no manifest", "no runs"],
)
def test_a_damaged_file_is_refused_in_words(
    data: ProjectData, other: ProjectData, file: Path, change: Callable[[bytes], bytes]
) -> None:
    leave_everything(data)
    export(data, [RUN_ID], file)
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(WorkbenchError) as refused:
        import_runs(other, file)
    assert str(refused.value) == DAMAGED.format(file=file)
    assert queries.list_runs(other) == []


@pytest.mark.parametrize("position", range(0, 100, 3))
def test_a_bit_that_flipped_is_an_import_or_words(
    data: ProjectData, other: ProjectData, file: Path, position: int
) -> None:
    leave_everything(data)
    export(data, [RUN_ID], file)
    whole = bytearray(file.read_bytes())
    whole[len(whole) * position // 100] ^= 0x10
    file.write_bytes(whole)
    said = None
    try:
        import_runs(other, file)
    except WorkbenchError as error:
        said = str(error)
    assert said in (None, DAMAGED.format(file=file))
    for path in other.blobs.rglob("*"):
        assert not path.is_file() or path.read_bytes() in (b"model", b"png")


def test_a_file_of_a_newer_version_says_how_to_read_it(other: ProjectData, file: Path) -> None:
    with pytest.raises(WorkbenchError) as refused:
        import_runs(other, forged(file, version=2))
    assert str(refused.value) == (
        f"{file}: the file was written by a newer jupyter_workbench - upgrade with "
        "`pip install --upgrade jupyter_workbench`"
    )


@pytest.mark.parametrize("manifest", [{"format": "other"}, {"version": "1"}, {"version": None}])
def test_another_format_is_refused(other: ProjectData, file: Path, manifest: dict[str, Any]) -> None:
    with pytest.raises(WorkbenchError) as refused:
        import_runs(other, forged(file, **manifest))
    assert str(refused.value) == DAMAGED.format(file=file)


@pytest.mark.parametrize(
    "records",
    [
        (b"no json\n",),
        (started(),),
        ({"e": "run"},),
        (header(run=5),),
        (header(run="x" * 65),),
        (header(facts=[]),),
        (header(facts=None),),
        (header(captured={"captured": "now"}),),
        (header(captured=[]),),
        (header(lost=[["../../etc/passwd", 1, "x"]]),),
        (header(lost=5),),
        (header(), b"{" * 100_000),
        (b'{"e":"run",' + b"[" * 100_000 + b"\n",),
    ],
)
def test_headers_of_runs_are_checked(other: ProjectData, file: Path, records: tuple[Any, ...]) -> None:
    with pytest.raises(WorkbenchError) as refused:
        import_runs(other, forged(file, *records))
    assert str(refused.value) == DAMAGED.format(file=file)
    assert queries.list_runs(other) == []


def test_records_that_are_none_leave_no_run(other: ProjectData, file: Path) -> None:
    assert import_runs(other, forged(file, header(), b"no json\n", b"[" * 10_000 + b"\n")) == Imported(0, 0, 1, 0)
    assert queries.list_runs(other) == []


def test_a_run_without_an_end_has_failed(other: ProjectData, file: Path) -> None:
    import_runs(other, forged(file, header(), opened(), started()))
    assert queries.info(other, RUN_ID)["error"] == {
        "name": "KernelDied",
        "message": "The file that the run was imported from does not tell how it ended.",
    }


def test_a_file_touches_no_run_that_is_there(data: ProjectData, file: Path) -> None:
    leave_everything(data)
    before = told(data)
    attack = [
        logged("Accuracy", 1.0),
        {"e": "tag", "t": MORNING, "run": RUN, "key": "stage", "value": "done"},
        {"e": "note", "t": MORNING, "run": RUN, "text": "hacked"},
        saved("outputs/model.pkl", b"evil"),
        started(RUN),
        ended(RUN),
    ]
    import_runs(data, forged(file, header(), *attack, header(OTHER_RUN), *attack, header("d" * 32), started(), *attack))
    assert [run["run_id"] for run in queries.list_runs(data)] == [RUN_ID]
    assert told(data) == before


def test_a_file_touches_no_run_of_an_earlier_file(data: ProjectData, other: ProjectData, file: Path) -> None:
    leave_everything(data)
    export(data, [RUN_ID], file)
    import_runs(other, file)
    before = told(other)
    with zipfile.ZipFile(file) as archive_:
        text = archive_.read("runs.jsonl")
    import_runs(other, forged(file, text, logged("Accuracy", 1.0), ended()))
    assert told(other) == before


@pytest.mark.parametrize("path", ["../../evil", "/etc/passwd", "a/../../b", "c:\\evil", "a\nb"])
def test_a_path_that_leads_out_is_no_output(other: ProjectData, file: Path, path: str) -> None:
    output = {**saved("outputs/a", b"evil"), "path": path}
    import_runs(other, forged(file, header(), opened(), started(), output, ended(), blobs={"blobs/" + path: b"evil"}))
    assert queries.info(other, RUN_ID)["outputs"] == []
    assert not list(other.root.parent.rglob("*evil*"))


@pytest.mark.parametrize("content", [b"evil!", b"evil", b"evil" * 100_000])
def test_a_content_of_another_hash_or_size_is_not_kept(other: ProjectData, file: Path, content: bytes) -> None:
    output = saved("outputs/a", b"model")
    blobs = {f"blobs/{output['sha256']}": content, "blobs/../../evil": b"evil", "/tmp/evil": b"evil"}
    import_runs(other, forged(file, header(), opened(), started(), output, ended(), blobs=blobs))
    [kept] = queries.info(other, RUN_ID)["outputs"]
    assert (kept["state"], kept["problem"]) == ("lost", "the file holds another content than it announces")
    assert not [path for path in other.blobs.rglob("*") if path.is_file()]


def test_a_bomb_is_refused_before_it_is_unpacked(other: ProjectData, file: Path) -> None:
    content = b"\0" * (archive.FREE_BYTES + (20 << 20))
    forged(file, header(), blobs={"blobs/" + "a" * 64: content})
    with pytest.raises(WorkbenchError) as refused:
        import_runs(other, file)
    times = (len(content) + 200) // file.stat().st_size
    assert str(refused.value).startswith(f"{file}: the file is refused: unpacked it would be {times}")
    assert not other.root.exists()


def test_an_entry_that_is_longer_than_it_says_is_damage(other: ProjectData, file: Path) -> None:
    forged(file, header(), opened(), started(source="x" * 100_000), ended())
    whole = file.read_bytes()
    start = whole.rindex(b"PK\x01\x02", 0, whole.rindex(b"runs.jsonl"))
    size = struct.pack("<L", 50)
    file.write_bytes(whole[: start + 24] + size + whole[start + 28 :])
    with pytest.raises(WorkbenchError) as refused:
        import_runs(other, file)
    assert str(refused.value) == DAMAGED.format(file=file)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_everything_at_once_are_refused(other: ProjectData, file: Path, method: int) -> None:
    with zipfile.ZipFile(file, "w", method) as made:
        made.writestr("manifest.json", '{"format": "jupyter_workbench runs", "version": 1}')
    with pytest.raises(WorkbenchError) as refused:
        import_runs(other, file)
    assert str(refused.value) == DAMAGED.format(file=file)


def test_a_list_of_names_too_long_for_the_memory_is_not_read(
    other: ProjectData, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_MAX_READ_BYTES", 1 << 16)
    forged(file, header(), blobs={f"{number:01000}": b"" for number in range(100)})
    with pytest.raises(WorkbenchError) as refused:
        import_runs(other, file)
    assert str(refused.value) == DAMAGED.format(file=file)


def test_a_disk_that_is_full_says_so_and_the_next_import_goes_on(
    data: ProjectData, other: ProjectData, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_everything(data)
    export(data, [RUN_ID], file)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("jupyter_workbench.history.store.blobs._copy_verified", full)
        with pytest.raises(HistoryError) as refused:
            import_runs(other, file)
    assert str(refused.value) == (
        f"{other.blobs}: an output cannot be kept (No space left on device) - make room and import the file again"
    )
    assert import_runs(other, file).runs == 1
    assert told(other) == told(data)


@pytest.mark.parametrize(
    ("variable", "limit", "words"),
    [
        ("MAX_OUTPUTS", "4", "the outputs of the project would be more than 4 bytes"),
        ("KEEP_FREE", "900TB", "it waits until more than 900 TB of the disk would stay free"),
    ],
)
def test_the_limits_of_the_user_hold_and_the_next_import_goes_on(
    data: ProjectData,
    other: ProjectData,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    limit: str,
    words: str,
) -> None:
    leave_everything(data)
    export(data, [RUN_ID], file)
    monkeypatch.setenv(f"JUPYTER_WORKBENCH_{variable}", limit)
    with pytest.raises(HistoryError) as refused:
        import_runs(other, file)
    assert str(refused.value) == (
        f"{file}: the import stopped: {words}: JUPYTER_WORKBENCH_{variable} sets this limit - make room and import the "
        "file again"
    )
    monkeypatch.delenv(f"JUPYTER_WORKBENCH_{variable}")
    assert import_runs(other, file).runs == 1
    assert told(other) == told(data)
