"""What every route has: who may ask, and how answers and errors are told."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from jupyter_workbench.config.project import Project
from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.server.routes.arguments import MOST_CHARACTERS, BadRequest, Field, read_body
from jupyter_workbench.server.workbench import Workbench

Arguments = ParamSpec("Arguments")
Handler = TypeVar("Handler", bound="WorkbenchHandler")

NO_UTF_8 = "{}: expected percent-encoded UTF-8, got {!r} - encode it as encodeURIComponent does"
NO_PROJECT_DIR = "project_dir: expected the folder of a project, got nothing - write ?project_dir=/home/you/myIris"


@dataclass(frozen=True)
class Answer:
    """What a route answers: JSON-like ``body``, bytes that are written already, or None for no content."""

    body: Any
    status: int = 200
    location: str | None = None
    """The path of what was made, below `/workbench/api/`."""
    content_type: str = "application/json"


class WorkbenchHandler(APIHandler):
    """A route; an authorizer of the server knows all of ours as the resource ``workbench``."""

    auth_resource = "workbench"

    def initialize(self, workbench: Workbench) -> None:
        """Take what all routes share. Called by tornado for each request."""
        self.workbench = workbench

    def body(self, **fields: Field) -> dict[str, Any]:
        """Return the fields of the request's body. Raises BadRequest."""
        return read_body(self.request.body, fields)

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Return a part of the URL as text. Called by tornado, whose own message would not say what to do."""
        try:
            return value.decode()
        except UnicodeDecodeError:
            place = name or "a part of the path"
            raise web.HTTPError(400, NO_UTF_8.format(place, value[:MOST_CHARACTERS])) from None

    def project_dir(self) -> str:
        """Return ``project_dir`` of the query. Raises BadRequest when there is none."""
        project_dir = self.project_dir_if_any()
        if project_dir is None:
            raise BadRequest(NO_PROJECT_DIR)
        return project_dir

    def project_dir_if_any(self) -> str | None:
        """Return ``project_dir`` of the query, or None. Raises BadRequest for an empty one."""
        # Not stripped: the name of a folder may end with a blank.
        project_dir = self.get_query_argument("project_dir", None, strip=False)
        if project_dir == "":
            raise BadRequest(NO_PROJECT_DIR)
        return project_dir

    async def project(self) -> Project:
        """Return the project that the query names. Raises BadRequest and ProjectNotFound."""
        return await self.workbench.project(self.project_dir())

    def tell(self, answer: Answer) -> None:
        """Send an answer."""
        self.set_status(answer.status)
        if answer.location is not None:
            self.set_header("Location", f"{self.base_url}workbench/api/{answer.location}")
        if answer.body is None:
            self.finish()
            return
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body)
        self.finish(content, set_content_type=answer.content_type)

    def tell_error(self, error: Exception) -> None:
        """Send what went wrong; a fault of ours is logged with its traceback."""
        if isinstance(error, WorkbenchError):
            self.tell(Answer({"message": str(error), "reason": type(error).__name__}, error.http_status))
            return
        self.log.exception("jupyter_workbench: %s %s failed", self.request.method, self.request.path)
        message = (
            f"jupyter_workbench failed in a way that its authors did not foresee ({type(error).__name__}) - "
            f"please report this with the traceback in the log of the server"
        )
        self.tell(Answer({"message": message, "reason": None}, 500))


def answers(
    method: Callable[Concatenate[Handler, Arguments], Awaitable[Answer | None]],
) -> Callable[Concatenate[Handler, Arguments], Awaitable[None] | None]:
    """Let a method of a handler answer requests of users that are logged in and authorised, errors included.

    One that returns None has sent its answer itself.
    """

    @web.authenticated
    @authorized
    @wraps(method)
    async def answer(self: Handler, *arguments: Arguments.args, **named: Arguments.kwargs) -> None:
        try:
            told = await method(self, *arguments, **named)
            if told is not None:
                self.tell(told)
        except web.HTTPError:
            raise  # tornado's own: it is told by the base class
        except Exception as error:  # a boundary: nobody reads a bare 500
            self.tell_error(error)

    return answer


class NotFound(WorkbenchError):
    """No route has that path."""

    http_status = 404


class NoSuchRoute(WorkbenchHandler):
    """Whatever else is asked for below `/workbench/api/`."""

    @answers
    async def get(self, path: str) -> Answer:
        """Tell that there is no such route."""
        raise NotFound(f"expected a route of jupyter_workbench, got {path} - docs/reference/rest.md lists them")

    post = put = patch = delete = get
