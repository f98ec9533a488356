"""`/workbench/spark/<kernel id>/`, with somebody at the kernel's socket who says what the test wants."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import uuid

import pytest
from jupyter_server.auth import Authorizer
from server_here import TOKEN, a_running_server
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError
from traitlets.config import Config

from jupyter_workbench.server.kernel_state import KernelState
from jupyter_workbench.server.spark_ui import exchange, handler
from jupyter_workbench.server.spark_ui.answers import POLICY, STORAGE
from jupyter_workbench.server.spark_ui.capability import PERIOD_SECONDS, Capabilities
from jupyter_workbench.server.spark_ui.failures import why_nobody_is_there
from jupyter_workbench.targets import local
from jupyter_workbench.targets.spark_ui import leave, socket_of

LOGIN = {"Authorization": f"token {TOKEN}"}
BROWSER = {"Accept": "text/html,application/xhtml+xml"}
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets")


class FakeSpark:
    """Listens where a kernel's forwarder would; keeps what it is asked and answers with ``answer``."""

    def __init__(self, kernel_id: str) -> None:
        self.kernel_id, self.place = kernel_id, socket_of(kernel_id)
        self.answer: bytes | None = PAGE
        self.asked: list[str] = []
        self.ended = asyncio.Event()
        self.sent = 0

    async def listen(self) -> None:
        self.place.parent.parent.mkdir(mode=0o700, exist_ok=True)
        self.place.parent.mkdir(mode=0o700)
        self.server = await asyncio.start_unix_server(self._serve, self.place)

    async def _serve(self, reader, writer) -> None:
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
        with contextlib.suppress(OSError):
            if self.answer is None:  # one that never ends
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
                while True:
                    writer.write(b"x" * 65536)
                    await writer.drain()
                    self.sent += 65536
            writer.write(self.answer)
            await writer.drain()
        writer.close()
        self.ended.set()

    @property
    def lines(self) -> list[str]:
        """The request line and the headers that it was asked last."""
        return self.asked[-1].rstrip("\r\n").split("\r\n")

    @property
    def base(self) -> str:
        """Where it was told that its root is."""
        return next(line.partition(": ")[2] for line in self.lines if line.startswith("X-Forwarded-Context: "))


async def start_kernel(api, monkeypatch) -> str:
    """Start a kernel that is prepared for ever: it is known, and there is no process."""
    never = asyncio.Event()
    monkeypatch.setattr(local, "prepare", lambda *_, **__: never.wait())
    return (await api.ask("POST", "api/kernels", {"name": "myiris_local"})).body["id"]


@pytest.fixture
async def kernel_id(an_api, monkeypatch):
    """A kernel of ours."""
    kernel_id = await start_kernel(an_api, monkeypatch)
    yield kernel_id
    await an_api.ask("DELETE", f"api/kernels/{kernel_id}")


@pytest.fixture
async def spark(kernel_id):
    """What listens at its socket."""
    spark = FakeSpark(kernel_id)
    await spark.listen()
    yield spark
    spark.server.close()
    leave(kernel_id)


@pytest.fixture
def ask(an_api):
    """Sends a request below `/workbench/spark/` as a program that is logged in, unless the test says otherwise."""

    async def ask(path, method="GET", headers=None, login=LOGIN, **more):
        request = HTTPRequest(
            f"{an_api.url}workbench/spark/{path}" if not path.startswith("/") else an_api.url[:-7] + path,
            method,
            headers={**login, **(headers or {})},
            follow_redirects=False,
            allow_nonstandard_methods=True,
            decompress_response=False,
            **more,
        )
        return await AsyncHTTPClient(force_instance=True).fetch(request, raise_error=False)

    return ask


@pytest.fixture
async def part(spark, ask):
    """Asks for a part of a page, as a page in its sandbox does."""
    await ask(f"{spark.kernel_id}/")
    base = spark.base

    async def part(path, method="GET", headers=None):
        return await ask(f"{base}{path}", method, {"Origin": "null", **(headers or {})}, login={})

    return part


