"""A websocket class of another package that connects at once still reaches our kernels, which are pending first."""

from __future__ import annotations

import asyncio
import html
import sys
from urllib.parse import urlsplit

import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import websocket_connect

from .jupyter import DEADLINE_SECONDS, Server, running_server

pytestmark = pytest.mark.live

HASTY = """
from jupyter_server.services.kernels.connection.base import BaseKernelWebsocketConnection
from traitlets.config import Config

class Sockets(BaseKernelWebsocketConnection):
    kernel_ws_protocol = "v1.kernel.websocket.jupyter.org"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.log.warning("their websocket is made")

    async def connect(self):
        there = self.kernel_manager.ready.done() and self.kernel_manager.shell_port != 0
        self.log.warning("their websocket talks to %s", "a kernel" if there else "nobody")

    def disconnect(self):
        self.log.warning("their websocket is gone")

def _jupyter_server_extension_points():
    return [{"module": __name__}]

def _link_jupyter_server_extension(app):
    app.update_config(Config({"ServerApp": {"kernel_websocket_connection_class": __name__ + ".Sockets"}}))

def _load_jupyter_server_extension(app):
    pass
"""

PREPARED_WHEN_TOLD = """#!/bin/sh
case "$1" in -c) while [ ! -e {go} ]; do sleep 0.1; done; echo 3 12 True;; *) exec {python} "$@";; esac
"""

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: v1.kernel.websocket.jupyter.org\r\n\r\n"
)


@pytest.fixture(params=["aaa_before_us", "zzz_after_us"])
def beside_them(request, tmp_path, monkeypatch):
    """Write their package and return the option of a server that has it and us; its name says who is linked first."""
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / f"{request.param}.py").write_text(HASTY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    return f"--ServerApp.jpserver_extensions={{'jupyter_workbench': True, '{request.param}': True}}"


@pytest.fixture
def go(tmp_path, a_project):
    """Make the project's kernel one that is being prepared until the file that this returns exists."""
    python, go = tmp_path / "slow", tmp_path / "go"
    python.write_text(PREPARED_WHEN_TOLD.format(go=go, python=sys.executable))
    python.chmod(0o755)
    (a_project / "aml_config" / "local.compute").write_text(f"type: local\npythonLocation: {python}\n")
    return go


async def opened_by_hand(server: Server, kernel_id: str) -> asyncio.StreamWriter:
    """Send the request for a websocket, and return what closes it before there is an answer."""
    url = urlsplit(server.websocket_url(kernel_id))
    _, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(HANDSHAKE.format(path=f"{url.path}?{url.query}", host=url.netloc).encode())
    return writer


async def test_it_is_refused_with_the_reason_when_our_kernel_failed_to_start(beside_them, a_project):
    (a_project / "aml_config" / "local.compute").write_text("type: local\npythonLocation: /no/python\n")
    with running_server(a_project, beside_them) as server:
        kernel_id = await server.start_kernel("myiris_local")
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(server.websocket_url(kernel_id))
        log = server.log.read_text()
    assert refused.value.code == 500
    assert (
        "aml_config/local.compute:2: pythonLocation: expected a Python interpreter, got /no/python, "
        "which does not exist - name one that does, or `python` for the active one"
    ) in html.unescape(refused.value.response.body.decode())
    assert "their websocket talks to" not in log


async def test_it_waits_while_our_kernel_is_prepared(beside_them, a_project, go):
    with running_server(a_project, beside_them) as server:
        kernel_id = await server.start_kernel("myiris_local")
        opening = asyncio.ensure_future(websocket_connect(server.websocket_url(kernel_id)))
        await server.until_logged("their websocket is made")
        go.touch()
        connection = await asyncio.wait_for(opening, DEADLINE_SECONDS)
        log = await server.until_logged("their websocket talks to")
        connection.close()
    assert "their websocket talks to a kernel" in log


async def test_closed_while_our_kernel_is_prepared_it_is_never_connected(beside_them, a_project, go):
    with running_server(a_project, beside_them) as server:
        kernel_id = await server.start_kernel("myiris_local")
        websocket = await opened_by_hand(server, kernel_id)
        await server.until_logged("their websocket is made")
        websocket.close()
        await server.until_logged("their websocket is gone")
        go.touch()
        log = await server.until_logged("The websocket was closed while its kernel was being prepared.")
    assert "their websocket talks to" not in log
    assert "Traceback" not in log
