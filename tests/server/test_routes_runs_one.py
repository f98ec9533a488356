"""One run: what is known of it, its series and its texts."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from runs_here import ANY_NAME, BAD, BINNED, GOOD, IMAGE_PATH, LOST_PATH, MODEL, MODEL_PATH, NOON, RUNNING, sha256


@pytest.fixture
def ask(an_api, my_iris, its_runs):
    """Ask for something below `/workbench/api/runs/`."""

    async def ask(path, query="", project_dir=my_iris):
        return await an_api.ask("GET", f"workbench/api/runs/{path}?project_dir={project_dir}&{query}")

    return ask


@pytest.mark.parametrize("path", ["{}", "{}/series", "{}/texts/source", "{}/outputs/outputs/model.pkl"])
async def test_a_run_that_there_is_none_of_says_so(ask, path):
    told = await ask(path.format("nobody_1"), "name=Loss" if path.endswith("series") else "")
    assert (told.status, told.body) == (
        404,
        {
            "message": "The project has no run 'nobody_1': `workbench history list` shows the ids of all runs.",
            "reason": "RunNotFound",
        },
    )


@pytest.mark.parametrize("path", ["{}", "{}/series", "{}/texts/source", "{}/outputs/outputs/model.pkl"])
async def test_a_run_of_another_project_is_not_found(ask, write_project, path):
    other = write_project("other", {"local.runconfig": "Target: local\n"})
    told = await ask(path.format(GOOD), "name=Loss" if path.endswith("series") else "", project_dir=other)
    assert (told.status, told.body["reason"]) == (404, "RunNotFound")


async def test_a_near_id_is_offered(ask):
    told = await ask(GOOD[:-1])
    assert told.status == 404
    assert told.body["message"].startswith(f"The project has no run {GOOD[:-1]!r}: did you mean ")


@pytest.mark.parametrize("run_id", ["..", "%2e%2e", "..%2F..%2Fetc%2Fpasswd", "%00", "a%0Ab", "'%20OR%201=1--", "%25"])
async def test_an_id_is_an_id_and_no_path(ask, run_id):
    told = await ask(run_id)
    assert (told.status, told.body["reason"]) == (404, "RunNotFound")


async def test_a_run_tells_all_that_is_known_of_it(ask):
    told = (await ask(GOOD)).body
    expected = {
        "run_id": GOOD,
        "run_number": 1,
        "experiment": "baseline",
        "status": "Completed",
        "script_name": "iris.ipynb",
        "start_time_utc": "2026-11-21T13:46:02.000000+00:00",
        "deleted_utc": None,
        "duration_seconds": 2.5,
        "user": "ada",
        "host": "box",
        "python": "3.11.7",
        "ipykernel": "7.4.0",
        "note": None,
        "tags": {"stage": "final"},
        "error": None,
        "source": "train()\nprint('done')\n",
        "source_omitted": 0,
        "execution_count": 1,
        "cell": "cell-0",
        "usage": {"cpu_seconds": 1.5, "cpu_peak": 99.5, "memory_peak": 1 << 20},
        "environment": "e",
        "packages": ["numpy==1", "pandas==1"],
        "variables": ["HOME"],
        "stdout": "done\n",
        "stdout_omitted": 7,
        "traceback": None,
        "incomplete": None,
    }
    assert {key: told[key] for key in expected} == expected
    assert told["git"]["commit"] == "c" * 40
    assert {"path": MODEL_PATH, "size": 1024, "sha256": sha256(MODEL), "state": "kept", "problem": None} in told[
        "outputs"
    ]


async def test_a_lost_output_says_why(ask):
    [lost] = [output for output in (await ask(GOOD)).body["outputs"] if output["path"] == LOST_PATH]
    assert (lost["state"], lost["problem"]) == ("lost", "the kernel left no content")


async def test_what_was_logged_is_told_in_short(ask):
    metrics = (await ask(GOOD)).body["metrics"]
    assert {name: (told["kind"], told["last"]) for name, told in metrics.items()} == {
        "Loss": ("number", "Infinity"),
        "Accuracy": ("number", 0.9),
        "Cell": ("text", "Train"),
        "Worst": ("number", "-Infinity"),
        "Precision": ("list", 3),
        "Best": ("dict", 2),
        "Confusion": ("table", 2),
        "Converged": ("bool", True),
        "Nothing": ("null", None),
        ANY_NAME: ("number", 1),
        "Plot": ("image", IMAGE_PATH),
    }


async def test_a_run_that_failed_says_why(ask):
    told = (await ask(BAD)).body
    assert told["error"] == {"name": "ValueError", "message": "no"}
    assert told["traceback"] == "Traceback ...\nValueError: no"
    assert told["note"] == "why?"


async def test_a_run_in_the_bin_says_since_when(ask):
    told = await ask(BINNED)
    assert told.status == 200
    assert told.body["deleted_utc"] is not None


async def test_last_is_the_newest_run_outside_of_the_bin(ask):
    assert (await ask("last")).body["run_id"] == RUNNING
    assert (await ask("last/texts/source")).body == {"text": "wait()\n"}


async def test_a_source_without_end_is_cut_and_is_whole_as_a_text(ask, its_runs, monkeypatch):
    monkeypatch.setattr("jupyter_workbench.history.reading.whole_run.MAX_SOURCE", 5)
    told = (await ask(GOOD)).body
    assert (told["source"], told["source_omitted"]) == ("train", 17)
    assert (await ask(f"{GOOD}/texts/source")).body["text"] == "train()\nprint('done')\n"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "name: expected a text, got nothing - write name=Accuracy"),
        ("name=a&name=b", "name: expected one, got 2 - write name=Accuracy"),
        ("name=a&points=3", "points: expected a whole number from 4 to 10000, got 3 - write points=1000"),
        ("name=a&points=10001", "points: expected a whole number from 4 to 10000, got 10001 - write points=1000"),
        ("nam=a", "nam: unknown parameter - did you mean name?"),
    ],
)
async def test_a_series_that_is_not_named_says_what_was_expected(ask, query, message):
    told = await ask(f"{GOOD}/series", query)
    assert (told.status, told.body) == (400, {"message": message, "reason": "BadRequest"})


async def test_a_name_that_was_not_logged_is_not_found(ask):
    told = await ask(f"{GOOD}/series", "name=Lose")
    assert (told.status, told.body) == (
        404,
        {"message": f"The run {GOOD} has logged nothing by the name 'Lose'.", "reason": "NothingLogged"},
    )


async def test_a_series_has_steps_times_and_values_that_json_can_write(ask):
    told = (await ask(f"{GOOD}/series", "name=Loss")).body
    assert told == {
        "name": "Loss",
        "kind": "number",
        "count": 5,
        "sampled": False,
        "points": [[step, NOON + 1, value] for step, value in enumerate([1.0, 0.5, "NaN", 0.25, "Infinity"])],
    }


async def test_a_series_has_no_more_points_than_were_asked_for(ask):
    told = (await ask(f"{GOOD}/series", "name=Loss&points=4")).body
    assert (told["count"], told["sampled"]) == (5, True)
    assert [point[2] for point in told["points"]] == [1.0, 0.25, "Infinity"]


async def test_any_name_can_be_asked_for(ask):
    told = await ask(f"{GOOD}/series", f"name={quote(ANY_NAME, safe='')}")
    assert (told.status, told.body["name"], told.body["points"]) == (200, ANY_NAME, [[None, NOON + 1, 1]])


async def test_a_text_that_runs_do_not_keep_says_which_they_keep(ask):
    told = await ask(f"{GOOD}/texts/passwd")
    assert (told.status, told.body) == (
        404,
        {
            "message": "expected one of the texts source, traceback, diff, packages, stdout, stderr, got passwd - "
            "ask for one of these",
            "reason": "NoSuchText",
        },
    )


@pytest.mark.parametrize(
    ("run_id", "which", "text"),
    [
        (GOOD, "stdout", "done\n"),
        (GOOD, "stderr", ""),
        (GOOD, "diff", "--- a\n+++ b\n"),
        (GOOD, "packages", "numpy==1\npandas==1"),
        (GOOD, "traceback", ""),
        (BAD, "traceback", "Traceback ...\nValueError: no"),
        (RUNNING, "stdout", ""),
    ],
)
async def test_a_text_is_given_whole_and_empty_when_there_is_none(ask, run_id, which, text):
    assert (await ask(f"{run_id}/texts/{which}")).body == {"text": text}


async def test_every_answer_is_json_for_every_parser(ask):
    for path in (GOOD, f"{GOOD}/series"):
        told = await ask(path, "name=Best" if "series" in path else "")
        assert json.loads(json.dumps(told.body, allow_nan=False)) == told.body