# Who may see it


async def test_a_program_that_is_not_logged_in_is_told_nothing(spark, ask):
    told = await ask(f"{spark.kernel_id}/jobs/", login={})
    assert (told.code, told.body, spark.asked) == (403, b'{"message": "Forbidden", "reason": null}', [])


async def test_a_person_who_is_not_logged_in_is_asked_to(spark, ask):
    told = await ask(f"{spark.kernel_id}/jobs/", headers=BROWSER, login={})
    assert told.code == 302
    assert told.headers["Location"].startswith("/of/me/login?next=%2Fof%2Fme%2Fworkbench%2Fspark%2F")
    assert spark.asked == []


class NobodyMayLook(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return (action, resource) != ("read", "workbench")


async def test_an_authorizer_of_the_server_decides(my_iris, a_workshop, no_catching_up):
    config = Config({"ServerApp": {"authorizer_class": NobodyMayLook}})
    async with a_running_server(my_iris.parent, config) as api:
        told = await api.ask("GET", "workbench/spark/an-id/")
    assert (told.status, told.body["message"]) == (403, "User is not authorized to read on resource: workbench.")


async def test_a_part_is_not_for_who_guesses(spark, ask):
    told = await ask(f"{spark.kernel_id}/~AAAA/static/webui.js", login={})
    assert (told.code, told.body, spark.asked) == (
        403,
        b'{"message": "This part of a Spark UI belongs to a page that is too old - reload the page.", '
        b'"reason": "SparkUiRefused"}',
        [],
    )


async def test_a_login_does_not_replace_the_capability(spark, ask):
    assert (await ask(f"{spark.kernel_id}/~AAAA/static/webui.js")).code == 403
    assert spark.asked == []


async def test_the_capability_of_one_kernel_does_not_open_another(spark, ask, part, an_api, monkeypatch):
    other = await start_kernel(an_api, monkeypatch)
    told = await ask(spark.base.replace(spark.kernel_id, other) + "/jobs/", login={})
    await an_api.ask("DELETE", f"api/kernels/{other}")
    assert told.code == 403


async def test_a_capability_ends_with_its_kernel(spark, ask, part, an_api):
    await an_api.ask("DELETE", f"api/kernels/{spark.kernel_id}")
    assert (await part("/static/webui.js")).code == 404


def test_a_capability_holds_for_hours_not_for_days():
    now = 0.0
    capabilities = Capabilities(lambda: now)
    given = capabilities.of("a-kernel")
    assert capabilities.opens(given, "a-kernel")
    now = 1.5 * PERIOD_SECONDS
    assert capabilities.opens(given, "a-kernel")
    now = 2.5 * PERIOD_SECONDS
    assert not capabilities.opens(given, "a-kernel")


def test_a_capability_is_that_of_one_server():
    assert not Capabilities().opens(Capabilities().of("a-kernel"), "a-kernel")


def test_what_is_no_text_of_a_capability_opens_nothing():
    assert not Capabilities().opens("\u00e4\ud800", "a-kernel")


# What a kernel is told


async def test_a_kernel_is_told_the_page_and_nothing_of_the_browser(spark, ask):
    secrets = {
        "Cookie": "username-localhost-8888=secret",
        "X-XSRFToken": "secret",
        "X-Forwarded-For": "10.0.0.1",
        "Referer": "http://127.0.0.1/lab?token=secret",
        "Origin": "http://127.0.0.1",
        "User-Agent": "secret",
        "If-None-Match": '"an-etag"',
    }
    await ask(f"{spark.kernel_id}/jobs/?id=3&token={TOKEN}", headers=secrets)
    first, *headers = spark.lines
    assert first == "GET /jobs/?id=3 HTTP/1.0"
    assert [re.sub("~.*", "~...", line) for line in headers] == [
        'If-None-Match: "an-etag"',
        "Host: localhost",
        f"X-Forwarded-Context: /of/me/workbench/spark/{spark.kernel_id}/~...",
        "Connection: close",
    ]


async def test_a_page_with_a_token_in_its_address_is_asked_for_again_without(spark, ask):
    told = await ask(f"{spark.kernel_id}/jobs/?id=3&token={TOKEN}", headers=BROWSER, login={})
    assert (told.code, told.headers["Location"], told.headers["Referrer-Policy"], spark.asked) == (
        302,
        f"/of/me/workbench/spark/{spark.kernel_id}/jobs/?id=3",
        "no-referrer",
        [],
    )


async def test_a_page_does_not_learn_the_token_of_the_page_before_it(spark, ask):
    from_lab = {**BROWSER, "Referer": f"http://127.0.0.1/lab?token={TOKEN}"}
    told = await ask(f"{spark.kernel_id}/jobs/", headers=from_lab)
    assert (told.code, told.headers["Referrer-Policy"], spark.asked) == (302, "no-referrer", [])


async def test_a_path_is_passed_on_as_it_was_sent(spark, ask):
    await ask(f"{spark.kernel_id}/api/v1/a%20b%2Fc;d/?q=%2F+%26&r=a/b")
    assert spark.lines[0] == "GET /api/v1/a%20b%2Fc;d/?q=%2F+%26&r=a/b HTTP/1.0"


@pytest.mark.parametrize(
    "path",
    [
        "jobs/job/kill/?id=1",
        "stages/stage/kill",
        "stages/stage//kill/",
        "jobs/job/%6bill/",
        "jobs/job/%256bill/",
        "jobs/job/kill;x=1/",
        "jobs%2Fjob%2FKILL",
    ],
)
async def test_nothing_is_killed(spark, ask, path):
    told = await ask(f"{spark.kernel_id}/{path}")
    assert (told.code, told.body, spark.asked) == (
        403,
        b'{"message": "Jobs and stages are not ended here - interrupt the cell in the notebook.", '
        b'"reason": "SparkUiRefused"}',
        [],
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_is_sent_to_a_kernel(spark, ask, part, method):
    spark.asked.clear()
    assert (await ask(f"{spark.kernel_id}/jobs/", method, body=b"x")).code == 405
    told = await part("/jobs/job/kill/", method)
    assert (told.code, told.body) == (
        405,
        b'{"message": "Jobs and stages are not ended here - interrupt the cell in the notebook.", "reason": null}',
    )
    assert spark.asked == []


async def test_a_head_is_asked_for_as_a_head(spark, ask):
    told = await ask(f"{spark.kernel_id}/jobs/", "HEAD")
    assert spark.lines[0] == "HEAD /jobs/ HTTP/1.0"
    assert (told.code, told.body, told.headers["Content-Type"]) == (200, b"", "text/html")


# What a browser is told


async def test_a_page_comes_in_a_sandbox_with_no_header_of_the_kernels_making(spark, ask):
    spark.answer = (
        b"HTTP/1.1 200 OK\r\nSet-Cookie: _xsrf=mine; Path=/\r\nContent-Security-Policy: default-src *\r\n"
        b"X-Frame-Options: ALLOW\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Credentials: true\r\n"
        b"Clear-Site-Data: *\r\nRefresh: 0; url=http://evil.example\r\nLink: <http://evil.example>; rel=preload\r\n"
        b"Service-Worker-Allowed: /\r\nWWW-Authenticate: Basic\r\nStrict-Transport-Security: max-age=1\r\n"
        b"Cache-Control: public, max-age=9999\r\nConnection: keep-alive\r\nContent-Type: text/html\r\n\r\nhello"
    )
    told = await ask(f"{spark.kernel_id}/jobs/")
    assert (told.code, told.body) == (200, b"hello")
    assert "mine" not in told.headers["Set-Cookie"]  # it is Jupyter's own, since this request logged in
    of_tornado = ("Server", "Date", "Connection", "Set-Cookie")
    assert {name.lower(): value for name, value in told.headers.get_all() if name not in of_tornado} == {
        "content-type": "text/html",
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "transfer-encoding": "chunked",
    }


def test_the_sandbox_has_no_origin():
    sandbox = POLICY.partition(";")[0].split()
    assert sandbox == ["sandbox", "allow-scripts", "allow-popups", "allow-forms"]


async def test_a_part_may_be_read_by_a_page_without_an_origin(spark, part):
    spark.answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
    told = await part("/api/v1/applications")
    assert (told.body, told.headers["Access-Control-Allow-Origin"]) == (b"[]", "null")
    assert "Access-Control-Allow-Credentials" not in told.headers
    assert "Set-Cookie" not in told.headers
    assert told.headers["Content-Security-Policy"] == POLICY


async def test_a_browser_that_asks_first_is_told_that_it_may_read(spark, part):
    spark.asked.clear()
    asks = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-requested-with"}
    told = await part("/api/v1/applications", "OPTIONS", asks)
    assert (told.code, told.headers["Access-Control-Allow-Headers"], spark.asked) == (204, "X-Requested-With", [])


@pytest.mark.parametrize("headers", [BROWSER, {"Sec-Fetch-Mode": "navigate"}])
async def test_a_page_is_never_shown_by_capability_alone(spark, part, headers):
    spark.asked.clear()
    told = await part("/stages/stage/?id=0&attempt=0", headers=headers)
    assert (told.code, told.headers["Location"], spark.asked) == (
        302,
        f"/of/me/workbench/spark/{spark.kernel_id}/stages/stage/?id=0&attempt=0",
        [],
    )


async def test_a_script_is_given_a_memory_in_place_of_the_storage_that_it_has_not(spark, part):
    spark.answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: 4\r\n\r\nf();"
    told = await part("/static/webui.js", headers={"Accept-Encoding": "gzip"})
    assert told.body == STORAGE + b"f();"
    assert "Accept-Encoding: gzip" not in spark.lines
    assert told.headers["Cache-Control"] == "private, max-age=3600"


async def test_what_came_compressed_stays_so(spark, part):
    spark.answer = (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/css\r\nContent-Length: 2\r\n\r\n\x1f\x8b"
    )
    told = await part("/static/webui.css", headers={"Accept-Encoding": "gzip, br"})
    assert "Accept-Encoding: gzip" in spark.lines
    assert (told.body, told.headers["Content-Encoding"]) == (b"\x1f\x8b", "gzip")


async def test_what_has_not_changed_is_not_sent_again(spark, part):
    spark.answer = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    told = await part("/static/webui.js", headers={"If-None-Match": '"1"'})
    assert (told.code, told.body, told.headers["ETag"]) == (304, b"", '"1"')


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("http://localhost/jobs/?a=b", "/jobs/?a=b"),
        ("/jobs/", "/jobs/"),
        ("//localhost//jobs", "/jobs"),
        ("{base}/jobs/", "/jobs/"),
    ],
)
async def test_a_redirect_stays_in_the_ui(spark, ask, part, location, leads_to):
    spark.answer = f"HTTP/1.1 302 Found\r\nLocation: {location.format(base=spark.base)}\r\n\r\n".encode()
    document, of_part = await ask(f"{spark.kernel_id}/"), await part("/")
    assert (document.code, document.headers["Location"]) == (302, f"/of/me/workbench/spark/{spark.kernel_id}{leads_to}")
    assert (of_part.code, of_part.headers["Location"]) == (302, f"{spark.base}{leads_to}")


