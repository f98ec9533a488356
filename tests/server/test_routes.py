"""What holds for every route: who may ask, and how errors are told."""

from __future__ import annotations

import asyncio
import re
import threading

import pytest
from jupyter_server.auth import Authorizer
from server_here import a_running_server
from traitlets.config import Config

from jupyter_workbench.kernels.discovery import Discovery
from jupyter_workbench.server.routes import SUBJECTS

ROUTES = sorted(
    (method, re.sub(r"\(.*?\)", "an-id", path).replace("\\", ""))
    for subject in SUBJECTS
    for path, handler in subject.HANDLERS
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    if method.lower() in vars(handler)
)
WRITING = [route for route in ROUTES if route[0] not in ("GET", "HEAD")]


class NobodyMayRead(Authorizer):
    """Lets nobody look at anything of ours."""

    def is_authorized(self, handler, user, action, resource):
        return (action, resource) != ("read", "workbench")


class NobodyMayWrite(Authorizer):
    """Lets everybody look, and nobody change anything of ours."""

    def is_authorized(self, handler, user, action, resource):
        return (action, resource) != ("write", "workbench")


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_stranger_is_told_nothing(an_api, method, path):
    told = await an_api.ask(method, f"workbench/api/{path}", headers={"Authorization": "token wrong"})
    assert told.status == 403


@pytest.mark.parametrize(("method", "path"), WRITING)
async def test_a_browser_has_to_show_that_the_page_is_ours(an_api, method, path):
    cookie = await an_api.ask("GET", "workbench/api/projects")
    told = await an_api.ask(method, f"workbench/api/{path}", headers={"Cookie": cookie.headers["Set-Cookie"]})
    assert (told.status, told.body["message"]) == (403, "'_xsrf' argument missing from POST")


@pytest.mark.parametrize(("method", "path"), WRITING)
async def test_an_authorizer_of_the_server_decides(my_iris, a_workshop, no_catching_up, method, path):
    config = Config({"ServerApp": {"authorizer_class": NobodyMayWrite}})
    async with a_running_server(my_iris.parent, config) as api:
        told = await api.ask(method, f"workbench/api/{path}")
        assert told.status == 403
        assert told.body["message"] == "User is not authorized to write on resource: workbench."
        assert (await api.get("projects")).status == 200


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route not in WRITING])
async def test_an_authorizer_of_the_server_decides_who_may_look(my_iris, a_workshop, no_catching_up, method, path):
    config = Config({"ServerApp": {"authorizer_class": NobodyMayRead}})
    async with a_running_server(my_iris.parent, config) as api:
        told = await api.fetch(f"workbench/api/{path}", method)
        assert told.code == 403
        assert method == "HEAD" or b"User is not authorized to read on resource: workbench." in told.body


async def test_a_url_that_is_no_text_says_so(an_api):
    told = await an_api.ask("GET", "workbench/api/runs/%ff")
    assert (told.status, told.body) == (
        400,
        {
            "message": "a part of the path: expected percent-encoded UTF-8, got b'\\xff' - "
            "encode it as encodeURIComponent does",
            "reason": None,
        },
    )


async def test_an_unknown_route_says_so(an_api):
    told = await an_api.get("experiments")
    assert (told.status, told.body) == (
        404,
        {
            "message": "expected a route of jupyter_workbench, got experiments - docs/reference/rest.md lists them",
            "reason": "NotFound",
        },
    )


async def test_a_method_that_a_route_does_not_have_is_refused(an_api):
    told = await an_api.ask("PUT", "workbench/api/projects", {})
    assert (told.status, told.body) == (405, {"message": "Method Not Allowed", "reason": None})


async def test_a_fault_of_ours_is_said_and_logged(an_api, monkeypatch, caplog):
    def fail(_: Discovery) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(Discovery, "refresh", fail)
    told = await an_api.get("projects")
    assert (told.status, told.body) == (
        500,
        {
            "message": "jupyter_workbench failed in a way that its authors did not foresee (ZeroDivisionError) - "
            "please report this with the traceback in the log of the server",
            "reason": None,
        },
    )
    assert "jupyter_workbench: GET /of/me/workbench/api/projects failed" in caplog.messages


async def test_files_that_take_long_to_read_hold_nobody_up(an_api, monkeypatch):
    gate, is_reading, refresh = threading.Event(), threading.Event(), Discovery.refresh

    def read_slowly(discovery: Discovery) -> object:
        is_reading.set()
        gate.wait(30)
        return refresh(discovery)

    monkeypatch.setattr(Discovery, "refresh", read_slowly)
    slow = asyncio.create_task(an_api.get("projects"))
    await asyncio.to_thread(is_reading.wait)
    assert (await an_api.get("preparations")).status == 200
    assert not slow.done()
    gate.set()
    assert (await slow).status == 200
