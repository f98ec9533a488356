"""Clients of the docker SDK whose connections can be cut from another thread.

The SDK has no way to end a call that waits for an engine's answer, and one that reads a stream ends with the stream.
So each connection is remembered once it is open; shutting down its socket wakes whoever reads from it. This module
imports the SDK, which takes a while: import it inside functions.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import threading
from typing import Any
from weakref import WeakSet

import docker
import docker.constants
from docker.tls import TLSConfig
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from jupyter_workbench.targets.docker.engines.endpoints import Endpoint, Tls

CONNECT_SECONDS = 3.0
FIRST_ANSWER_SECONDS = 5.0
ANSWER_SECONDS = 60.0
"""How long an engine may take for the answer of a call."""


class Client(docker.DockerClient):
    """A client of one engine. Raises what the SDK and requests raise when the engine does not answer.

    ``version`` is that of the API; without it `greet` comes first. ``answer_seconds`` of None is for streams.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        version: str = docker.constants.DEFAULT_DOCKER_API_VERSION,
        answer_seconds: float | None = ANSWER_SECONDS,
    ) -> None:
        tls = _tls_config(endpoint.tls) if endpoint.tls else False
        self.api = _Api(endpoint.url, version=version, timeout=answer_seconds, tls=tls)

    def greet(self) -> dict[str, Any]:
        """Ask the engine for its version, and speak that of its API from now on."""
        return self.api.greet()

    def cut(self) -> None:
        """End every call and stream of this client at once, those to come too; for other threads than theirs."""
        self.api.cut()


class _Api(docker.APIClient):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._pools: WeakSet[Any] = WeakSet()
        self._connections: WeakSet[Any] = WeakSet()
        self._is_cut = False
        self._lock = threading.Lock()
        super().__init__(*arguments, **options)

    def greet(self) -> dict[str, Any]:
        answer = self.get(f"{self.base_url}/version", timeout=FIRST_ANSWER_SECONDS)
        version: dict[str, Any] = self._result(answer, json=True)
        self._version = version["ApiVersion"]
        return version

    def merge_environment_settings(self, *arguments: Any) -> dict[str, Any]:
        """Leave out the environment: its proxies and CA bundle are for the internet, not for an engine."""
        stream = arguments[2]
        return {"proxies": {}, "stream": stream, "verify": self.verify, "cert": self.cert}

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """Send a request; the time for the connection is not that for the answer."""
        timeout = options.get("timeout")
        if not isinstance(timeout, tuple):  # as it is after a redirection
            options["timeout"] = (CONNECT_SECONDS, timeout)
        response: Response = super().send(request, **options)
        return response

    def mount(self, prefix: str | bytes, adapter: BaseAdapter) -> None:
        """Use an adapter, and know of its connections: each one comes from the pool that it finds for a request."""
        find_pool = adapter.get_connection_with_tls_context  # type: ignore[attr-defined]

        @functools.wraps(find_pool)
        def find_watched_pool(*arguments: Any, **options: Any) -> Any:
            pool = find_pool(*arguments, **options)
            self._watch(pool)
            return pool

        adapter.get_connection_with_tls_context = find_watched_pool  # type: ignore[attr-defined]
        super().mount(prefix, adapter)

    def _watch(self, pool: Any) -> None:
        with self._lock:
            if pool in self._pools:
                return
            self._pools.add(pool)
        make = pool._new_conn  # the method by which every pool, the SDK's own too, makes its connections

        def make_watched() -> Any:
            connection = make()
            connect = connection.connect

            def connect_watched() -> None:
                connect()
                self._remember(connection)

            connection.connect = connect_watched
            return connection

        pool._new_conn = make_watched

    def _remember(self, connection: Any) -> None:
        with self._lock:
            self._connections.add(connection)
        if self._is_cut:
            self.cut()

    def cut(self) -> None:
        self._is_cut = True
        with self._lock:
            sockets = [connection.sock for connection in self._connections]
        for each in sockets:
            with contextlib.suppress(OSError, AttributeError):  # closed by its own thread in this moment
                each.shutdown(socket.SHUT_RDWR)


def _tls_config(tls: Tls) -> TLSConfig:
    pair = (str(tls.certificate), str(tls.key)) if tls.certificate and tls.key else None
    return TLSConfig(client_cert=pair, ca_cert=str(tls.ca) if tls.ca else None, verify=tls.verify)
