"""What people change about runs, and who hears of it."""

from __future__ import annotations

import pytest
from runs_here import BAD, BINNED, GOOD, MODEL_PATH, RUNNING

from jupyter_workbench.history.store.blobs import blob_path
from jupyter_workbench.server import extension
from jupyter_workbench.server.run_events import RUNS_CHANGED
from jupyter_workbench.server.workbench import Workbench

PATCH = 'send {"tags": {"stage": "final", "draft": null}, "note": "the best yet", "experiment": "baseline"}'
TAGS = (
    "expected an object of tags: keys of 1 to 250 characters, values that are texts of up to 5000 characters, "
    "or null to remove one"
)
NOTE = "note: expected a text of up to 50000 characters"
EXPERIMENT = "experiment: expected a name of 1 to 250 characters, or null for the notebook's own"
SEND_RUNS = 'send {"runs": ["myIris_1504832281116"], "tags": {"stage": "final", "draft": null}}'


@pytest.fixture
def heard(monkeypatch):
    """What front ends hear of: the folder and the ids, each time."""
    calls = []

    def listening(*arguments, **named):
        workbench = Workbench(*arguments, **named)
        monkeypatch.setattr(workbench.run_events, "changed", lambda folder, ids: calls.append((folder, list(ids))))
        return workbench

    monkeypatch.setattr(extension, "Workbench", listening)
    return calls


@pytest.fixture
def ask(heard, an_api, my_iris, its_runs):
    """Change something below `/workbench/api/runs/`."""

    async def ask(method, path, body=None, query=""):
        return await an_api.ask(method, f"workbench/api/runs/{path}?project_dir={my_iris}&{query}", body)

    return ask


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b"",
            'expected tags, note or experiment in the body of the request, got nothing - send {"note": "the best yet"}',
        ),
        (
            {},
            'expected tags, note or experiment in the body of the request, got nothing - send {"note": "the best yet"}',
        ),
        (
            b"note=x",
            "expected a JSON object in the body of the request, got other text "
            f"(Expecting value: line 1 column 1 (char 0)) - {PATCH}",
        ),
        ([], f"expected a JSON object in the body of the request, got [] - {PATCH}"),
        ({"nots": "x"}, '"nots": unknown field - did you mean note?'),
        ({"note": None}, f"{NOTE}, got null - {PATCH}"),
        ({"note": 5}, f"{NOTE}, got 5 - {PATCH}"),
        ({"note": "x" * 50_001}, f'{NOTE}, got "{"x" * 59}... - {PATCH}'),
        ({"experiment": ""}, f'{EXPERIMENT}, got "" - {PATCH}'),
        ({"experiment": "  "}, f'{EXPERIMENT}, got "  " - {PATCH}'),
        ({"experiment": ["x"]}, f'{EXPERIMENT}, got ["x"] - {PATCH}'),
        ({"experiment": "x" * 251}, f'{EXPERIMENT}, got "{"x" * 59}... - {PATCH}'),
        ({"tags": {}}, f"tags: {TAGS}, got {{}} - {PATCH}"),
        ({"tags": ["stage"]}, f'tags: {TAGS}, got ["stage"] - {PATCH}'),
        ({"tags": {"": "x"}}, f'tags: {TAGS}, got {{"": "x"}} - {PATCH}'),
        ({"tags": {"a": 1}}, f'tags: {TAGS}, got {{"a": 1}} - {PATCH}'),
        ({"tags": {"a": "x" * 5001}}, f'tags: {TAGS}, got {{"a": "{"x" * 53}... - {PATCH}'),
        ({"tags": {"x" * 251: None}}, f'tags: {TAGS}, got {{"{"x" * 58}... - {PATCH}'),
    ],
)
async def test_a_change_that_is_not_understood_says_what_was_expected(ask, heard, body, message):
    before = (await ask("GET", GOOD)).body
    told = await ask("PATCH", GOOD, body)
    assert (told.status, told.body) == (400, {"message": message, "reason": "BadRequest"})
    assert (await ask("GET", GOOD)).body == before
    assert heard == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "nobody_1", {"note": "x"}),
        ("DELETE", "nobody_1", None),
        ("POST", "nobody_1/undelete", None),
        ("POST", "tags", {"runs": [GOOD, "nobody_1"], "tags": {"a": "b"}}),
    ],
)
async def test_a_run_that_there_is_none_of_says_so_and_nothing_changes(ask, heard, method, path, body):
    told = await ask(method, path, body)
    assert (told.status, told.body) == (
        404,
        {
            "message": "The project has no run 'nobody_1': `workbench history list` shows the ids of all runs.",
            "reason": "RunNotFound",
        },
    )
    assert (await ask("GET", GOOD)).body["tags"] == {"stage": "final"}
    assert heard == []


