"""A real server shows the run configurations of a project as kernels and starts them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from pathlib import Path

import pytest
from tornado.websocket import websocket_connect

from .jupyter import Server, running_server, until

EVENT = "https://jupyter-workbench.dev/events/kernels_changed/v1"

pytestmark = pytest.mark.live


async def answers(server: Server, kernel_id: str) -> None:
    """Run a cell, as a front end that connects does; until one connects, Jupyter calls any kernel `starting`."""
    async with server.kernel(kernel_id) as kernel:
        assert (await kernel.run("print(6 * 7)")).text == "42\n"


async def test_a_run_configuration_is_in_the_list_of_kernels(a_server, a_project):
    spec = (await a_server.kernelspecs())["myiris_local"]["spec"]
    assert spec["display_name"] == "myIris local"
    assert spec["language"] == "python"
    assert spec["metadata"]["jupyter_workbench"] == {
        "project": "myIris",
        "project_dir": str(a_project),
        "run_configuration": "local",
        "target": "local",
        "target_type": "local",
        "framework": "Python",
        "status": "ready",
    }


async def test_the_users_own_kernels_stay_in_the_list(a_server):
    assert (await a_server.kernelspecs())["python3"]["spec"]["display_name"] == "Python 3 (ipykernel)"


async def test_a_kernel_icon_is_served(a_server):
    resources = (await a_server.kernelspecs())["myiris_local"]["resources"]
    response = await a_server.request("GET", resources["logo-svg"].lstrip("/"))
    assert response.body.startswith(b"<svg")


async def test_environment_values_are_not_in_the_list(write_project):
    project = write_project(
        local__runconfig="Target: local\nFramework: Python\nEnvironmentVariables:\n  ACCOUNT_KEY: s3cret\n"
    )
    with running_server(project) as server:
        response = await server.request("GET", "api/kernelspecs")
        assert b"myiris_local" in response.body
        assert b"s3cret" not in response.body


async def test_a_server_started_below_the_project_shows_its_kernels(a_project):
    (a_project / "code" / "deep").mkdir(parents=True)
    with running_server(a_project / "code" / "deep") as server:
        assert "myiris_local" in await server.kernelspecs()


async def test_every_project_below_the_servers_root_is_shown_and_namesakes_are_told_apart(write_project, tmp_path):
    write_project("a/iris"), write_project("b/iris"), write_project("churn")
    with running_server(tmp_path / "root") as server:
        names = {spec["spec"]["display_name"] for spec in (await server.kernelspecs()).values()}
    assert {"iris (a/iris) local", "iris (b/iris) local", "churn local"} <= names


async def test_a_new_run_configuration_is_listed_without_a_restart(a_server, a_project):
    (a_project / "aml_config" / "other.runconfig").write_text("Target: local\nFramework: Python\n")
    assert "myiris_other" in await a_server.kernelspecs()


async def test_a_new_run_configuration_starts_without_having_been_listed(a_server, a_project):
    (a_project / "aml_config" / "other.runconfig").write_text("Target: local\nFramework: Python\n")
    await answers(a_server, await a_server.start_kernel("myiris_other"))


async def test_an_event_tells_front_ends_that_the_kernels_have_changed(a_server, a_project):
    url = f"{a_server.url.replace('http', 'ws', 1)}api/events/subscribe?token={a_server.token}"
    connection = await websocket_connect(url)
    (a_project / "aml_config" / "other.runconfig").write_text("Target: local\nFramework: Python\n")

    async def told() -> bool:
        event = json.loads(await asyncio.wait_for(connection.read_message(), 30))
        return event["schema_id"] == EVENT and event["kernel_names"] == ["myiris_local", "myiris_other"]

    await until("the event names both kernels", told)
    connection.close()


async def test_a_run_configuration_with_problems_stays_in_the_list(a_server, a_project):
    (a_project / "aml_config" / "local.runconfig").write_text("Target: nowhere\n")
    spec = (await a_server.kernelspecs())["myiris_local"]["spec"]
    assert spec["metadata"]["jupyter_workbench"]["status"] == "problem"


async def test_only_allowed_kernels_are_listed(a_project):
    with running_server(a_project, "--KernelSpecManager.allowed_kernelspecs={'python3'}") as server:
        assert list(await server.kernelspecs()) == ["python3"]


async def test_a_local_kernel_runs_in_the_project_folder_with_its_variables(write_project, tmp_path):
    project = write_project(
        local__runconfig="Target: local\nFramework: Python\nEnvironmentVariables:\n  RATE: 1.10\n  SHELL:\n"
    )
    with running_server(project) as server:
        kernel_id = await server.start_kernel("myiris_local")
        async with server.kernel(kernel_id) as kernel:
            reply = await kernel.run(
                "import os; print(os.getcwd(), os.environ['RATE'], 'SHELL' in os.environ, "
                "os.environ['AZUREML_NATIVE_SHARE_DIRECTORY'])"
            )
    share = f"{tmp_path / 'share' / 'myIris'}{os.sep}"
    assert reply.text == f"{project} 1.10 False {share}\n"
    assert Path(share).is_dir()


async def test_an_edit_of_the_run_configuration_applies_to_the_next_start(a_server, a_project):
    kernel_id = await a_server.start_kernel("myiris_local")
    await answers(a_server, kernel_id)
    (a_project / "aml_config" / "local.runconfig").write_text(
        "Target: local\nFramework: Python\nEnvironmentVariables:\n  RATE: 2\n"
    )
    await a_server.json("POST", f"api/kernels/{kernel_id}/restart")
    async with a_server.kernel(kernel_id) as kernel:
        assert (await kernel.run("import os; print(os.environ['RATE'])")).text == "2\n"


async def test_an_interrupt_ends_the_cell_and_the_kernel_lives(a_server):
    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:
        assert (await kernel.run("x = 1")).status == "ok"
        reply, done = kernel.send("print('on'); import time; time.sleep(600)")
        await until("the cell prints", lambda: asyncio.sleep(0, reply.text))
        await a_server.json("POST", f"api/kernels/{kernel_id}/interrupt")
        await asyncio.wait_for(done.wait(), 30)
        assert reply.status == "error"
        assert (await kernel.run("print(x)")).text == "1\n"


async def test_a_restart_forgets_and_a_shutdown_ends_the_kernel(a_server):
    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:
        pid = (await kernel.run("import os; x = 1; print(os.getpid())")).text
    await a_server.json("POST", f"api/kernels/{kernel_id}/restart")
    async with a_server.kernel(kernel_id) as kernel:
        reply = await kernel.run("import os; print(os.getpid(), 'x' in globals())")
    new_pid = reply.text.split()[0]
    assert reply.text == f"{new_pid} False\n"
    assert new_pid != pid.strip()
    await a_server.request("DELETE", f"api/kernels/{kernel_id}")

    async def gone() -> bool:
        return not Path(f"/proc/{new_pid}").exists()

    await until("the kernel's process is gone", gone)


async def test_a_first_start_that_fails_says_why_without_any_websocket(a_server, a_project):
    (a_project / "aml_config" / "local.compute").write_text("type: local\npythonLocation: /no/python\n")
    kernel_id = await a_server.start_kernel("myiris_local")
    model = await a_server.until_state(kernel_id, "dead")
    assert model["reason"] == (
        "aml_config/local.compute:2: pythonLocation: expected a Python interpreter, got /no/python, "
        "which does not exist - name one that does, or `python` for the active one"
    )


async def test_a_run_configuration_that_went_away_since_it_was_listed_is_told(a_server, a_project):
    await a_server.kernelspecs()
    (a_project / "aml_config" / "local.runconfig").rename(a_project / "aml_config" / "other.runconfig")
    kernel_id = await a_server.start_kernel("myiris_local")
    model = await a_server.until_state(kernel_id, "dead")
    assert model["reason"] == "expected a run configuration of myIris, got local - write other"


async def test_every_problem_of_the_run_configuration_is_in_the_reason(a_server, a_project):
    (a_project / "aml_config" / "local.runconfig").write_text("Target: nowhere\nTrackedRun: maybe\nFramework: Python\n")
    kernel_id = await a_server.start_kernel("myiris_local")
    lines = (await a_server.until_state(kernel_id, "dead"))["reason"].splitlines()
    assert lines[0] == "myIris local cannot start:"
    assert [line.split(": ")[:2] for line in lines[1:]] == [
        ["aml_config/local.runconfig:1", "Target"],
        ["aml_config/local.runconfig:2", "TrackedRun"],
    ]


async def test_a_kernel_that_failed_can_be_restarted_once_it_is_mended(a_server, a_project):
    compute = a_project / "aml_config" / "local.compute"
    good = compute.read_text()
    compute.write_text("type: local\npythonLocation: /no/python\n")
    kernel_id = await a_server.start_kernel("myiris_local")
    await a_server.until_state(kernel_id, "dead")
    compute.write_text(good)
    assert (await a_server.json("POST", f"api/kernels/{kernel_id}/restart"))["execution_state"] != "dead"
    await a_server.until_state(kernel_id, "idle")
    await answers(a_server, kernel_id)


async def test_a_restart_that_fails_says_why_in_the_cell_and_recovers(a_server, a_project):
    compute = a_project / "aml_config" / "local.compute"
    good = compute.read_text()
    kernel_id = await a_server.start_kernel("myiris_local")
    await answers(a_server, kernel_id)
    compute.write_text("type: local\npythonLocation: /no/python\n")
    await a_server.json("POST", f"api/kernels/{kernel_id}/restart")
    async with a_server.kernel(kernel_id) as kernel:
        reply = await kernel.run("1 + 1")
    assert reply.error == (
        "aml_config/local.compute:2: pythonLocation: expected a Python interpreter, got /no/python, "
        "which does not exist - name one that does, or `python` for the active one"
    )
    compute.write_text(good)
    await a_server.json("POST", f"api/kernels/{kernel_id}/restart")
    await answers(a_server, kernel_id)


async def test_a_process_that_ends_before_it_is_a_kernel_says_why_in_the_cell(a_server, a_project, tmp_path):
    """Not five silent restarts: this Python passes the check and then cannot import ipykernel."""
    python = tmp_path / "liar"
    python.write_text('#!/bin/sh\ncase "$1" in -c) echo 3 12 True;; *) exit 9;; esac\n')
    python.chmod(0o755)
    (a_project / "aml_config" / "local.compute").write_text(f"type: local\npythonLocation: {python}\n")
    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:
        reply = await kernel.run("1 + 1")
    assert reply.error == (
        "The kernel's process ended before it was ready (exit code 9).\nWhat it said is in the log of the server."
    )


async def test_a_start_does_not_block_the_request_and_a_shutdown_cancels_it(a_server, a_project, tmp_path):
    python = tmp_path / "slow"
    python.write_text("#!/bin/sh\nexec sleep 600\n")
    python.chmod(0o755)
    (a_project / "aml_config" / "local.compute").write_text(f"type: local\npythonLocation: {python}\n")
    before = time.monotonic()
    kernel_id = await a_server.start_kernel("myiris_local")
    assert (await a_server.kernel_model(kernel_id))["execution_state"] == "starting"
    response = await a_server.request("DELETE", f"api/kernels/{kernel_id}")
    assert response.code == 204
    assert await a_server.json("GET", "api/kernels") == []
    assert time.monotonic() - before < 10


async def test_a_server_that_had_a_kernel_which_never_started_stops_at_once(a_server, a_project):
    (a_project / "aml_config" / "local.runconfig").write_text("Target: nowhere\nFramework: Python\n")
    kernel_id = await a_server.start_kernel("myiris_local")
    await a_server.until_state(kernel_id, "dead")
    await a_server.request("DELETE", f"api/kernels/{kernel_id}")
    await answers(a_server, await a_server.start_kernel("python3"))
    a_server.process.terminate()
    assert await asyncio.to_thread(a_server.process.wait, 20) == 0


async def test_a_switch_makes_our_kernels_start_as_the_server_has_it(a_project):
    """Then the request itself waits for the start, and fails with it."""
    (a_project / "aml_config" / "local.compute").write_text("type: local\npythonLocation: /no/python\n")
    with running_server(a_project, "--WorkbenchKernels.workbench_pending_kernels=False") as server:
        response = await server.request("POST", "api/kernels", {"name": "myiris_local"})
        assert response.code == 409
        assert json.loads(response.body)["message"] == (
            "aml_config/local.compute:2: pythonLocation: expected a Python interpreter, got /no/python, "
            "which does not exist - name one that does, or `python` for the active one"
        )
        assert await server.json("GET", "api/kernels") == []


async def test_the_plain_python_kernel_has_nothing_of_ours(a_server):
    kernel_id = await a_server.start_kernel("python3")
    async with a_server.kernel(kernel_id) as kernel:
        assert (await kernel.run("%azureml history show")).text == (
            "UsageError: Line magic function `%azureml` not found.\n"
        )
        assert (await kernel.run("import azureml")).error == "No module named 'azureml'"


SLOW = """#!/bin/sh
case "$1" in -c) while [ ! -e {go} ]; do sleep 0.1; done; echo 3 12 True;; *) exec {python} "$@";; esac
"""


@pytest.fixture
def slow_python(tmp_path, a_project):
    """Make the project's Python one that answers the check only when told so; returns how to tell it."""
    python, go = tmp_path / "slow", tmp_path / "go"
    python.write_text(SLOW.format(go=go, python=sys.executable))
    python.chmod(0o755)

    def use() -> Path:
        (a_project / "aml_config" / "local.compute").write_text(f"type: local\npythonLocation: {python}\n")
        return go

    return use


