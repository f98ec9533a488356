"""The cells of a kernel that a real server started become runs in the history."""

from __future__ import annotations

import asyncio
import getpass
import json
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from tornado.websocket import websocket_connect

from jupyter_workbench.history.location import project_data
from jupyter_workbench.history.reading.queries import info, list_runs

from .jupyter import running_server, until

pytestmark = pytest.mark.live

IRIS = [
    """%azureml history on
%azureml history show
from azureml.logging import get_azureml_logger
logger = get_azureml_logger()
logger.log("Cell", "Set up run")""",
    """import os, pickle
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
X, y = load_iris(return_X_y=True)
model = LogisticRegression(C=1 / 0.01, max_iter=1000).fit(X, y)
logger.log("Regularization Rate", 0.01)
logger.log("Accuracy", model.score(X, y))
precision, recall, thresholds = precision_recall_curve(y == 1, model.predict_proba(X)[:, 1])
logger.log("Precision", precision)
logger.log("Recall", recall)
for epoch in range(3):
    logger.log("Loss", 1 / (epoch + 1))
os.makedirs("outputs", exist_ok=True)
with open("outputs/model.pkl", "wb") as file:
    pickle.dump(model, file)
accuracy = model.score(X, y)""",
    "%azureml upload outputs/model.pkl",
    "%azureml history off",
    "logger.log('Accuracy', 0)",
]


@pytest.fixture
async def iris(a_server):
    """Run the Classifying Iris idiom and return what each cell printed, and the accuracy."""
    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:
        replies = [await kernel.run(cell) for cell in IRIS]
        accuracy = float((await kernel.run("print(accuracy)")).text)
    assert [reply.error for reply in replies] == [""] * len(IRIS)
    await a_server.request("DELETE", f"api/kernels/{kernel_id}")
    return [reply.text for reply in replies], accuracy


async def test_the_iris_notebook_says_what_it_said_in_2017(iris):
    texts, _ = iris
    assert texts[0] == "History logging enabled\nHistory logging is enabled\n"
    assert texts[3] == "History logging disabled\n"
    assert texts[4] == ("Run history is off, so what is logged is not kept - turn it on with `%azureml history on`.\n")


async def test_the_iris_notebooks_cells_are_runs_with_what_they_logged(iris, a_project, history):
    _, accuracy = iris
    off, upload, train, on = history(a_project, "list")
    assert [run["status"] for run in (off, upload, train, on)] == ["Completed"] * 4
    assert on["Cell"] == "Set up run"
    assert (train["Accuracy"], train["Regularization Rate"]) == (accuracy, 0.01)
    assert train["Loss"] == [1.0, 0.5, 1 / 3]
    assert len(train["Precision"]) == len(train["Recall"]) > 10
    assert upload["attachments"] == "outputs/model.pkl"
    assert [run["run_number"] for run in (off, upload, train, on)] == [4, 3, 2, 1]
    assert train["run_id"].startswith("myIris_")


async def test_the_uploaded_file_is_kept_byte_for_byte(iris, a_project, tmp_path, monkeypatch):
    (blob,) = (path for path in project_data(a_project, None).blobs.rglob("*") if path.is_file())
    assert blob.read_bytes() == (a_project / "outputs" / "model.pkl").read_bytes()


async def test_one_run_is_found_by_its_id(iris, a_project, history):
    last = history(a_project, "last")
    assert history(a_project, "info", "-r", last["run_id"])["source"] == "%azureml history off"


async def test_a_run_is_in_the_store_while_its_kernel_lives_without_any_command(a_server, a_project):
    """The records come over the kernel's own channel: nobody asks for them."""

    async def stored() -> bool:
        runs = await asyncio.to_thread(list_runs, project_data(a_project, None))
        return [run["status"] for run in runs] == ["Completed"]

    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:
        await kernel.run("%azureml history on")
        await until("the run is stored", stored)