@pytest.mark.parametrize("location", ["http://evil.example/", "//evil.example/", "https://localhost/", "http://[/"])
async def test_a_redirect_to_another_server_is_told_and_not_followed(spark, ask, location):
    spark.answer = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n".encode()
    told = await ask(f"{spark.kernel_id}/")
    assert "Location" not in told.headers
    assert (told.code, told.body.decode()) == (
        502,
        '{"message": "The Spark UI of this kernel is not shown here: it sends to '
        f'{location} - open that address yourself if you trust it.", "reason": "SparkUiFailed"}}',
    )


async def test_an_address_without_a_slash_at_its_end_is_mended(spark, ask):
    told = await ask(spark.kernel_id)
    assert (told.code, told.headers["Location"]) == (302, f"/of/me/workbench/spark/{spark.kernel_id}/")


# Kernels that do not behave


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"rubbish\r\n\r\n", "it is not HTTP/1.0"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + PAGE, "it is not HTTP/1.0"),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", "it is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "it is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: a\nSet-Cookie: b\r\n\r\n", "it is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "it is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "it is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "it is not HTTP/1.0"),
        (b"HTTP/1.1 200 OK\r\nContent", "it ended too early"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000 + b"\r\n", "its headers are too long"),
    ],
)
async def test_rubbish_is_told_as_such(spark, ask, answer, why):
    spark.answer = answer
    told = await ask(f"{spark.kernel_id}/")
    assert (told.code, told.body.decode()) == (
        502,
        f'{{"message": "The Spark UI of this kernel gave no answer that can be shown: {why}.", '
        '"reason": "SparkUiFailed"}',
    )


