"""Kernels whose files are not those of this machine: by the user's wish, and on engines that cannot mount them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..jupyter import Server, running_server, until
from .projects import build, docker_project

KERNEL = "myiris_docker"


async def says(server: Server, *cells: str) -> str:
    """Run cells in a new kernel, shut it down, and return what the last cell said."""
    kernel_id = await server.start_kernel(KERNEL)
    async with server.kernel(kernel_id) as kernel:
        for cell in cells:
            reply = await kernel.run(cell)
            assert reply.error == ""
    response = await server.request("DELETE", f"api/kernels/{kernel_id}")
    assert response.code == 204
    return reply.text


async def a_project(folder: Path, image: str, compute: str = "", conda: str = "") -> Path:
    project = docker_project(folder / "root" / "myIris", image, compute=compute, conda=conda)
    (project / "data.txt").write_text("5.1,3.5")
    await build(project)
    return project


async def works_on_a_copy(project: Path, history: Callable[..., Any]) -> str:
    """Show what every copied mode promises; return what the first cell said on top."""
    with running_server(project) as server:
        first = await says(
            server,
            "print(open('data.txt').read())",
        )
        await says(
            server,
            "%azureml history on",
            "import os; os.makedirs('outputs', exist_ok=True); open('outputs/model.txt', 'w').write('weights')\n"
            "open('elsewhere.txt', 'w').write('x')",
            "from azureml.logging import get_azureml_logger; get_azureml_logger().log('Accuracy', 0.68)\n"
            "%azureml upload outputs/model.txt",
        )

        async def is_back() -> bool:
            return (project / "outputs" / "model.txt").exists()

        await until("what was written below outputs/ is back", is_back)
    assert (project / "outputs" / "model.txt").read_text() == "weights"
    assert not (project / "elsewhere.txt").exists()
    run = next(run for run in history(project, "list") if run.get("Accuracy"))
    assert (run["Accuracy"], run["status"], run["attachments"]) == (0.68, "Completed", "outputs/model.txt")
    return first


async def test_without_shared_volumes_the_kernel_works_on_a_copy(
    tmp_path, base_image, lasting_owner, lasting_engine_environment, history
):
    before = set(lasting_owner.volumes())
    project = await a_project(tmp_path, base_image, "sharedVolumes: false\n")
    assert await works_on_a_copy(project, history) == "5.1,3.5\n"
    lasting_owner.may_leave(*set(lasting_owner.volumes()) - before)  # the copy, for the next kernel


async def test_an_engine_that_sees_no_folder_of_this_machine_gets_a_copy_and_the_user_is_told(
    tmp_path, base_image, blind_engine, history
):
    project = await a_project(tmp_path, base_image)
    first = await works_on_a_copy(project, history)
    assert first == (
        "The Docker engine cannot mount this project (the engine does not see the folders of this machine), so the "
        "kernel works on a copy: what it writes below outputs/ comes back, other files stay there.\n"
        "The share folder is a volume of the Docker engine, since the engine cannot mount the folder.\n5.1,3.5\n"
    )


@pytest.mark.parametrize(("ipykernel", "is_encrypted"), [("ipykernel>=7.3", True), ("ipykernel<7", False)])
async def test_published_ports_are_encrypted_where_both_ends_can(
    tmp_path, base_image, blind_engine, ipykernel, is_encrypted
):
    project = await a_project(tmp_path, base_image, conda=f"dependencies:\n- pip:\n  - {ipykernel}\n")
    code = "app = get_ipython().kernel.parent\nprint(app.transport, getattr(app, 'curve_secretkey', None) is not None)"
    with running_server(project) as server:
        assert (await says(server, code)).splitlines()[-1] == f"tcp {is_encrypted}"


async def test_a_restart_of_an_encrypted_kernel_keeps_its_keys(tmp_path, base_image, blind_engine):
    project = await a_project(tmp_path, base_image)
    with running_server(project) as server:
        kernel_id = await server.start_kernel(KERNEL)
        async with server.kernel(kernel_id) as kernel:
            await kernel.run("1")
            await server.request("POST", f"api/kernels/{kernel_id}/restart")
            assert (await kernel.run("print(2)")).text.splitlines()[-1] == "2"


@pytest.mark.parametrize("compute", ["", "sharedVolumes: false\n"])
async def test_podman_runs_kernels_too(tmp_path, base_image, podman_engine, history, compute):
    project = await a_project(tmp_path, base_image, compute)
    with running_server(project) as server:
        assert await says(server, "print(open('data.txt').read())") == "5.1,3.5\n"
