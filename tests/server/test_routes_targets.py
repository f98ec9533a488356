from __future__ import annotations

import asyncio
import json
import sys

import pytest
from click.testing import CliRunner

from jupyter_workbench.cli import workbench

SEND = 'send {"project_dir": "/home/you/myIris", "name": "docker"}'


async def test_a_test_has_to_name_a_target(an_api, my_iris):
    told = await an_api.post("targets/test", {"project_dir": str(my_iris)})
    assert (told.status, told.body) == (
        400,
        {"message": f"name: expected a text, got nothing - {SEND}", "reason": "BadRequest"},
    )


async def test_a_target_that_does_not_exist_names_those_there_are(an_api, my_iris):
    told = await an_api.post("targets/test", {"project_dir": str(my_iris), "name": "lokal"})
    assert (told.status, told.body) == (
        422,
        {"message": "expected a compute target of myIris, got lokal - write local", "reason": "ConfigurationError"},
    )


async def test_a_project_that_the_server_does_not_show_is_not_tested(an_api):
    told = await an_api.post("targets/test", {"project_dir": "/etc", "name": "local"})
    assert (told.status, told.body) == (
        404,
        {
            "message": "project_dir: expected the folder of a project that this server shows, got /etc - "
            "GET /workbench/api/projects lists them",
            "reason": "ProjectNotFound",
        },
    )


async def test_a_target_that_cannot_be_read_says_what_is_wrong_with_it(an_api, my_iris):
    (my_iris / "aml_config/local.compute").write_text("type: lokal\n")
    told = await an_api.post("targets/test", {"project_dir": str(my_iris), "name": "local"})
    assert (told.status, told.body) == (
        422,
        {
            "message": "The compute target local of myIris cannot be tested:\n"
            "aml_config/local.compute:1: type: expected local, docker, remotedocker, cluster or remote, got `lokal` - "
            "did you mean local?",
            "reason": "ConfigurationError",
        },
    )


async def test_each_check_of_a_target_is_a_pass_or_a_fix(an_api, my_iris):
    told = await an_api.post("targets/test", {"project_dir": str(my_iris), "name": "local"})
    assert told.body == [{"name": "Python", "ok": True, "message": sys.executable, "fix": None}]
    (my_iris / "aml_config/local.compute").write_text("type: local\npythonLocation: /no/such/python\n")
    told = await an_api.post("targets/test", {"project_dir": str(my_iris), "name": "local"})
    assert told.body == [
        {
            "name": "Python",
            "ok": False,
            "message": "expected a Python interpreter, got /no/such/python, which does not exist",
            "fix": "name one that does, or `python` for the active one",
        }
    ]


async def test_every_target_is_listed_with_who_uses_it_and_the_settings_that_hold(an_api, my_iris):
    (my_iris / "aml_config/again.runconfig").write_text("Target: local\n")
    (my_iris / "aml_config/big.compute").write_text(
        "type: localdocker\nmemory: 4g\nmounts:\n- ~/data:/data:ro\npassword: a-handle\n"
    )
    told = await an_api.get("targets", project_dir=str(my_iris))
    big, local = told.body
    assert local == {
        "name": "local",
        "type": "local",
        "file": "aml_config/local.compute",
        "status": "ready",
        "run_configurations": ["again", "local"],
        "problems": [],
        "stopped": False,
        "settings": {
            "userManagedEnvironment": False,
            "pythonLocation": "python",
            "sparkSubmitLocation": "spark-submit",
            "nativeSharedDirectory": "~/.azureml/share/",
        },
    }
    assert (big["type"], big["run_configurations"]) == ("docker", [])
    assert big["settings"] == {
        "userManagedEnvironment": False,
        "baseDockerImage": big["settings"]["baseDockerImage"],
        "sharedVolumes": None,
        "nvidiaDocker": False,
        "nativeSharedDirectory": "~/.azureml/share/",
        "memory": "4g",
        "cpus": None,
        "network": None,
        "mounts": ["~/data:/data:ro"],
    }


@pytest.mark.parametrize("text", ["type: lokal\n", "- no settings\n"])
async def test_a_target_that_cannot_be_read_is_listed_with_its_problems(an_api, my_iris, text):
    (my_iris / "aml_config/local.compute").write_text(text)
    (target,) = (await an_api.get("targets", project_dir=str(my_iris))).body
    assert (target["type"], target["status"], target["settings"]) == (None, "problem", {})
    assert len(target["problems"]) == 1


async def test_a_target_is_told_as_the_command_tells_it(an_api, my_iris):
    (my_iris / "aml_config/big.compute").write_text("type: localdocker\nmemory: 4g\ncpus: 1.5\n")
    told = (await an_api.get("targets", project_dir=str(my_iris))).body
    for target in told:
        command = ["computetarget", "show", "-n", target["name"], str(my_iris), "-o", "json"]
        printed = await asyncio.to_thread(CliRunner().invoke, workbench, command)
        settings = target.pop("settings")
        assert target.pop("stopped") is False
        assert {**target, **settings} == json.loads(printed.stdout)