async def test_a_kernel_that_says_nothing_is_not_waited_for(spark, ask, monkeypatch):
    monkeypatch.setattr(exchange, "PATIENCE_SECONDS", 0.05)
    spark.server.close()
    spark.place.unlink()
    silent = await asyncio.start_unix_server(lambda *_: asyncio.Event().wait(), spark.place)
    told = await ask(f"{spark.kernel_id}/")
    silent.close()
    assert (told.code, told.body.decode()) == (
        502,
        '{"message": "The Spark UI of this kernel gave no answer that can be shown: nothing came for 0 s.", '
        '"reason": "SparkUiFailed"}',
    )


async def test_an_answer_that_is_cut_off_is_not_taken_for_a_whole_one(spark, ask):
    spark.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"
    with pytest.raises(HTTPStreamClosedError):
        await ask(f"{spark.kernel_id}/")


async def test_an_answer_that_is_too_large_is_cut_off(spark, ask, monkeypatch):
    monkeypatch.setattr(exchange, "MOST_BODY", 1 << 20)
    spark.answer = None
    with pytest.raises(HTTPStreamClosedError):
        await ask(f"{spark.kernel_id}/")
    await asyncio.wait_for(spark.ended.wait(), 30)


async def test_a_kernel_waits_for_a_browser_that_does_not_read_and_ends_with_it(spark, an_api):
    spark.answer = None
    reader, writer = await asyncio.open_connection("127.0.0.1", int(an_api.url.split(":")[2].split("/")[0]), limit=1)
    path = f"/of/me/workbench/spark/{spark.kernel_id}/"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {TOKEN}\r\n\r\n".encode())
    await reader.readexactly(1)
    sent = -1
    while spark.sent != sent:  # until it stands still
        sent = spark.sent
        await asyncio.sleep(0.2)
    assert sent < 32 << 20
    writer.transport.abort()
    await asyncio.wait_for(spark.ended.wait(), 30)


