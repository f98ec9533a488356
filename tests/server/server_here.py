"""A real server in this process, asked over HTTP as a front end asks it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from traitlets.config import Config

from jupyter_workbench.server.progress_events import SCHEMA_ID

TOKEN = "a-token"
DEADLINE_SECONDS = 30


@dataclass
class Told:
    """What came of one request."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Api:
    """A running server, asked as a front end asks it."""

    app: ServerApp
    url: str
    root: Path
    events: list[dict[str, Any]] = field(default_factory=list)
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def fetch(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None, body: str | None = None
    ) -> HTTPResponse:
        """Send one request, whose answer may be anything."""
        return await AsyncHTTPClient().fetch(
            f"{self.url}{path}",
            method=method,
            body=body,
            headers={"Authorization": f"token {TOKEN}", **(headers or {})},
            allow_nonstandard_methods=True,
            raise_error=False,
            follow_redirects=False,
            request_timeout=DEADLINE_SECONDS,
        )

    async def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Told:
        """Send one request; ``body`` is sent as JSON unless it is bytes."""
        response = await AsyncHTTPClient().fetch(
            f"{self.url}{path}",
            method=method,
            body=body if body is None or isinstance(body, bytes) else json.dumps(body),
            headers={"Authorization": f"token {TOKEN}"} if headers is None else headers,
            allow_nonstandard_methods=True,
            raise_error=False,
            request_timeout=DEADLINE_SECONDS,
        )
        return Told(response.code, _json(response), dict(response.headers))

    async def get(self, path: str, **query: str) -> Told:
        """Send a GET with a query below `/workbench/api/`."""
        return await self.ask("GET", f"workbench/api/{path}?{urlencode(query)}")

    async def post(self, path: str, body: Any = None) -> Told:
        """Send a POST below `/workbench/api/`."""
        return await self.ask("POST", f"workbench/api/{path}", body)

    async def delete(self, path: str) -> Told:
        """Send a DELETE below `/workbench/api/`."""
        return await self.ask("DELETE", f"workbench/api/{path}")

    async def until_event(self, **wanted: Any) -> dict[str, Any]:
        """Wait for an event that has these values."""
        return await asyncio.wait_for(self._event(wanted), DEADLINE_SECONDS)

    async def _event(self, wanted: dict[str, Any]) -> dict[str, Any]:
        while True:
            for event in self.events:
                if wanted.items() <= event.items():
                    return event
            self._heard.clear()
            await self._heard.wait()

    async def hear(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        """Keep an event. Called by the server's event logger."""
        self.events.append(data)
        self._heard.set()


def _json(response: HTTPResponse) -> Any:
    return json.loads(response.body) if response.body else None


@contextlib.asynccontextmanager
async def a_running_server(root: Path, config: Config | None = None) -> AsyncIterator[Api]:
    ServerApp.clear_instance()
    GatewayClient.clear_instance()
    ours = Config()
    ours.ServerApp.jpserver_extensions = {"jupyter_workbench": True}
    ours.IdentityProvider.token = TOKEN
    ours.merge(config or Config())
    app = ServerApp(root_dir=str(root), base_url="/of/me/", config=ours, allow_root=True)
    app.init_signal = lambda: None
    app.initialize(argv=[], find_extensions=False, new_httpserver=False)
    listener, port = bind_unused_port()
    server = HTTPServer(app.web_app)
    server.add_socket(listener)
    api = Api(app, f"http://127.0.0.1:{port}/of/me/", root)

    app.event_logger.add_listener(schema_id=SCHEMA_ID, listener=api.hear)
    try:
        yield api
    finally:
        server.stop()
        await app._cleanup()
        ServerApp.clear_instance()
        GatewayClient.clear_instance()
