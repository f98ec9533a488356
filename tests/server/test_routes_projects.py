from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner
from server_here import a_running_server

from jupyter_workbench.cli import workbench

DOCKER_WITHOUT_COMPUTE = {"docker.runconfig": "Target: docker\nFramework: Python\n"}
ONE_PROBLEM = "expected the name of a compute target, got `docker` - create its `.compute` file"


@pytest.fixture
def outside(tmp_path):
    """A project of this machine that the server does not show."""
    (tmp_path / "elsewhere/aml_config").mkdir(parents=True)
    return tmp_path / "elsewhere"


@pytest.mark.parametrize("path", ["problems", "targets", "problems?project_dir=", "environments?project_dir="])
async def test_a_project_has_to_be_named(an_api, path):
    told = await an_api.ask("GET", f"workbench/api/{path}")
    assert (told.status, told.body) == (
        400,
        {
            "message": "project_dir: expected the folder of a project, got nothing - "
            "write ?project_dir=/home/you/myIris",
            "reason": "BadRequest",
        },
    )


@pytest.mark.parametrize("path", ["problems", "targets"])
async def test_no_project_is_read_that_the_server_does_not_show(an_api, outside, path):
    told = await an_api.get(path, project_dir=str(outside))
    assert (told.status, told.body) == (
        404,
        {
            "message": f"project_dir: expected the folder of a project that this server shows, got {outside} - "
            f"GET /workbench/api/projects lists them",
            "reason": "ProjectNotFound",
        },
    )


async def test_a_way_around_leads_nowhere(an_api, outside):
    told = await an_api.get("problems", project_dir=f"{an_api.root}/../elsewhere")
    assert told.status == 404


async def test_a_blank_at_the_end_of_a_folder_counts(an_api, write_project):
    folder = write_project("with a blank ", {})
    assert (await an_api.get("problems", project_dir=str(folder))).body["project"] == "with a blank "
    assert (await an_api.get("problems", project_dir=str(folder).strip())).status == 404


async def test_every_project_is_listed_with_its_run_configurations(an_api, my_iris, write_project):
    broken = write_project("broken", DOCKER_WITHOUT_COMPUTE)
    told = await an_api.get("projects")
    problem = {"file": "aml_config/docker.runconfig", "line": 1, "key": "Target", "message": ONE_PROBLEM}
    row = {
        "name": "broken_docker",
        "display_name": "broken docker",
        "project": "broken",
        "project_dir": str(broken),
        "run_configuration": "docker",
        "target": "docker",
        "target_type": None,
        "framework": "Python",
        "status": "problem",
        "problems": [problem],
    }
    assert told.body[0] == {
        "project": "broken",
        "project_dir": str(broken),
        "path": "broken",
        "history_problem": None,
        "failures": [],
        "problems": [problem],
        "run_configurations": [row],
    }
    assert [project["project"] for project in told.body] == ["broken", "myIris"]


async def test_a_project_tells_where_the_contents_of_the_server_have_it(an_api, my_iris):
    assert [project["path"] for project in (await an_api.get("projects")).body] == ["myIris"]


@pytest.mark.parametrize(("root", "path"), [("myIris", ""), ("myIris/notebooks", None)])
async def test_a_project_at_or_above_the_root_folder_tells_so(my_iris, tmp_path, root, path):
    (my_iris / "notebooks").mkdir()
    async with a_running_server(tmp_path / "root" / root) as api:
        assert [project["path"] for project in (await api.get("projects")).body] == [path]


async def test_a_change_of_a_file_is_seen_at_once(an_api, my_iris):
    assert len((await an_api.get("projects")).body[0]["run_configurations"]) == 1
    (my_iris / "aml_config/second.runconfig").write_text("Target: local\n")
    assert len((await an_api.get("projects")).body[0]["run_configurations"]) == 2


async def test_the_problems_of_a_project_are_those_of_the_command(an_api, my_iris):
    (my_iris / "aml_config/local.compute").write_text("type: local\npythonLocation: /no/such/python\n")
    told = await an_api.get("problems", project_dir=str(my_iris))
    printed = await asyncio.to_thread(CliRunner().invoke, workbench, ["project", "check", str(my_iris), "-o", "json"])
    assert told.body == json.loads(printed.stdout)
    assert [problem["message"] for problem in told.body["problems"]] == [
        "expected a Python interpreter, got /no/such/python, which does not exist - "
        "name one that does, or `python` for the active one"
    ]


async def test_kernels_are_called_as_the_server_calls_them(an_api, write_project):
    first, second = (write_project(folder, {"local.runconfig": "Target: local\n"}) for folder in ("a/same", "b/same"))
    listed = {row["name"] for project in (await an_api.get("projects")).body for row in project["run_configurations"]}
    named = [(await an_api.get("problems", project_dir=str(project))).body for project in (first, second)]
    names = [project["run_configurations"][0]["name"] for project in named]
    assert len(set(names)) == 2
    assert set(names) <= listed
