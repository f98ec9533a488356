"""The REST API and its event in a real server, as a screen of JupyterLab uses them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tornado.websocket import websocket_connect

from jupyter_workbench.server.progress_events import SCHEMA_ID

from .jupyter import DEADLINE_SECONDS, Server

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