async def test_a_restart_while_the_first_start_is_prepared_is_refused_and_the_kernel_lives(a_server, slow_python):
    go = slow_python()
    kernel_id = await a_server.start_kernel("myiris_local")
    assert (await a_server.request("POST", f"api/kernels/{kernel_id}/restart")).code >= 400
    go.touch()
    await answers(a_server, kernel_id)


async def test_a_shutdown_while_a_restart_is_prepared_cancels_it(a_server, slow_python, tmp_path):
    kernel_id = await a_server.start_kernel("myiris_local")
    await answers(a_server, kernel_id)
    slow_python()
    restart = asyncio.create_task(a_server.request("POST", f"api/kernels/{kernel_id}/restart"))
    await until("the probe runs", lambda: probe_runs(tmp_path))
    assert (await a_server.request("DELETE", f"api/kernels/{kernel_id}")).code == 204
    assert (await restart).code >= 400
    assert await a_server.json("GET", "api/kernels") == []
    await until("the probe is gone", lambda: probe_is_gone(tmp_path))


async def test_a_server_that_stops_while_a_restart_is_prepared_stops_at_once(a_server, slow_python, tmp_path):
    kernel_id = await a_server.start_kernel("myiris_local")
    await answers(a_server, kernel_id)
    slow_python()
    restart = asyncio.create_task(a_server.request("POST", f"api/kernels/{kernel_id}/restart"))
    await until("the probe runs", lambda: probe_runs(tmp_path))
    a_server.process.terminate()
    assert await asyncio.to_thread(a_server.process.wait, 20) == 0
    await asyncio.wait([restart])


