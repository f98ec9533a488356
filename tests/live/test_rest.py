"""The REST API and its event in a real server, as a screen of JupyterLab uses them."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from described import mistakes, operations, responses
from tornado.websocket import websocket_connect

from jupyter_workbench.server.progress_events import SCHEMA_ID

from .jupyter import DEADLINE_SECONDS, Server, until

pytestmark = pytest.mark.live

NO_SUCH_PYTHON = (
    "aml_config/local.compute:2: pythonLocation: expected a Python interpreter, got /no/such/python, "
    "which does not exist - name one that does, or `python` for the active one"
)


class Listener:
    """Hears the events of progress that one subscriber gets."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def until(self, **wanted: Any) -> list[dict[str, Any]]:
        """Return the events up to the first that has these values."""
        heard: list[dict[str, Any]] = []
        while not heard or not wanted.items() <= heard[-1].items():
            event = json.loads(await asyncio.wait_for(self._connection.read_message(), DEADLINE_SECONDS))
            if event["schema_id"] == SCHEMA_ID:
                heard.append(event)
        return heard


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[Listener]:
    url = f"{server.url.replace('http', 'ws', 1)}api/events/subscribe?token={server.token}"
    connection = await websocket_connect(url)
    try:
        yield Listener(connection)
    finally:
        connection.close()


async def test_a_subscriber_hears_of_a_start_from_its_first_moment_to_its_last(a_server):
    async with listening(a_server) as listener:
        kernel_id = await a_server.start_kernel("myiris_local")
        heard = await listener.until(kernel_id=kernel_id, state="running")
    assert heard[0]["state"] == "preparing"
    assert {(event["project"], event["run_configuration"]) for event in heard} == {("myIris", "local")}
    told = await a_server.json("GET", f"workbench/api/kernels/{kernel_id}")
    assert (told["state"], told["target_type"], told["reason"]) == ("running", "local", None)


async def test_a_subscriber_hears_why_a_start_failed(a_server, a_project):
    (a_project / "aml_config/local.compute").write_text("type: local\npythonLocation: /no/such/python\n")
    async with listening(a_server) as listener:
        kernel_id = await a_server.start_kernel("myiris_local")
        (*_, last) = await listener.until(kernel_id=kernel_id, state="dead")
    assert last["reason"] == NO_SUCH_PYTHON
    told = await a_server.json("GET", f"workbench/api/kernels/{kernel_id}")
    assert (told["state"], told["reason"]) == ("dead", NO_SUCH_PYTHON)


async def test_a_subscriber_hears_what_came_of_a_preparation(a_server, a_project):
    body = {"project_dir": str(a_project), "run_configuration": "local"}
    async with listening(a_server) as listener:
        id_ = (await a_server.json("POST", "workbench/api/preparations", body))["id"]
        (*_, last) = await listener.until(preparation_id=id_, state="done")
    assert last["message"] == (await a_server.json("GET", f"workbench/api/preparations/{id_}"))["message"]


async def test_a_subscriber_hears_why_a_restart_failed_though_another_kernel_stands_in(a_server, a_project):
    kernel_id = await a_server.start_kernel("myiris_local")
    async with listening(a_server) as listener, a_server.kernel(kernel_id) as kernel:
        await kernel.run("1")
        (a_project / "aml_config/local.compute").write_text("type: local\npythonLocation: /no/such/python\n")
        await a_server.json("POST", f"api/kernels/{kernel_id}/restart")
        (*_, last) = await listener.until(kernel_id=kernel_id, state="dead")
    assert last["reason"] == NO_SUCH_PYTHON


MODEL = bytes(range(256)) * 1000
CELLS = [
    """%azureml history on
from azureml.logging import get_azureml_logger
logger = get_azureml_logger()
for step in range(5):
    logger.log("Loss", 1 / (step + 1))
logger.log("Worst", float("nan"))
print("trained")""",
    """import os
os.makedirs("outputs", exist_ok=True)
with open("outputs/größe 1.bin", "wb") as file:
    file.write(bytes(range(256)) * 1000)
logger.log("Loss", float("inf"))
%azureml upload outputs
1 / 0""",
]


