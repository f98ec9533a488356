"""Runs on a real MLflow tracking server, read with MLflow's own client; and whoever dies meanwhile."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_workbench.history.disk.spool import KernelFacts
from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.upkeep import removal

from .tracking_server import TrackingServer, tracking_server

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

MORNING = 1504832281.117
ROUNDS = [pytest.param(5), pytest.param(20, marks=pytest.mark.soak)]
RUNS = 25


@pytest.fixture(scope="module")
def python() -> str:
    """A Python with this package, mlflow-skinny and what else a tracking server needs."""
    named = os.environ.get("WORKBENCH_TEST_MLFLOW_PYTHON")
    if not named:
        pytest.skip("WORKBENCH_TEST_MLFLOW_PYTHON names no Python with mlflow (.ci/run makes one)")
    return named


@pytest.fixture(scope="module")
def server(python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    with tracking_server(python, tmp_path_factory.mktemp("tracking") / "server") as server:
        yield server


class Kernel:
    """Writes a spool and keeps its lock, as a kernel that lives does; commands bring in what it wrote."""

    def __init__(self, data: ProjectData, project: str) -> None:
        self.data = data
        self.project = project
        facts = KernelFacts(project, f"/projects/{project}", "local", "local", "local", "Python")
        self._spool = data.new_spool(facts)
        self._lock = os.open(self._spool.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.lockf(self._lock, fcntl.LOCK_EX)
        self.writes({"e": "open", "t": MORNING, "v": 1, "pid": 1, "python": "3.11.7", "user": "ada", "host": "box"})

    def dies(self) -> None:
        os.close(self._lock)

    def writes(self, *records: dict[str, Any]) -> None:
        with (self._spool.folder / "records.jsonl").open("ab") as file:
            file.write(b"".join(json.dumps(record).encode() + b"\n" for record in records))

    def starts(self, run: str, number: int = 0, **more: Any) -> None:
        told = {"id": f"iris_{1504832281117 + number}", "source": "train()", "count": 3, "cell": "c1"}
        self.writes({"e": "start", "t": MORNING, "run": run, "notebook": "iris.ipynb", **told, **more})

    def logs(self, run: str, name: str, value: Any, after: float = 1.0, **more: Any) -> None:
        self.writes({"e": "log", "t": MORNING + after, "run": run, "name": name, "value": value, **more})

    def saves(self, run: str, path: str, content: bytes) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        blob = self._spool.folder / "blobs" / sha256
        blob.parent.mkdir(exist_ok=True)
        blob.write_bytes(content)
        self.writes({"e": "output", "t": MORNING, "run": run, "path": path, "sha256": sha256, "size": len(content)})

    def ends(self, run: str, status: str = "Completed") -> None:
        self.writes({"e": "end", "t": MORNING + 5, "run": run, "status": status, "duration": 5.0, "error": None})


@pytest.fixture
def kernel(a_project: Path, request: pytest.FixtureRequest) -> Iterator[Kernel]:
    """Of a project that is called like the test: all tests share one server."""
    kernel = Kernel(project_data(a_project, None), request.node.originalname)
    yield kernel
    kernel.dies()


@pytest.fixture
def mirror(python: str, a_project: Path, server: TrackingServer) -> Callable[..., subprocess.Popen[str]]:
    """Start a command of `workbench` for the project."""

    def start(*arguments: str, group: str = "history", uri: str = server.uri) -> subprocess.Popen[str]:
        command = [python, "-m", "jupyter_workbench.cli", group, *arguments, "--tracking-uri", uri]
        return subprocess.Popen(command, cwd=a_project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


def told_by(process: subprocess.Popen[str]) -> str:
    """Wait for its end, and return what it printed."""
    printed, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return printed


def until(what: str, condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"


def runs_of(server: TrackingServer, project: str) -> list[dict[str, Any]]:
    return [run for run in server.read()["runs"] if run["experiment"].startswith(f"{project}/")]


def test_mlflows_own_client_reads_a_run_as_its_users_expect_it(server, kernel, mirror):
    run = "a" * 32
    kernel.starts(run)
    for number in range(3):
        kernel.logs(run, "Loss", 1 / (number + 1), after=number)
    kernel.logs(run, "Accuracy", 0.9, step=10)
    kernel.logs(run, "Recall", [0.25, 0.5])
    kernel.logs(run, "odd: 100 %", float("inf"))
    kernel.logs(run, "Cell", "Load Data")
    kernel.logs(run, "Report", "x" * 7000)
    kernel.logs(run, "empty", "")
    kernel.logs(run, "strange", "\ud800\0")
    kernel.logs(run, "frame", {"x": [1, 2], "y": ["a", None]}, kind="table")
    kernel.saves(run, "outputs/model.pkl", b"model")
    kernel.saves(run, "outputs/50 % #1?+ü.txt", b"text")
    kernel.writes({"e": "note", "t": MORNING, "run": run, "text": "**good**"})
    kernel.writes({"e": "tag", "t": MORNING, "run": run, "key": "color", "value": "red"})
    kernel.ends(run)
    assert told_by(mirror("mirror")) == f"Mirrored to {server.uri}: 1 run that changed.\n"
    (found,) = runs_of(server, kernel.project)
    assert found["experiment"] == f"{kernel.project}/iris.ipynb"
    assert (found["name"], found["status"], found["user"]) == ("iris_1504832281117", "FINISHED", "ada")
    assert (found["start_time"], found["end_time"]) == (1504832281117, 1504832286117)
    assert found["metrics"] == {
        "Loss": [[0, 1.0, 1504832281117], [1, 0.5, 1504832282117], [2, 1 / 3, 1504832283117]],
        "Accuracy": [[10, 0.9, 1504832282117]],
        "Recall": [[0, 0.25, 1504832282117], [1, 0.5, 1504832282117]],
        "odd: 100 _-f10098f1": [[0, 1.7976931348623157e308, 1504832282117]],  # how MLflow keeps what is infinite
    }
    assert found["params"] == {
        "Cell": "Load Data", "Report": "x" * 499 + "…", "empty": "", "strange": "\\ud800\\x00",
    }  # fmt: skip
    assert found["artifacts"] == {
        "source.py": 7, "outputs/model.pkl": 5, "outputs/50 _ _1_+ü-97c465b4.txt": 4, "texts/Report.txt": 7000,
        "tables/frame.json": 54,
    }  # fmt: skip
    assert {"color": "red", "mlflow.note.content": "**good**", "mlflow.source.type": "NOTEBOOK"}.items() <= found[
        "tags"
    ].items()


def test_what_changes_later_follows(server, kernel, mirror):
    run = "a" * 32
    kernel.starts(run)
    kernel.logs(run, "Loss", 1.0)
    told_by(mirror("mirror"))
    assert runs_of(server, kernel.project)[0]["status"] == "RUNNING"
    kernel.logs(run, "Loss", 0.5)
    kernel.ends(run, "Failed")
    told_by(mirror("mirror"))
    (found,) = runs_of(server, kernel.project)
    assert (found["status"], [point[:2] for point in found["metrics"]["Loss"]]) == ("FAILED", [[0, 1.0], [1, 0.5]])
    removal.delete(kernel.data, [found["name"]])
    told_by(mirror("mirror"))
    assert runs_of(server, kernel.project) == []
    removal.undelete(kernel.data, [found["name"]])
    told_by(mirror("mirror"))
    assert runs_of(server, kernel.project) == [found]


def test_a_model_is_registered_once(server, kernel, mirror):
    kernel.starts("a" * 32)
    kernel.saves("a" * 32, "outputs/model.pkl", b"model")
    kernel.ends("a" * 32)
    arguments = ("register", "-r", "last", "-ap", "outputs/model.pkl", "-n", "iris")
    told = f"outputs/model.pkl of the run iris_1504832281117 is version 1 of the model iris on {server.uri}.\n"
    assert [told_by(mirror(*arguments, group="model")) for _ in range(2)] == [told, told]
    (model,) = server.read()["models"]
    assert (model["name"], model["version"]) == ("iris", "1")
    assert model["source"].endswith("/artifacts/outputs/model.pkl")


def test_the_process_of_a_jupyter_server_mirrors_what_is_there_and_what_comes(
    server, kernel, python, a_project, history
):
    kernel.starts("a" * 32)
    command = [python, "-m", "jupyter_workbench.history.mirror"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for order in (
            {"tracking_uri": server.uri, "experiments": []},
            {"data": str(kernel.data.root), "project": kernel.project},
        ):
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
        history(a_project, "last")  # as the collector of that server would, this brings in what the kernel wrote
        until("the run is there", lambda: runs_of(server, kernel.project))
        kernel.ends("a" * 32)
        history(a_project, "last")
        until("its end is there", lambda: runs_of(server, kernel.project)[0]["status"] == "FINISHED")
        process.stdin.close()
        assert process.wait(60) == 0


def test_a_server_that_does_not_answer_is_told_in_one_sentence_without_credentials(kernel, mirror):
    kernel.starts("a" * 32)
    process = mirror("mirror", "--follow", uri="http://ada:secret@127.0.0.1:9")
    said = [process.stderr.readline() for _ in range(2)]
    process.kill()
    assert said == [
        "Runs of myIris are mirrored to http://127.0.0.1:9 until Ctrl-C.\n",
        "The tracking server http://127.0.0.1:9 does not answer (connection refused) - the runs wait, and it is tried "
        "again until it works.\n",
    ]
    assert process.communicate() == ("", "")


@pytest.mark.parametrize("rounds", ROUNDS)
def test_whoever_is_killed_whenever_every_run_is_there_once_and_complete(rounds, server, kernel, mirror):
    chance = random.Random(rounds)
    expected = {}
    for number in range(RUNS):
        run = f"{number:032x}"
        kernel.starts(run, number)
        expected[f"iris_{1504832281117 + number}"] = values = [chance.random() for _ in range(10)]
        for value in values:
            kernel.logs(run, "Loss", value)
        kernel.logs(run, "Cell", f"cell {number}")
        kernel.ends(run)
    for round_ in range(rounds):
        process = mirror("mirror", "--follow")
        process.stderr.readline()  # it begins
        if round_ == rounds // 2:
            server.kill()
            server.start()
        time.sleep(chance.uniform(0, 0.5))
        process.kill()
        process.communicate()
    told_by(mirror("mirror"))
    runs = runs_of(server, kernel.project)
    assert {run["name"]: [point[1] for point in run["metrics"]["Loss"]] for run in runs} == expected
    assert len(runs) == RUNS
    assert {run["status"] for run in runs} == {"FINISHED"}
    assert all({"source.py"} == run["artifacts"].keys() and run["params"].keys() == {"Cell"} for run in runs)
