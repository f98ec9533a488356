"""Questions to the run history: flat objects as `az ml history` printed them, in Python and at the command line."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kernel_on_paper import (
    FACTS,
    MORNING,
    OTHER_RUN,
    OTHER_STREAM,
    RUN,
    RUN_ID,
    STREAM,
    THIRD_RUN,
    ended,
    leave_blob,
    lines,
    logged,
    opened,
    saved,
    started,
    write,
)

from jupyter_workbench.cli import workbench
from jupyter_workbench.errors import HistoryError, RunNotFound
from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake.sweep import settle
from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.reading import queries
from jupyter_workbench.history.store.store import Store

FIELDS_OF_A_RUN = {
    "run_id": "iris_1504832281117",
    "run_number": 1,
    "name": None,
    "status": "Completed",
    "script_name": "iris.ipynb",
    "start_time_utc": "2017-09-08T00:58:01.117000+00:00",
    "end_time_utc": "2017-09-08T00:58:06.117000+00:00",
    "created_utc": "2017-09-08T00:58:01.117000+00:00",
    "duration": "0:00:04.892389",
    "target": "local",
    "experiment_id": "iris.ipynb",
    "user_id": "ada",
    "attachments": "outputs/cm.png, outputs/model.pkl",
    "properties": {},
    "description": None,
    "hidden": False,
    "heartbeat_enabled": False,
    "parent_run_id": None,
    "run_configuration": "local",
    "error": None,
    "tags": {},
}


def a_run(*logs: dict[str, object]) -> bytes:
    return lines(
        opened(), started(), *logs, saved("outputs/model.pkl", b"model"), saved("outputs/cm.png", b"png"), ended()
    )


def test_a_run_is_one_flat_object_with_its_metrics_first(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, a_run(logged("Accuracy", 0.679), logged("Regularization Rate", 0.078)), FACTS)
    [run] = queries.list_runs(data)
    assert run == {"Accuracy": 0.679, "Regularization Rate": 0.078, **FIELDS_OF_A_RUN}
    assert list(run)[:2] == ["Accuracy", "Regularization Rate"]
    assert set(queries.RUN_FIELDS) == set(FIELDS_OF_A_RUN)


def test_a_name_logged_more_often_is_the_list_of_all_its_values(store: Store, data: ProjectData) -> None:
    logs = [logged("loss", i) for i in range(5000)]
    store.apply(STREAM, 0, a_run(*logs, logged("once", [1, 2]), logged("mixed", 1), logged("mixed", "x")), FACTS)
    [run] = queries.list_runs(data)
    assert run["loss"] == list(range(5000))
    assert run["once"] == [1, 2]
    assert run["mixed"] == [1, "x"]


def test_a_metric_named_like_a_run_field_is_shown_with_a_prefix(store: Store, data: ProjectData) -> None:
    names = ["status", "source", "metric:status", "error"]
    store.apply(STREAM, 0, a_run(*(logged(name, name) for name in names)), FACTS)
    for run in (queries.list_runs(data)[0], queries.info(data, RUN_ID)):
        assert {key: run[f"metric:{key}"] for key in names} == {key: key for key in names}
        assert run["status"] == "Completed"


def test_the_newest_run_is_first_and_a_page_is_a_part_of_the_list(store: Store, data: ProjectData) -> None:
    for i in range(10):
        run = [started(f"{i:032x}", t=MORNING + i, id=f"iris_{i}"), logged("i", i, run=f"{i:032x}")]
        store.apply(f"20260102T030405-{i:016x}", 0, lines(opened(), *run), FACTS)
    assert [run["i"] for run in queries.list_runs(data)] == list(range(9, -1, -1))
    assert [run["i"] for run in queries.list_runs(data, limit=3, offset=2)] == [7, 6, 5]
    assert queries.list_runs(data, limit=3, offset=10) == []
    assert queries.last(data)["i"] == 9


def test_a_running_run_has_no_end(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started()), FACTS)
    [run] = queries.list_runs(data)
    assert (run["status"], run["end_time_utc"], run["duration"]) == ("Running", None, None)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00:00.000000"), (3600.5, "1:00:00.500000"), (90_000, "1 day, 1:00:00.000000")]
)
def test_a_duration_always_has_its_six_decimals(store: Store, data: ProjectData, seconds: float, text: str) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), ended(duration=seconds)), FACTS)
    assert queries.list_runs(data)[0]["duration"] == text


def test_a_failed_run_tells_its_error(store: Store, data: ProjectData) -> None:
    error = {"name": "ValueError", "message": "no data"}
    store.apply(STREAM, 0, lines(opened(), started(), ended(status="Failed", error=error)), FACTS)
    assert queries.list_runs(data)[0]["error"] == error


def test_the_notebook_of_the_kernel_stands_in_for_that_of_the_cell(store: Store, data: ProjectData) -> None:
    facts = FACTS.__class__(**{**vars(FACTS), "notebook": "from-the-server.ipynb"})
    store.apply(STREAM, 0, lines(opened(), started(notebook=None)), facts)
    assert queries.list_runs(data)[0]["script_name"] == "from-the-server.ipynb"


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ("/projects/iris/notebooks/train.ipynb", "notebooks/train.ipynb"),
        ("/projects/iris-old/train.ipynb", "/projects/iris-old/train.ipynb"),
        ("train.ipynb", "train.ipynb"),
    ],
)
def test_a_notebook_is_named_from_the_folder_of_its_project_on(store: Store, data: ProjectData, told, named) -> None:
    facts = FACTS.__class__(**{**vars(FACTS), "project_dir": "/projects/iris"})
    store.apply(STREAM, 0, lines(opened(), started(notebook=told)), facts)
    assert queries.list_runs(data)[0]["script_name"] == named


def test_infinite_values_are_floats_here_and_words_in_json(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, a_run(logged("nan", float("nan")), logged("inf", [float("-inf")])), FACTS)
    [run] = queries.list_runs(data)
    assert math.isnan(run["nan"])
    assert run["inf"] == [float("-inf")]


def test_the_info_of_a_run_has_its_outputs_and_its_source(spool: Spool, store: Store, data: ProjectData) -> None:
    leave_blob(spool, b"model")
    write(spool, a_run(logged("Accuracy", 1)))
    settle(spool, store, None)
    assert queries.info(data, RUN_ID) == {
        "Accuracy": 1,
        **FIELDS_OF_A_RUN,
        "attachments": "outputs/model.pkl",
        "outputs": [
            {
                "path": "outputs/cm.png",
                "size": 3,
                "sha256": hashlib.sha256(b"png").hexdigest(),
                "state": "lost",
                "problem": "the kernel left no content",
            },
            {
                "path": "outputs/model.pkl",
                "size": 5,
                "sha256": hashlib.sha256(b"model").hexdigest(),
                "state": "kept",
                "problem": None,
            },
        ],
        "source": "train()",
        "execution_count": 3,
        "cell": "c1",
        "framework": "Python",
        "kernel_id": "kernel-1",
        "python": "3.11.7",
        "host": "box",
        "experiment": "iris.ipynb",
        "note": None,
        "user": "ada",
        "usage": {},
        "git": {
            "commit": None,
            "branch": None,
            "remote": None,
            "dirty": None,
            "problem": None,
            "captured_utc": None,
            "has_diff": False,
        },
        "environment": None,
        "packages": [],
        "variables": [],
        "stdout": "",
        "stderr": "",
        "stdout_omitted": 0,
        "stderr_omitted": 0,
        "traceback": None,
        "ipykernel": None,
        "incomplete": None,
        "revision": 4,
    }


def test_a_source_of_ten_megabytes_is_kept_whole(store: Store, data: ProjectData) -> None:
    source = "x = 'ü'\n" * 1_250_000
    store.apply(STREAM, 0, lines(opened(), started(source=source)), FACTS)
    assert queries.info(data, RUN_ID)["source"] == source


def test_a_project_without_history_has_no_runs_and_gets_no_files(data: ProjectData) -> None:
    assert queries.list_runs(data) == []
    with pytest.raises(RunNotFound) as caught:
        queries.last(data)
    assert str(caught.value) == (
        "The project has no runs yet: run a cell after `%azureml history on` in one of its kernels."
    )
    assert not data.root.exists()


def test_a_run_that_is_not_there_is_told_how_to_be_found(store: Store, data: ProjectData) -> None:
    with pytest.raises(RunNotFound) as caught:
        queries.info(data, "iris_1")
    assert str(caught.value) == "The project has no run 'iris_1': `workbench history list` shows the ids of all runs."


def test_a_damaged_database_is_told(data: ProjectData) -> None:
    data.root.mkdir()
    data.database.write_bytes(b"no database\n" * 100)
    with pytest.raises(HistoryError) as caught:
        queries.list_runs(data)
    assert str(caught.value) == (
        f"{data.database}: the run history is damaged (not a database) - "
        "`workbench history repair` saves what can be read and what still waits in spools"
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectData:
    """The data of a project whose folder is the current one."""
    monkeypatch.setenv("JUPYTER_WORKBENCH_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "iris" / "aml_config").mkdir(parents=True)
    (tmp_path / "iris" / "below").mkdir()
    (tmp_path / "iris" / ".azureml").mkdir()
    (tmp_path / "iris" / ".azureml" / "project.json").write_text('{"Id": "0f3a", "Scope": "/projects/iris"}')
    monkeypatch.chdir(tmp_path / "iris")
    return project_data(tmp_path / "iris", "0f3a")


@pytest.fixture
def run() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(workbench, ["history", *arguments])


@pytest.fixture
def two_runs(project: ProjectData) -> ProjectData:
    write(project.new_spool(FACTS), a_run(logged("Accuracy", 0.5), logged("bad", float("nan")), logged("x", [1])))
    newer = [opened(), started(OTHER_RUN, t=MORNING + 60, id="iris_2"), logged("Accuracy", 0.75, run=OTHER_RUN)]
    write(project.new_spool(FACTS), lines(*newer, ended(OTHER_RUN)))
    return project


def test_the_command_line_shows_what_dead_kernels_left_without_any_server(
    two_runs: ProjectData, run: Callable[..., Result]
) -> None:
    result = run("list")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["ACCURACY", "BAD", "DURATION", "RUN", "ID", "SCRIPT", "NAME", "START", "TIME", "UTC", "STATUS"],
        ["0.75", "-", "0:00:04.892389", "iris_2", "iris.ipynb", "2017-09-08T00:59:01.117000+00:00", "Completed"],
        ["0.5", "NaN", "0:00:04.892389", "iris_1504832281117", "iris.ipynb", "2017-09-08T00:58:01.117000+00:00",
         "Completed"],
    ]  # fmt: skip


def test_json_is_strict_and_queries_work_as_in_2017(two_runs: ProjectData, run: Callable[..., Result]) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    rows = json.loads(run("list", "-o", "json").stdout, parse_constant=refuse)
    assert [row["run_id"] for row in rows] == ["iris_2", RUN_ID]
    assert rows[1]["bad"] == "NaN"
    best = run("list", "--query", "[?Accuracy != null] | max_by(@, &Accuracy).run_id", "-o", "json")
    assert json.loads(best.stdout) == "iris_2"
    over = run("list", "--query", "[?Accuracy >= sum(`[0.7, -0.03]`)] | sort_by(@,&duration)[].Accuracy", "-o", "json")
    assert json.loads(over.stdout) == [0.75]


def test_last_and_info_show_one_run(two_runs: ProjectData, run: Callable[..., Result]) -> None:
    assert json.loads(run("last", "-o", "json", "--project", "below").stdout)["run_id"] == "iris_2"
    shown = json.loads(run("info", "-r", RUN_ID, "-o", "json").stdout)
    assert (shown["Accuracy"], shown["source"]) == (0.5, "train()")
    table = run("info", "--run", "iris_2")
    assert table.exit_code == 0
    assert ["run_id", "iris_2"] in [line.split() for line in table.stdout.splitlines()]


def test_no_runs_are_told_on_stderr(project: ProjectData, run: Callable[..., Result]) -> None:
    result = run("list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "The project has no runs yet: run a cell after `%azureml history on` in one of its kernels.\n"
    )
    assert run("list", "-o", "json").stdout == "[]\n"


def test_an_unknown_run_is_one_sentence_and_exit_1(two_runs: ProjectData, run: Callable[..., Result]) -> None:
    result = run("info", "-r", "iris_3")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == ("The project has no run 'iris_3': did you mean iris_2?\n")


def test_a_damaged_database_is_one_sentence_and_exit_1(two_runs: ProjectData, run: Callable[..., Result]) -> None:
    two_runs.database.write_bytes(b"no database\n" * 100)
    result = run("list")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"{two_runs.database}: the run history is damaged (not a database) - "
        "`workbench history repair` saves what can be read and what still waits in spools\n"
    )


def test_what_cannot_be_taken_in_is_told_and_the_rest_is_shown(
    two_runs: ProjectData, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("list").exit_code == 0
    waiting = two_runs.new_spool(FACTS)
    write(waiting, lines(opened(), started(THIRD_RUN, id="iris_3")))

    def full(*_: object) -> int:
        raise HistoryError("the disk is full")

    monkeypatch.setattr(Store, "apply", full)
    result = run("list", "-o", "json")
    assert [row["run_id"] for row in json.loads(result.stdout)] == ["iris_2", RUN_ID]
    assert (result.exit_code, result.stderr) == (0, "the disk is full\n")
    assert waiting.folder.exists()


def test_a_run_of_another_stream_is_listed_too(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started()), FACTS)
    store.apply(OTHER_STREAM, 0, lines(opened(user="bob"), started(OTHER_RUN, id="iris_9")), FACTS)
    assert [run["user_id"] for run in queries.list_runs(data)] == ["bob", "ada"]
    assert RUN != OTHER_RUN