async def test_one_kernel_is_not_asked_for_everything_at_once(spark, ask, monkeypatch):
    monkeypatch.setattr(handler, "MOST_AT_ONCE", 0)
    told = await ask(f"{spark.kernel_id}/")
    assert (told.code, told.body) == (
        503,
        b'{"message": "Too much is asked of the Spark UI of this kernel at once - reload the page.", '
        b'"reason": "TooManyRequests"}',
    )


@pytest.mark.parametrize("kind", ["link to a socket", "file", "folder", "pipe"])
async def test_what_is_no_socket_is_not_opened(spark, ask, kind):
    elsewhere = spark.place.with_name("elsewhere")
    spark.place.rename(elsewhere)
    if kind == "link to a socket":
        spark.place.symlink_to(elsewhere)
    elif kind == "file":
        spark.place.write_text("")
    elif kind == "folder":
        spark.place.mkdir()
    else:
        os.mkfifo(spark.place)
    assert ((await ask(f"{spark.kernel_id}/")).code, spark.asked) == (404, [])


async def test_a_folder_that_others_can_enter_is_not_used(spark, ask):
    base = spark.place.parent.parent
    base.chmod(0o755)
    try:
        assert ((await ask(f"{spark.kernel_id}/")).code, spark.asked) == (404, [])
    finally:
        base.chmod(0o700)