async def test_a_restart_whose_process_cannot_be_started_says_why_in_the_cell(a_server, a_project):
    kernel_id = await a_server.start_kernel("myiris_local")
    await answers(a_server, kernel_id)
    too_long = "x" * 140_000
    (a_project / "aml_config" / "local.runconfig").write_text(
        f"Target: local\nFramework: Python\nEnvironmentVariables:\n  BIG: {too_long}\n"
    )
    await a_server.json("POST", f"api/kernels/{kernel_id}/restart")
    async with a_server.kernel(kernel_id) as kernel:
        reply = await kernel.run("1 + 1")
    assert reply.error == (
        f"The kernel of local cannot be started: {sys.executable}: [Errno 7] Argument list too long: '{sys.executable}'"
    )


async def test_a_reason_of_any_length_is_told_in_the_cell(a_server, a_project):
    kernel_id = await a_server.start_kernel("myiris_local")
    await answers(a_server, kernel_id)
    unknown = "".join(f"Unknown{number}: 1\n" for number in range(2000))
    (a_project / "aml_config" / "local.runconfig").write_text(f"Target: local\nFramework: Python\n{unknown}")
    await a_server.json("POST", f"api/kernels/{kernel_id}/restart")
    async with a_server.kernel(kernel_id) as kernel:
        assert (await kernel.run("1 + 1")).error.startswith(
            "myIris local cannot start:\naml_config/local.runconfig:3: "
        )