@pytest.mark.parametrize("query", ["", "for_good=true"])
async def test_a_run_that_runs_cannot_be_deleted(ask, heard, query):
    told = await ask("DELETE", RUNNING, query=query)
    assert (told.status, told.body) == (
        409,
        {"message": f"The run {RUNNING} still runs: it can be removed when it has ended.", "reason": "RunStillRuns"},
    )
    assert heard == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", GOOD, {"note": "x"}),
        ("DELETE", GOOD, None),
        ("POST", f"{GOOD}/undelete", None),
        ("POST", "tags", {"runs": [GOOD], "tags": {"a": "b"}}),
    ],
)
async def test_a_parameter_that_is_not_known_changes_nothing(ask, heard, method, path, body):
    told = await ask(method, path, body, query="forgood=true")
    assert (told.status, told.body["reason"]) == (400, "BadRequest")
    assert heard == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"tags": {"a": "b"}}, "runs: expected a list of 1 to 1000 ids of runs, got nothing"),
        ({"runs": [], "tags": {"a": "b"}}, "runs: expected a list of 1 to 1000 ids of runs, got []"),
        ({"runs": GOOD, "tags": {"a": "b"}}, f'runs: expected a list of 1 to 1000 ids of runs, got "{GOOD}"'),
        ({"runs": [1], "tags": {"a": "b"}}, "runs: expected a list of 1 to 1000 ids of runs, got [1]"),
        ({"runs": [GOOD]}, f"tags: {TAGS}, got nothing"),
    ],
)
async def test_tags_of_several_runs_say_what_was_expected(ask, body, message):
    told = await ask("POST", "tags", body)
    assert (told.status, told.body) == (400, {"message": f"{message} - {SEND_RUNS}", "reason": "BadRequest"})


async def test_what_is_not_named_stays(ask, heard, my_iris):
    told = await ask("PATCH", GOOD, {"tags": {"stage": None, "größe": "12 \U0001f600"}})
    assert told.status == 200
    assert (told.body["tags"], told.body["experiment"], told.body["note"]) == (
        {"größe": "12 \U0001f600"},
        "baseline",
        None,
    )
    assert heard == [(str(my_iris), [GOOD])]


async def test_a_note_is_replaced_and_an_empty_one_removes_it(ask):
    assert (await ask("PATCH", BAD, {"note": "a\nb"})).body["note"] == "a\nb"
    assert (await ask("PATCH", BAD, {"note": ""})).body["note"] is None


async def test_a_run_moves_to_an_experiment_and_back_to_its_notebook(ask):
    assert (await ask("PATCH", BAD, {"experiment": "second"})).body["experiment"] == "second"
    assert (await ask("PATCH", BAD, {"experiment": None})).body["experiment"] == "iris.ipynb"


async def test_half_a_character_is_kept_as_its_escape(ask):
    told = await ask("PATCH", GOOD, b'{"note": "\\ud800", "tags": {"k\\udfff": "\\ud800"}, "experiment": "e\\ud800"}')
    assert (told.status, told.body["note"], told.body["experiment"]) == (200, "\\ud800", "e\\ud800")
    assert told.body["tags"]["k\\udfff"] == "\\ud800"


async def test_half_a_character_is_in_no_id_of_a_run(ask):
    told = await ask("POST", "tags", b'{"runs": ["x_\\ud800"], "tags": {"a": "b"}}')
    assert (told.status, told.body["reason"]) == (404, "RunNotFound")


async def test_every_change_has_a_revision_of_its_own(ask):
    first = (await ask("GET", GOOD)).body["revision"]
    assert (await ask("PATCH", GOOD, {"note": "x"})).body["revision"] > first


async def test_tags_of_several_runs_are_set_at_once(ask, heard, my_iris):
    told = await ask("POST", "tags", {"runs": [GOOD, BAD], "tags": {"kept": "yes", "stage": None}})
    assert (told.status, told.body) == (204, None)
    assert [(await ask("GET", run)).body["tags"] for run in (GOOD, BAD)] == [{"kept": "yes"}] * 2
    assert heard == [(str(my_iris), [GOOD, BAD])]


async def test_last_is_told_by_its_id(ask, heard, my_iris):
    assert (await ask("PATCH", "last", {"note": "x"})).body["run_id"] == RUNNING
    assert heard == [(str(my_iris), [RUNNING])]


async def test_a_deleted_run_waits_in_the_bin(ask, heard, my_iris, its_runs):
    told = await ask("DELETE", GOOD)
    assert (told.status, told.body) == (200, {"runs": 1, "bytes": 0})
    assert (await ask("GET", GOOD)).body["deleted_utc"] is not None
    assert (await ask("DELETE", GOOD)).status == 200
    told = await ask("POST", f"{GOOD}/undelete")
    assert (told.status, told.body["run_id"], told.body["deleted_utc"]) == (200, GOOD, None)
    assert heard == [(str(my_iris), [GOOD])] * 3


@pytest.mark.parametrize("run_id", [GOOD, BINNED])
async def test_a_run_that_is_removed_for_good_is_gone(ask, run_id):
    told = await ask("DELETE", run_id, query="for_good=true")
    assert (told.status, told.body["runs"]) == (200, 1)
    for method, path in ("GET", run_id), ("DELETE", run_id), ("POST", f"{run_id}/undelete"):
        assert (await ask(method, path)).status == 404


async def test_outputs_that_no_other_run_has_are_freed(ask, its_runs):
    outputs = {output["path"]: output for output in (await ask("GET", GOOD)).body["outputs"]}
    kept = blob_path(its_runs.blobs, outputs[MODEL_PATH]["sha256"])
    assert kept.exists()
    told = await ask("DELETE", GOOD, query="for_good=true")
    assert told.body == {"runs": 1, "bytes": sum(one["size"] for one in outputs.values() if one["state"] == "kept")}
    assert not kept.exists()


async def test_front_ends_hear_of_a_change(an_api, my_iris, its_runs):
    an_api.app.event_logger.add_listener(schema_id=RUNS_CHANGED, listener=an_api.hear)
    told = await an_api.ask("PATCH", f"workbench/api/runs/{BAD}?project_dir={my_iris}", {"note": "x"})
    assert told.status == 200
    await an_api.until_event(project_dir=str(my_iris), run_ids=[BAD])