async def test_a_folder_that_is_a_link_is_not_used(spark, ask, tmp_path):
    spark.place.parent.rename(tmp_path / "elsewhere")
    spark.place.parent.symlink_to(tmp_path / "elsewhere")
    told = await ask(f"{spark.kernel_id}/")
    spark.place.parent.unlink()
    assert (told.code, spark.asked) == (404, [])


# Why there is nothing to see


async def test_a_kernel_that_nobody_knows_is_not_found(ask):
    kernel_id = str(uuid.uuid4())
    told = await ask(f"{kernel_id}/")
    assert (told.code, told.body.decode()) == (
        404,
        f'{{"message": "expected the id of a kernel of this server, got {kernel_id} - GET /api/kernels lists them", '
        '"reason": "NoSuchKernel"}',
    )


async def test_a_person_is_told_the_same_on_a_page(ask):
    told = await ask("<b>/", headers=BROWSER)
    assert told.code == 404
    assert told.headers["Content-Type"] == "text/html; charset=utf-8"
    assert told.headers["Content-Security-Policy"] == POLICY
    assert (
        ">expected the id of a kernel of this server, got &lt;b&gt; - GET /api/kernels lists them</body>"
        in told.body.decode()
    )


@pytest.mark.parametrize("is_rude", [False, True])
async def test_a_forwarder_without_spark_is_nobody(spark, ask, is_rude):
    async def end(reader, writer):
        if not is_rude:
            await reader.readuntil(b"\r\n\r\n")
        writer.close()  # where something was not read, that resets the connection

    spark.server.close()
    spark.place.unlink()
    spark.server = await asyncio.start_unix_server(end, spark.place)
    assert b'"reason": "NoSpark"' in (await ask(f"{spark.kernel_id}/")).body


async def test_an_answer_without_a_length_that_is_reset_is_not_taken_for_a_whole_one(spark, ask):
    async def reset(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nhello")
        await writer.drain()
        writer.close()

    spark.server.close()
    spark.place.unlink()
    spark.server = await asyncio.start_unix_server(reset, spark.place)
    with contextlib.suppress(HTTPStreamClosedError):
        assert (await ask(f"{spark.kernel_id}/")).code != 200


async def test_a_kernel_without_anybody_at_its_socket_says_why(kernel_id, ask):
    told = await ask(f"{kernel_id}/")
    assert (told.code, told.body) == (
        404,
        b'{"message": "The kernel myIris local has no Spark, since its run configuration says Framework: Python.", '
        b'"reason": "NoSpark"}',
    )


@pytest.mark.parametrize(
    ("state", "target_type", "transport", "told"),
    [
        (
            "starting",
            "docker",
            "ipc",
            "The kernel myIris spark is still starting - reload this page once it runs.",
        ),
        ("dead", "local", "tcp", "The kernel myIris spark is dead - restart it, and reload this page."),
        (
            "running",
            "docker",
            "tcp",
            "The Spark UI of myIris spark cannot be shown here, since its Docker engine shares no folder with this "
            "server.",
        ),
        (
            "running",
            "local",
            "tcp",
            "Spark does not run in the kernel myIris spark now, or runs without its UI (spark.ui.enabled) - "
            "run a cell that uses `spark`, and reload this page.",
        ),
    ],
)
def test_each_reason_is_a_sentence(state, target_type, transport, told):
    names = {
        "project": "myIris",
        "run_configuration": "spark",
        "target": "x",
        "target_type": target_type,
        "framework": "PySpark",
    }
    kernel = KernelState("an-id", "myiris_spark", state, None, None, names)
    assert str(why_nobody_is_there(kernel, transport)) == told