async def test_modules_of_the_project_do_not_stand_in_the_way_of_the_reason(a_server, a_project):
    kernel_id = await a_server.start_kernel("myiris_local")
    await answers(a_server, kernel_id)
    (a_project / "random.py").write_text("raise ImportError('this is not the module that Python means')")
    (a_project / "aml_config" / "local.compute").write_text("type: local\npythonLocation: /no/python\n")
    await a_server.json("POST", f"api/kernels/{kernel_id}/restart")
    async with a_server.kernel(kernel_id) as kernel:
        assert (await kernel.run("1 + 1")).error.startswith("aml_config/local.compute:2: pythonLocation: expected ")


async def test_a_server_without_pending_kernels_stops_at_once_after_a_start_that_failed(a_project):
    (a_project / "aml_config" / "local.compute").write_text("type: local\npythonLocation: /no/python\n")
    with running_server(a_project, "--WorkbenchKernels.workbench_pending_kernels=False") as server:
        await answers(server, await server.start_kernel("python3"))
        assert (await server.request("POST", "api/kernels", {"name": "myiris_local"})).code == 409
        server.process.terminate()
        assert await asyncio.to_thread(server.process.wait, 20) == 0


async def probe_runs(folder: Path) -> bool:
    return bool(probes(folder))


async def probe_is_gone(folder: Path) -> bool:
    return not probes(folder)


def probes(folder: Path) -> list[str]:
    """Return the command lines of the checks that run for the slow interpreter of a test."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in lines if "find_spec" in line and f"{folder}/slow" in line]
