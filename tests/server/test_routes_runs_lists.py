"""Lists of runs: pages, filters, what there is to choose from, comparisons."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from runs_here import ANY_NAME, BAD, BINNED, GOOD, NOON, RUNNING

from jupyter_workbench.history.location import project_data
from jupyter_workbench.server.routes.runs import lists
from jupyter_workbench.server.routes.runs.asking import THREADS

LISTS = ["runs", "runs/names", "runs/choices", "runs/cells?notebook=iris.ipynb", f"runs/compare?run={GOOD}&run={BAD}"]


@pytest.fixture
def ask(an_api, my_iris, its_runs):
    """Ask for something below `/workbench/api/runs`."""

    async def ask(path="", query="", project_dir=my_iris):
        return await an_api.ask("GET", f"workbench/api/runs{path}?project_dir={project_dir}&{query}")

    return ask


async def ids(ask, query):
    told = await ask(query=query)
    assert told.status == 200, told.body
    return [run["run_id"] for run in told.body["runs"]]


@pytest.mark.parametrize("path", LISTS)
async def test_a_project_has_to_be_named(an_api, path):
    told = await an_api.ask("GET", f"workbench/api/{path}")
    assert (told.status, told.body["reason"]) == (400, "BadRequest")
    assert told.body["message"] == (
        "project_dir: expected the folder of a project, got nothing - write ?project_dir=/home/you/myIris"
    )


async def test_no_history_is_read_of_a_project_that_the_server_does_not_show(ask, tmp_path):
    (tmp_path / "elsewhere/aml_config").mkdir(parents=True)
    told = await ask(project_dir=tmp_path / "elsewhere")
    assert (told.status, told.body) == (
        404,
        {
            "message": f"project_dir: expected the folder of a project that this server shows, "
            f"got {tmp_path}/elsewhere - GET /workbench/api/projects lists them",
            "reason": "ProjectNotFound",
        },
    )


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("", "limit=1001", "limit: expected a whole number from 0 to 1000, got 1001 - write limit=100"),
        ("", "offset=-1", "offset: expected a whole number from 0 to 1000000000000000, got -1 - write offset=0"),
        (
            "",
            "status=Done",
            "status: expected Running, Completed, Failed or Canceled, got Done - write status=Running",
        ),
        ("", "statsu=Failed", "statsu: unknown parameter - did you mean status?"),
        (
            "/names",
            "limit=1",
            "limit: unknown parameter - expected one of cell, deleted, experiment, notebook, project_dir, "
            "run_configuration, since, status, tag, target, text, until, user",
        ),
        ("/choices", "status=Failed", "status: unknown parameter - expected one of project_dir"),
        (
            "/compare",
            f"run={GOOD}",
            "run: expected 2 to 10 ids of runs, got 1 - write run=myIris_1504832281116&run=myIris_1504832283342",
        ),
        (
            "/compare",
            "&".join(["run=x"] * 11),
            "run: expected 2 to 10 ids of runs, got 11 - write run=myIris_1504832281116&run=myIris_1504832283342",
        ),
    ],
)
async def test_a_question_that_is_not_understood_says_what_was_expected(ask, path, query, message):
    told = await ask(path, query)
    assert (told.status, told.body) == (400, {"message": message, "reason": "BadRequest"})


async def test_a_sort_that_there_is_none_of_says_which_there_are(ask):
    told = await ask(query="sort=-colour")
    assert (told.status, told.body["reason"]) == (400, "BadQuestion")
    assert told.body["message"].startswith("Runs cannot be sorted by 'colour': expected metric:NAME or one of started,")


async def test_a_comparison_with_a_run_that_there_is_none_of_says_so(ask):
    told = await ask("/compare", f"run={GOOD}&run=x_1")
    assert (told.status, told.body) == (
        404,
        {
            "message": "The project has no run 'x_1': `workbench history list` shows the ids of all runs.",
            "reason": "RunNotFound",
        },
    )


async def test_a_damaged_history_is_said_and_is_no_fault_of_ours(ask, its_runs):
    its_runs.database.write_bytes(b"no database" * 1000)
    told = await ask()
    assert (told.status, told.body["reason"]) == (500, "HistoryError")
    assert told.body["message"].startswith(f"{its_runs.database}: the run history is damaged")


async def test_a_project_that_was_never_tracked_has_no_runs_and_gets_no_files(an_api, my_iris):
    told = await an_api.get("runs", project_dir=str(my_iris))
    assert (told.status, told.body) == (200, {"total": 0, "runs": []})
    assert not project_data(my_iris, None).root.exists()


@pytest.mark.parametrize("path", ["", "/names", "/choices", "/cells"])
async def test_a_history_that_takes_long_to_read_holds_nobody_up(an_api, ask, monkeypatch, path):
    gate, waiting = threading.Event(), threading.Semaphore(0)

    def wait(*_, **__):
        waiting.release()
        gate.wait(30)
        raise ZeroDivisionError

    for name in ("overview", "logged_names", "choices", "newest_by_cell"):
        monkeypatch.setattr(lists, name, wait)
    query = "notebook=iris.ipynb" if path == "/cells" else ""
    slow = [asyncio.create_task(ask(path, query)) for _ in range(THREADS + 1)]
    for _ in range(THREADS):
        await asyncio.to_thread(waiting.acquire)
    assert (await an_api.get("projects")).status == 200
    assert not any(task.done() for task in slow)
    gate.set()
    assert [told.status for told in await asyncio.gather(*slow)] == [500] * len(slow)


async def test_runs_come_newest_first_and_without_those_in_the_bin(ask):
    told = await ask()
    assert told.body["total"] == 3
    assert [run["run_id"] for run in told.body["runs"]] == [RUNNING, BAD, GOOD]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=Failed", [BAD]),
        ("status=Running", [RUNNING]),
        ("experiment=baseline", [GOOD]),
        ("experiment=iris.ipynb", [RUNNING, BAD]),
        ("notebook=other.ipynb", []),
        ("run_configuration=local&target=local&user=ada", [RUNNING, BAD, GOOD]),
        ("user=bob", []),
        ("cell=cell-0", [GOOD]),
        ("cell=cell", []),
        ("tag=stage", [GOOD]),
        ("tag=stage%3Dfinal", [GOOD]),
        ("tag=stage%3Ddraft", []),
        ("tag=stage&tag=other", []),
        (f"since={NOON + 60}", [RUNNING, BAD]),
        (f"until={NOON + 60}", [GOOD]),
        ("since=2026-11-21T13:47:02Z&until=2026-11-21T13:48:02Z", [BAD]),
        ("text=why", [BAD]),
        ("text=%25", []),
        ("deleted=true", [BINNED]),
        ("sort=metric:Accuracy", [BAD, GOOD, RUNNING]),
        ("sort=-metric:Accuracy", [GOOD, BAD, RUNNING]),
        ("sort=run_number&limit=1&offset=1", [BAD]),
        ("limit=0", []),
        ("offset=3", []),
    ],
)
async def test_a_list_shows_what_was_asked_for(ask, query, found):
    assert await ids(ask, query) == found


async def test_what_json_cannot_write_reaches_a_browser_as_text(ask):
    told = await ask(query="experiment=baseline")
    metrics = told.body["runs"][0]["metrics"]
    assert metrics["Worst"] == {
        "kind": "number",
        "count": 1,
        "last": "-Infinity",
        "min": "-Infinity",
        "max": "-Infinity",
    }
    assert (metrics["Loss"]["last"], metrics["Loss"]["min"], metrics["Loss"]["max"]) == ("Infinity", 0.25, "Infinity")
    assert json.loads(json.dumps(told.body), parse_constant=pytest.fail) == told.body


async def test_the_names_are_those_of_the_runs_that_fit(ask):
    assert (await ask("/names", "status=Failed")).body == [{"name": "Accuracy", "kind": "number", "runs": 1}]
    names = {(row["name"], row["kind"]): row["runs"] for row in (await ask("/names")).body}
    assert names["Accuracy", "number"] == 2
    assert (ANY_NAME, "number") in names
    assert ("Plot", "image") in names


async def test_the_choices_are_what_occurs(ask):
    assert (await ask("/choices")).body == {
        "experiment": ["baseline", "iris.ipynb"],
        "notebook": ["iris.ipynb"],
        "run_configuration": ["local"],
        "target": ["local"],
        "status": ["Completed", "Failed", "Running"],
        "user": ["ada"],
        "tags": {"stage": ["final"]},
    }


async def test_the_runs_of_cells_are_those_of_a_notebook(ask):
    told = (await ask("/cells", "notebook=elsewhere/iris.ipynb")).body
    assert told == [
        {"cell": "cell-0", "run_id": GOOD, "run_number": 1, "status": "Completed"},
        {"cell": "cell-1", "run_id": BAD, "run_number": 2, "status": "Failed"},
        {"cell": "cell-2", "run_id": RUNNING, "run_number": 3, "status": "Running"},
    ]


async def test_runs_of_cells_need_a_notebook(ask):
    told = await ask("/cells")
    assert (told.status, told.body["message"]) == (
        400,
        "notebook: expected the path of a notebook, got nothing - write notebook=notebooks/iris.ipynb",
    )


async def test_the_newest_run_is_compared_by_the_name_last(ask):
    told = (await ask("/compare", f"run={GOOD}&run=last")).body
    assert [run["run_id"] for run in told["runs"]] == [GOOD, RUNNING]


async def test_a_comparison_keeps_the_order_of_the_request(ask):
    told = (await ask("/compare", f"run={BAD}&run={GOOD}")).body
    assert [run["run_id"] for run in told["runs"]] == [BAD, GOOD]
    assert [summary and summary["last"] for summary in told["metrics"]["Accuracy"]] == [0.1, 0.9]
    assert {"metric:Accuracy", "status", "experiment"} <= set(told["differs"])
    assert told["source_diff"][0] is None
    assert "-train(2)\n+train()" in told["source_diff"][1]
    assert told["packages"] == [
        None,
        {"added": ["pandas==1"], "changed": [["numpy", "2", "1"]], "removed": ["torch==1"]},
    ]
    assert told["images"] == {"Plot": [None, "images/confusion.png"]}
