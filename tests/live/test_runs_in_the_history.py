"""The cells of a kernel that a real server started become runs in the history."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

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
    assert texts[4] == ""


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
    from jupyter_workbench.history.location import project_data

    (blob,) = (path for path in project_data(a_project, None).blobs.rglob("*") if path.is_file())
    assert blob.read_bytes() == (a_project / "outputs" / "model.pkl").read_bytes()


async def test_one_run_is_found_by_its_id(iris, a_project, history):
    last = history(a_project, "last")
    assert history(a_project, "info", "-r", last["run_id"])["source"] == "%azureml history off"


async def test_a_run_is_in_the_store_while_its_kernel_lives_without_any_command(a_server, a_project):
    """The records come over the kernel's own channel: nobody asks for them."""
    from jupyter_workbench.history.location import project_data

    database = project_data(a_project, None).database

    async def stored() -> bool:
        if not database.exists():
            return False
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT count(*) FROM runs WHERE status = 'Completed'").fetchone() == (1,)

    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:
        await kernel.run("%azureml history on")
        await until("the run is stored", stored)


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
    from jupyter_workbench.history.location import project_data

    assert list(Path(project_data(a_project, None).spools).iterdir()) == []