class Curl:
    """Asks a server with the binary that everybody has."""

    def __init__(self, server: Server, folder: Path) -> None:
        binary = shutil.which("curl")
        if binary is None:
            pytest.skip("no curl on this machine")
        self._command = [binary, "--silent", "--show-error", "--max-time", str(DEADLINE_SECONDS)]
        self._command += ["--header", f"Authorization: token {server.token}"]
        self._server, self._folder = server, folder

    def __call__(self, path: str, *options: str, body: Path | None = None) -> tuple[str, dict[str, str], bytes]:
        """Return the status, the headers by their names in lower case, and the body, which is in a file afterwards."""
        head = self._folder / "head"
        if body is None:
            body = self._folder / "body"
            body.unlink(missing_ok=True)
        url = f"{self._server.url}workbench/api/{path}"
        command = [*self._command, "--dump-header", str(head), "--output", str(body), *options, url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        first, *lines = head.read_text().strip().splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return first.split(" ")[1], headers, body.read_bytes() if body.exists() else b""


@pytest.fixture
async def a_kernel_with_runs(a_server: Server, a_project: Path) -> dict[str, Any]:
    """Run two cells in a real kernel; return the values of the parameters that the description asks for."""
    kernel_id = await a_server.start_kernel("myiris_local")
    async with a_server.kernel(kernel_id) as kernel:
        replies = [await kernel.run(cell) for cell in CELLS]
    assert [reply.error for reply in replies] == ["", "division by zero"]
    # Of another run configuration, since the log of a start is kept until the next one of its run configuration.
    shutil.copy(a_project / "aml_config/local.runconfig", a_project / "aml_config/other.runconfig")
    preparation = {"project_dir": str(a_project), "run_configuration": "other"}
    id_ = (await a_server.json("POST", "workbench/api/preparations", preparation))["id"]
    query = f"project_dir={quote(str(a_project))}"

    async def all_is_there() -> list[Any]:
        runs = (await a_server.json("GET", f"workbench/api/runs?{query}&sort=started"))["runs"]
        if [run["status"] for run in runs] != ["Completed", "Failed"]:
            return []
        outputs = (await a_server.json("GET", f"workbench/api/runs/{runs[1]['run_id']}?{query}"))["outputs"]
        return runs if [output["state"] for output in outputs] == ["kept"] else []

    first, second = [run["run_id"] for run in await until("both runs are there", all_is_there)]
    return {
        "project_dir": str(a_project),
        "kernel_id": kernel_id,
        "id": id_,
        "run_id": second,
        "run": [first, second],
        "name": {"getSeries": "Loss", "getTargetDetails": "local"},
        "notebook": "iris.ipynb",
        "which": "source",
        "path": "outputs/größe 1.bin",
    }


def addressed(described: dict[str, Any], operation: dict[str, Any], values: dict[str, Any]) -> str:
    """Return the path and query of an operation with the parameters that it requires, as the file says.

    Of a parameter that means another thing in each operation, ``values`` has a value by operation.
    """
    path, query = operation["path"].lstrip("/"), []
    for parameter in required(described, operation):
        value = values[parameter["name"]]
        value = value[operation["operationId"]] if isinstance(value, dict) else value
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
        else:
            query += [f"{parameter['name']}={quote(one)}" for one in (value if isinstance(value, list) else [value])]
    return f"{path}?{'&'.join(query)}" if query else path


def required(described: dict[str, Any], operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    shared = described["paths"][operation["path"]].get("parameters", [])
    for parameter in [*shared, *operation.get("parameters", [])]:
        if "$ref" in parameter:
            parameter = described["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        if parameter.get("required"):
            yield parameter


async def test_curl_follows_the_description(a_server, a_kernel_with_runs, tmp_path):
    curl = Curl(a_server, tmp_path)
    _, _, text = await asyncio.to_thread(curl, "openapi.yaml")
    described = yaml.safe_load(text)
    readable = [operation for operation in operations(described).values() if operation["method"] == "GET"]
    assert len(readable) > 15
    for operation in readable:
        path = addressed(described, operation, a_kernel_with_runs)
        status, headers, body = await asyncio.to_thread(curl, path)
        # Whether there is a Docker engine is not up to this test.
        assert status == "200" or (operation["operationId"], status) == ("listEnvironments", "409"), (path, body)
        response = responses(described, operation)[status]
        for header, told in response.get("headers", {}).items():
            assert not mistakes(described, told["schema"], headers[header.lower()]), (path, header)
        schema = response["content"][headers["content-type"]].get("schema")
        if headers["content-type"] == "application/json":
            told = json.loads(body, parse_constant=pytest.fail)
            assert not mistakes(described, schema, told), path


async def test_curl_goes_on_with_a_download_that_broke_off(a_server, a_kernel_with_runs, tmp_path):
    curl = Curl(a_server, tmp_path)
    run, project = a_kernel_with_runs["run_id"], quote(a_kernel_with_runs["project_dir"])
    path = f"runs/{run}/outputs/{quote(a_kernel_with_runs['path'])}?project_dir={project}"
    part = tmp_path / "part"
    part.write_bytes(MODEL[:1000])
    status, headers, _ = await asyncio.to_thread(curl, path, "--continue-at", "-", body=part)
    assert (status, headers["content-range"]) == ("206", f"bytes 1000-{len(MODEL) - 1}/{len(MODEL)}")
    assert part.read_bytes() == MODEL
    status, _, body = await asyncio.to_thread(curl, path, "--header", f"If-None-Match: {headers['etag']}")
    assert (status, body) == ("304", b"")


async def test_runs_tell_what_the_kernel_logged_and_printed(a_server, a_kernel_with_runs):
    query = f"project_dir={quote(a_kernel_with_runs['project_dir'])}"
    first, second = [
        await a_server.json("GET", f"workbench/api/runs/{run}?{query}") for run in a_kernel_with_runs["run"]
    ]
    assert first["metrics"]["Worst"]["last"] == "NaN"
    assert first["metrics"]["Loss"] == {"kind": "number", "count": 5, "last": 0.2, "min": 0.2, "max": 1.0}
    assert first["stdout"].endswith("trained\n")
    assert second["metrics"]["Loss"]["last"] == "Infinity"
    assert second["error"] == {"name": "ZeroDivisionError", "message": "division by zero"}
    assert "ZeroDivisionError" in second["traceback"]


async def test_a_run_is_changed_and_thrown_away(a_server, a_kernel_with_runs):
    query = f"project_dir={quote(a_kernel_with_runs['project_dir'])}"
    path = f"workbench/api/runs/{a_kernel_with_runs['run_id']}"
    run = await a_server.json("PATCH", f"{path}?{query}", {"tags": {"stage": "final"}, "note": "the best yet"})
    assert (run["tags"], run["note"]) == ({"stage": "final"}, "the best yet")
    assert (await a_server.json("DELETE", f"{path}?{query}&for_good=true")) == {"runs": 1, "bytes": len(MODEL)}
    assert (await a_server.request("GET", f"{path}?{query}")).code == 404
