"""A kernel in a container, from the Kernel menu to Shut Down: a real server on a real engine."""

from __future__ import annotations

from ..jupyter import Server, running_server, until
from .projects import docker_project

KERNEL = "myiris_docker"


async def a_line(server: Server, code: str) -> str:
    """Start a kernel and return what a cell says."""
    async with server.kernel(await server.start_kernel(KERNEL)) as kernel:
        reply = await kernel.run(code)
        assert reply.error == ""
        return reply.text.strip()


async def test_the_kernel_runs_in_the_project_which_is_mounted(server, project):
    (project / "data.txt").write_text("5.1,3.5")
    line = await a_line(
        server, "import os; print(os.getcwd(), open('data.txt').read()); open('new.txt', 'w').write('x')"
    )
    assert line.splitlines()[0] == "/azureml-run 5.1,3.5"
    assert (project / "new.txt").read_text() == "x"


async def test_the_share_folder_is_that_of_the_local_kernels(server, project):
    code = (
        "import os; share = os.environ['AZUREML_NATIVE_SHARE_DIRECTORY']; open(share + 'model.pkl', 'w'); print(share)"
    )
    assert await a_line(server, code) == "/azureml-share/"
    assert (project.parent / "share" / "myIris" / "model.pkl").exists()


async def test_the_first_output_of_the_first_cell_is_not_lost(server):
    assert await a_line(server, "print('first')") == "first"


async def test_magics_logging_and_history_are_those_of_a_local_kernel(server, project, history):
    async with server.kernel(await server.start_kernel(KERNEL)) as kernel:
        assert (await kernel.run("%azureml history on")).text == "History logging enabled\n"
        await kernel.run(
            "import os\nfrom azureml.logging import get_azureml_logger\nget_azureml_logger().log('Accuracy', 0.68)\n"
            "os.makedirs('outputs', exist_ok=True); open('outputs/model.txt', 'w').write('weights')\n"
            "%azureml upload outputs/model.txt"
        )
        await kernel.run("%azureml history off")
    run = next(run for run in history(project, "list") if run.get("Accuracy"))
    assert (run["Accuracy"], run["status"], run["target"]) == (0.68, "Completed", "docker")
    assert "outputs/model.txt" in run["attachments"]


async def test_an_interrupt_stops_the_cell_and_keeps_the_kernel(server):
    kernel_id = await server.start_kernel(KERNEL)
    async with server.kernel(kernel_id) as kernel:
        await kernel.run("kept = 5")
        reply, done = kernel.send("import time\ntime.sleep(600)")
        await reply.started.wait()
        await server.request("POST", f"api/kernels/{kernel_id}/interrupt")
        await done.wait()
        assert reply.status == "error"
        assert (await kernel.run("print(kept)")).text == "5\n"


async def test_a_restart_gives_a_new_process_and_takes_up_a_package_that_was_added(server, project):
    kernel_id = await server.start_kernel(KERNEL)
    async with server.kernel(kernel_id) as kernel:
        assert "No module" in (await kernel.run("import humanize")).error
        file = project / "aml_config" / "conda_dependencies.yml"
        file.write_text(file.read_text() + "  - humanize\n")
        await server.json("POST", f"api/kernels/{kernel_id}/restart")
        assert (await kernel.run("import humanize; print(humanize.intcomma(12345))")).text == "12,345\n"


async def test_pip_install_in_a_cell_is_for_this_kernel_only(server):
    async with server.kernel(await server.start_kernel(KERNEL)) as kernel:
        assert (await kernel.run("%pip install --quiet inflection")).error == ""
        assert (await kernel.run("import inflection; print(inflection.pluralize('rose'))")).text == "roses\n"
    assert "No module" in (await _error(server, "import inflection"))


async def _error(server: Server, code: str) -> str:
    async with server.kernel(await server.start_kernel(KERNEL)) as kernel:
        return (await kernel.run(code)).error


async def test_a_kernel_that_is_shut_down_leaves_nothing(server, lasting_owner):
    kernel_id = await server.start_kernel(KERNEL)
    async with server.kernel(kernel_id) as kernel:
        await kernel.run("1")
    assert len(lasting_owner.kernels()) == 1
    await server.request("DELETE", f"api/kernels/{kernel_id}")

    async def is_gone() -> bool:
        return lasting_owner.kernels() == []

    await until("the container is gone", is_gone)


async def test_an_environment_that_must_not_be_built_at_the_start_says_the_command_that_builds_it(
    tmp_path, base_image, lasting_engine_environment
):
    conda = "dependencies:\n- pip:\n  - toolz\n"
    project = docker_project(
        tmp_path / "root" / "myIris", base_image, configuration="PrepareEnvironment: false\n", conda=conda
    )
    with running_server(project) as server:
        kernel_id = await server.start_kernel(KERNEL)
        dead = await server.until_state(kernel_id, "dead")
    assert dead["reason"] == (
        "myIris docker has no environment yet, and `PrepareEnvironment: false` in aml_config/docker.runconfig keeps a "
        "start from building one - run: workbench experiment prepare -c docker"
    )
