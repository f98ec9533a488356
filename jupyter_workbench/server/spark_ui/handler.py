"""What both ways to a Spark UI have: who may ask, how an answer is passed on, and how errors are told."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from functools import wraps
from http.client import responses
from typing import Any
from urllib.parse import quote

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.iostream import StreamClosedError

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.server.kernel_state import state_of
from jupyter_workbench.server.routes.kernels import our_kernel
from jupyter_workbench.server.spark_ui import answers, requests
from jupyter_workbench.server.spark_ui.capability import Capabilities
from jupyter_workbench.server.spark_ui.exchange import Answer, BadAnswer, NobodyThere, ask
from jupyter_workbench.server.spark_ui.failures import (
    SparkUiFailed,
    SparkUiRefused,
    TooManyRequests,
    page_of,
    why_nobody_is_there,
)
from jupyter_workbench.targets.spark_ui import socket_of

BELOW = "workbench/spark"
"""Of the server's base URL."""

MOST_AT_ONCE = 100
"""Requests to one kernel; a page of Spark's has some thirty parts."""

NOTHING_IS_SENT = "Jobs and stages are not ended here - interrupt the cell in the notebook."
"""To whoever follows a kill link; pages of Spark's send nothing else."""

_under_way: Counter[str] = Counter()


class SparkUiHandler(JupyterHandler):
    """What both ways to a UI have; an authorizer of the server knows them as the resource ``workbench``."""

    auth_resource = "workbench"
    _answer: Answer | None = None

    def initialize(self, capabilities: Capabilities) -> None:
        """Take what all requests share. Called by tornado for each request."""
        self.capabilities = capabilities

    def set_default_headers(self) -> None:
        """Set the headers of every answer, errors included. Called by tornado."""
        for name, value in answers.HEADERS.items():
            self.set_header(name, value)

    def set_cors_headers(self) -> None:
        """Let no other site read a page, whatever the server allows elsewhere. Called by Jupyter."""

    def on_connection_close(self) -> None:
        """Stop asking the kernel. Called by tornado when the browser has gone."""
        if self._answer is not None:
            self._answer.abandon()

    def get_login_url(self) -> str:
        """Return where a person logs in; a program is told 403 instead."""
        if not self.is_for_a_person:
            raise web.HTTPError(403)
        return str(super().get_login_url())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tell what tornado or Jupyter refuse. Called by tornado."""
        error = kwargs.get("exc_info", (None, None))[1]
        usual = NOTHING_IS_SENT if status_code == 405 else responses.get(status_code, "Error")
        told = getattr(error, "log_message", None) or usual
        self._tell(status_code, told, None)

    @property
    def is_for_a_person(self) -> bool:
        """Whether a page is wanted, and not the parts of one."""
        mode = self.request.headers.get("Sec-Fetch-Mode")  # only sent on https and to localhost
        return mode == "navigate" if mode else "text/html" in self.request.headers.get("Accept", "")

    def place_of(self, kernel_id: str, capability: str | None = None) -> str:
        """Return the URL path that stands for the root of the UI, without a slash at its end."""
        place = url_path_join(self.base_url, BELOW, quote(kernel_id, safe=""))
        return place if capability is None else f"{place}/~{capability}"

    async def pass_on(self, kernel_id: str, path: str, base: str) -> None:
        """Let the kernel answer, and pass that on as it comes. ``path`` is Spark's, ``base`` the root of this UI."""
        if requests.would_kill(path):
            raise SparkUiRefused(NOTHING_IS_SENT)
        kernel = await our_kernel(self.kernel_manager, kernel_id)
        try:
            await self._exchange(kernel_id, path, base)
        except NobodyThere:
            raise why_nobody_is_there(state_of(kernel_id, kernel), kernel.transport) from None
        except BadAnswer as error:
            raise SparkUiFailed(f"The Spark UI of this kernel gave no answer that can be shown: {error}.") from error
        except answers.LeadsElsewhere as error:
            raise SparkUiFailed(
                f"The Spark UI of this kernel is not shown here: it sends to {error} - "
                "open that address yourself if you trust it."
            ) from None

    async def _exchange(self, kernel_id: str, path: str, base: str) -> None:
        told = self.place_of(kernel_id, self.capabilities.of(kernel_id))
        target = requests.target_of(path, self.request.query)
        headers = requests.headers_for(self.request.headers, path, told)
        with _counted(kernel_id):
            async with ask(socket_of(kernel_id), str(self.request.method), target, headers) as self._answer:
                await self._begin(self._answer, path, answers.headers_of(self._answer, path, base, told))
                async for block in self._answer.blocks():
                    self.write(block)
                    await self.flush()  # the kernel waits for the browser

    async def _begin(self, answer: Answer, path: str, headers: dict[str, str]) -> None:
        prefix = answers.prefix_of(answer, path)
        self.set_status(answer.status, responses.get(answer.status, "Unknown"))
        self.clear_header("Content-Type")
        for name, value in headers.items():
            self.set_header(name, value)
        if self.request.method == "GET" and answer.length is not None and answer.status not in (204, 304):
            self.set_header("Content-Length", str(answer.length + len(prefix)))
        if prefix:
            self.write(prefix)
        await self.flush()

    def tell_error(self, error: Exception) -> None:
        """Tell why there is nothing to see, or cut the answer off when it has begun."""
        if self._headers_written:
            self.log.warning("The Spark UI at %s was cut off: %s", self.request.path, error)
            connection: Any = self.request.connection
            connection.close()
        elif isinstance(error, WorkbenchError):
            self._tell(error.http_status, str(error), type(error).__name__)
        else:
            self.log.exception("jupyter_workbench: %s %s failed", self.request.method, self.request.path)
            self._tell(500, f"jupyter_workbench failed in a way that its authors did not foresee ({error!r})", None)

    def _tell(self, status: int, message: str, reason: str | None) -> None:
        self.set_status(status, responses.get(status, "Error"))
        self.set_header("Content-Type", "text/html; charset=utf-8" if self.is_for_a_person else "application/json")
        self.finish(page_of(message) if self.is_for_a_person else json.dumps({"message": message, "reason": reason}))


def told(method: Any) -> Any:
    """Let a method tell its errors, and end quietly when the browser has gone."""

    @wraps(method)
    async def guarded(self: SparkUiHandler, *arguments: str) -> None:
        try:
            await method(self, *arguments)
        except StreamClosedError:
            return
        except web.HTTPError:
            raise
        except Exception as error:  # a boundary: nobody reads a bare 500
            self.tell_error(error)

    return guarded


@contextlib.contextmanager
def _counted(kernel_id: str) -> Iterator[None]:
    if _under_way[kernel_id] >= MOST_AT_ONCE:
        raise TooManyRequests("Too much is asked of the Spark UI of this kernel at once - reload the page.")
    _under_way[kernel_id] += 1
    try:
        yield
    finally:
        _under_way[kernel_id] -= 1
        if not _under_way[kernel_id]:
            del _under_way[kernel_id]