async def test_a_run_knows_the_commit_the_diff_the_packages_and_the_user(a_server, a_project):
    me = "git -c user.name=Ada -c user.email=ada@example.org"
    commands = f"git init -q -b main && git add . && {me} commit -qm First && git rev-parse HEAD"
    commit = subprocess.run(commands, shell=True, cwd=a_project, check=True, capture_output=True, text=True).stdout
    (a_project / "new.py").touch()
    data = project_data(a_project, None)

    async def captured() -> dict | None:
        runs = await asyncio.to_thread(list_runs, data)
        run = await asyncio.to_thread(info, data, runs[0]["run_id"]) if runs else None
        return run if run and run["git"]["captured_utc"] else None

    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:
        await kernel.run("%azureml history on")
        run = await until("the surroundings of the run are known", captured)
    assert (run["git"]["commit"], run["git"]["branch"], run["git"]["dirty"]) == (commit.strip(), "main", True)
    assert f"ipykernel=={version('ipykernel')}" in run["packages"]
    assert (run["user"], run["environment"]) == (getpass.getuser(), None)


async def test_front_ends_are_told_of_a_run_and_of_its_end(a_server, a_project):
    url = f"{a_server.url.replace('http', 'ws', 1)}api/events/subscribe?token={a_server.token}"
    socket = await websocket_connect(url)
    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:
        await kernel.run("%azureml history on")
        told: set[str] = set()
        while not told:
            event = json.loads(await asyncio.wait_for(socket.read_message(), 30))
            if event["schema_id"].endswith("/runs_changed/v1"):
                assert event["project_dir"] == str(a_project)
                told.update(event["run_ids"])
    socket.close()
    (run,) = await a_server_runs(a_project)
    assert told == {run["run_id"]}


async def a_server_runs(project: Path) -> list[dict]:
    return await asyncio.to_thread(list_runs, project_data(project, None))


async def test_a_cell_that_fails_and_one_that_is_interrupted_say_so(a_server, a_project, history):
    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:
        await kernel.run("%azureml history on")
        await kernel.run("1 / 0")
        reply, done = kernel.send("print('on'); import time; time.sleep(600)")
        await until("the cell prints", lambda: asyncio.sleep(0, reply.text))
        await a_server.json("POST", f"api/kernels/{kernel_id}/interrupt")
        await asyncio.wait_for(done.wait(), 30)
    interrupted, failed, _ = history(a_project, "list")
    assert (interrupted["status"], failed["status"]) == ("Canceled", "Failed")
    assert "ZeroDivisionError" in str(failed["error"])


async def test_records_are_no_activity_of_the_user_and_a_busy_kernel_stays_busy(a_server, a_project):
    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:

        async def records() -> list[dict]:
            return [m for m in kernel.messages if m["header"]["msg_type"] == "jupyter_workbench_records"]

        async def five_records() -> bool:
            states.add((await a_server.kernel_model(kernel_id))["execution_state"])
            return len(await records()) >= 5

        await kernel.run("%azureml history on\nfrom azureml.logging import get_azureml_logger as g\nimport os")
        _, done = kernel.send("while not os.path.exists('stop'): g().log('x', 1)")
        await a_server.until_state(kernel_id, "busy")
        states: set[str] = set()
        await until("records went out while the cell ran", five_records)
        (a_project / "stop").touch()
        await asyncio.wait_for(done.wait(), 30)
        shown = [m["content"]["execution_state"] for m in kernel.messages if m["header"]["msg_type"] == "status"]
    assert states == {"busy"}
    assert shown[-2:] == ["busy", "idle"]
    assert {message["parent_header"]["msg_type"] for message in await records()} == {"jupyter_workbench_records"}


async def test_tracked_run_false_forbids_the_history(write_project, history):
    project = write_project(local__runconfig="Target: local\nFramework: Python\nTrackedRun: false\n")
    with running_server(project) as server:
        kernel_id = await server.start_kernel("myiris_local")
        async with server.kernel(kernel_id) as kernel:
            reply = await kernel.run("%azureml history on\n%azureml history show")
    assert "TrackedRun: false" in reply.text
    assert reply.text.endswith("History logging is disabled\n")
    assert history(project, "list") == []


async def test_the_kernels_spool_is_gone_when_everything_is_in_the_store(iris, a_project):
    assert list(Path(project_data(a_project, None).spools).iterdir()) == []
