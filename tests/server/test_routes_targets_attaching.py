"""Compute targets are attached field by field and detached, and no file of anybody is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jupyter_workbench.config.project import load
from jupyter_workbench.kernels.managers import WorkbenchKernels
from jupyter_workbench.kernels.provisioner import WorkbenchProvisioner

IMAGE = (
    "expected the name of a Docker image, got `microsoft/mmlspark::plus-0.7.91` - "
    "did you mean `microsoft/mmlspark:plus-0.7.91`?"
)
RULE = "letters, digits, blanks and . _ - (at most 64, a letter or digit first, no blank or dot last)"


@pytest.fixture
def ask(an_api, my_iris):
    """Send a compute target that is filled in so."""

    async def ask(route="targets", name="big", type="docker", **settings):  # noqa: A002 - as the body has it
        body = {"project_dir": str(my_iris), "name": name, "type": type, "settings": settings}
        return await an_api.post(route, body)

    return ask


def files(project: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (project / "aml_config").iterdir()}


@pytest.mark.parametrize(
    ("filled_in", "mistakes"),
    [
        ({}, {}),
        ({"memory": "", "mounts": [], "sharedVolumes": None}, {}),
        ({"name": ""}, {"name": f"expected a name of {RULE}, got ''"}),
        ({"name": "../x"}, {"name": f"expected a name of {RULE}, got '../x'"}),
        (
            {"name": "local"},
            {"name": "expected a new name, got local, which aml_config/local.compute has - choose another one"},
        ),
        ({"type": "cluster"}, {"type": "expected docker or local, got cluster - choose one of these"}),
        ({"baseDockerImage": "microsoft/mmlspark::plus-0.7.91"}, {"baseDockerImage": IMAGE}),
        (
            {"memory": "lots", "cpus": "0"},
            {
                "memory": "expected an amount of memory, got `lots` - write it as `4g` or `512m`",
                "cpus": "expected a number of CPUs above 0, got `0` - write it as `2` or `1.5`",
            },
        ),
        ({"memory": 5}, {"memory": "expected a text, got something else - write it in quotes"}),
        (
            {"nvidiaDocker": "yes"},
            {"nvidiaDocker": "expected true or false, got something else - write one of the two"},
        ),
        (
            {"mounts": "~/data:/data"},
            {"mounts": "expected a list of mounts, got something else - write a list of texts"},
        ),
        (
            {"mounts": ["/data"]},
            {
                "mounts": "expected HOST_PATH:CONTAINER_PATH, got `/data` - "
                "write it as `~/data:/data` or `~/data:/data:ro`, with no other colon"
            },
        ),
        (
            {"type": "local", "pythonLocation": "python\ntype: docker"},
            {
                "pythonLocation": "expected one line of text, got a character that no file may hold - remove it",
            },
        ),
        (
            {"type": "local", "memory": "4g"},
            {"memory": "expected a setting of a target local, got another one - choose pythonLocation"},
        ),
    ],
)
async def test_each_field_is_told_what_is_wrong_with_it_and_nothing_is_written(ask, my_iris, filled_in, mistakes):
    before = files(my_iris)
    told = await ask("targets/validate", **filled_in)
    assert (told.status, told.body) == (200, {"mistakes": mistakes})
    assert files(my_iris) == before


async def test_a_target_with_mistakes_is_not_attached(ask, my_iris):
    before = files(my_iris)
    told = await ask(baseDockerImage="microsoft/mmlspark::plus-0.7.91")
    assert (told.status, told.body) == (
        422,
        {"message": f"baseDockerImage: {IMAGE}", "reason": "ConfigurationError"},
    )
    assert files(my_iris) == before


async def test_a_folder_that_the_server_does_not_show_gets_no_target(an_api):
    told = await an_api.post("targets", {"project_dir": "/etc", "name": "x", "type": "docker"})
    assert (told.status, told.body["reason"]) == (404, "ProjectNotFound")


async def test_a_docker_target_is_attached_with_its_settings_and_a_run_configuration(ask, my_iris):
    told = await ask(memory="4g", cpus="1.5", mounts=["~/data:/data:ro"], nvidiaDocker=False, network="")
    assert (told.status, told.body) == (201, {"files": ["aml_config/big.compute", "aml_config/big.runconfig"]})
    entry = load(my_iris).entry("big")
    assert not entry.problems
    assert (entry.compute.memory, entry.compute.cpus, entry.compute.network) == (4 * 1024**3, 1.5, None)
    assert list(map(str, entry.compute.mounts)) == ["~/data:/data:ro"]


async def test_a_local_target_is_attached_with_its_python(ask, my_iris):
    await ask(name="torch", type="local", pythonLocation='~/my "envs"/torch\\bin/python')
    entry = load(my_iris).entry("torch")
    assert not entry.problems
    assert entry.compute.python_location == '~/my "envs"/torch\\bin/python'


async def test_what_was_attached_is_detached_without_a_trace(ask, an_api, my_iris):
    before = files(my_iris)
    for name, kind in (("big", "docker"), ("torch", "local")):
        await ask(name=name, type=kind)
        told = await an_api.post("targets/detach", {"project_dir": str(my_iris), "name": name})
        assert (told.status, told.body) == (
            200,
            {"done": [f"Removed aml_config/{name}.runconfig.", f"Removed aml_config/{name}.compute."]},
        )
    assert files(my_iris) == before


async def test_a_target_that_other_run_configurations_use_stays(an_api, my_iris):
    (my_iris / "aml_config" / "again.runconfig").write_text("Target: local\nFramework: Python\n")
    before = files(my_iris)
    told = await an_api.post("targets/detach", {"project_dir": str(my_iris), "name": "local"})
    assert (told.status, told.body) == (
        409,
        {
            "message": "The compute target local is left as it is: other run configurations use it - "
            "give them another Target, or delete them:\n  workbench runconfiguration delete -n again",
            "reason": "TargetInUse",
        },
    )
    assert files(my_iris) == before


class Kernel:
    """One that starts, or, with a `target`, was started there; its run configuration is `local`."""

    kernel_name = "myiris_local"

    def __init__(self, project_dir=None, target=None):
        self.provisioner = WorkbenchProvisioner(project_dir=str(project_dir)) if target else None
        if target:
            self.provisioner.target = target


@pytest.mark.parametrize("is_started", [False, True])
async def test_a_target_with_kernels_stays(an_api, my_iris, monkeypatch, is_started):
    kernel = Kernel(my_iris, "local") if is_started else Kernel()
    monkeypatch.setattr(WorkbenchKernels, "list_kernel_ids", lambda _: ["k1", "k2"])
    monkeypatch.setattr(WorkbenchKernels, "get_kernel", lambda _, __: kernel)
    before = files(my_iris)
    told = await an_api.post("targets/detach", {"project_dir": str(my_iris), "name": "local"})
    monkeypatch.undo()
    assert (told.status, told.body) == (
        409,
        {
            "message": "expected a compute target without kernels, got local, which has 2 kernels - "
            "shut them down first",
            "reason": "TargetInUse",
        },
    )
    assert await asyncio.to_thread(files, my_iris) == before


async def test_a_kernel_is_on_the_target_where_it_was_started_whatever_the_files_say_since(
    an_api, my_iris, monkeypatch
):
    kernel = Kernel(my_iris, "another")
    monkeypatch.setattr(WorkbenchKernels, "list_kernel_ids", lambda _: ["k1"])
    monkeypatch.setattr(WorkbenchKernels, "get_kernel", lambda _, __: kernel)
    told = await an_api.post("targets/detach", {"project_dir": str(my_iris), "name": "local"})
    monkeypatch.undo()
    assert told.status == 200
