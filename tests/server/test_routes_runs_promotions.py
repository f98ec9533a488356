"""An output of a run gets a name in the project, and nothing that is there loses its own."""

from __future__ import annotations

import json

import pytest
from runs_here import GOOD, LOST_PATH, MODEL, MODEL_PATH, NAMED_PATH, sha256

SEND = 'send {"path": "outputs/model.pkl", "name": "iris-model", "overwrite": false}'
RULE = "letters, digits, blanks and . _ - (at most 64, a letter or digit first, no blank or dot last)"


@pytest.fixture
def promote(an_api, my_iris, its_runs):
    """Ask for a name."""

    async def promote(run_id=GOOD, **body):
        return await an_api.post(f"runs/{run_id}/promote?project_dir={my_iris}", body)

    return promote


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "m"}, f"path: expected a text, got nothing - {SEND}"),
        ({"path": MODEL_PATH, "name": 5}, f"name: expected a text, got 5 - {SEND}"),
        ({"path": MODEL_PATH, "name": "../m"}, f"name: expected a name of {RULE}, got '../m'"),
        (
            {"path": MODEL_PATH, "name": "nul"},
            "name: expected a name that every system allows, got 'nul', which is reserved on Windows - "
            "choose another one",
        ),
    ],
)
async def test_a_name_that_cannot_be_one_is_refused_and_nothing_is_written(promote, my_iris, body, message):
    told = await promote(**body)
    assert (told.status, told.body) == (400, {"message": message, "reason": "BadRequest"})
    assert not (my_iris / "assets").exists()


async def test_an_output_that_is_not_there_gets_no_name(promote, my_iris):
    told = await promote(path=LOST_PATH, name="lost")
    assert (told.status, told.body["reason"]) == (404, "OutputNotFound")
    assert not list((my_iris / "assets").glob("*.link"))


async def test_a_name_that_is_there_is_left_as_it_is_unless_it_shall_mean_another_output(promote, my_iris):
    await promote(path=MODEL_PATH, name="model")
    told = await promote(path=NAMED_PATH, name="model")
    assert (told.status, told.body) == (
        409,
        {
            "message": "assets/model.link is there already and is left as it is - choose another name, "
            "or send overwrite",
            "reason": "NameTaken",
        },
    )
    link = my_iris / "assets" / "model.link"
    assert json.loads(link.read_text())["path"] == MODEL_PATH
    assert (await promote(path=NAMED_PATH, name="model", overwrite=True)).status == 200
    assert json.loads(link.read_text())["path"] == NAMED_PATH


async def test_the_answer_says_where_the_link_was_written(promote, my_iris):
    told = await promote(path=MODEL_PATH, name="model")
    assert told.body == {"file": "assets/model.link", "name": "model", "run_id": GOOD, "path": MODEL_PATH}
    assert json.loads((my_iris / told.body["file"]).read_text())["sha256"] == sha256(MODEL)
    assert (my_iris / "assets" / ".files" / sha256(MODEL)).read_bytes() == MODEL
