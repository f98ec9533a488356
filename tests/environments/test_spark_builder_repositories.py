"""Maven repositories, asked by Python and handed to Java."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from jupyter_workbench.environments.spark_builder import repositories
from jupyter_workbench.environments.spark_builder.refusal import Refused
from jupyter_workbench.environments.spark_builder.relay import Relay
from jupyter_workbench.environments.spark_builder.repositories import Repositories

THING = "org.example:thing:1.0"
POM = "org/example/thing/1.0/thing-1.0.pom"


class Served:
    """A repository on loopback: ``status`` is what it answers when that is not 200; what was asked is in ``asked``.

    After ``most`` bytes of a file it breaks off; without ``is_sized`` it tells no size and sends a file in chunks.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.status = folder, 200
        self.most: int | None = None
        self.is_sized = True
        self.asked: list[tuple[str, str | None]] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.close_connection = True
                served.asked.append((self.path, self.headers.get("Authorization")))
                file = served.folder / urlsplit(self.path).path.removeprefix("/maven/")
                status = served.status if served.status != 200 else 200 if file.is_file() else 404
                self.send_response(status)
                content = file.read_bytes() if status == 200 else b""
                sized = ("Content-Length", str(len(content)))
                self.send_header(*sized if served.is_sized else ("Transfer-Encoding", "chunked"))
                self.end_headers()
                begin, end = (b"", b"") if served.is_sized else (b"%x\r\n" % len(content), b"\r\n0\r\n\r\n")
                if self.command == "GET":
                    self.wfile.write(begin + content[: served.most] + (b"" if served.most else end))

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/maven"


@pytest.fixture(autouse=True)
def _nobody_else_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repositories, "DEFAULTS", ())


@pytest.fixture
def maven(tmp_path: Path) -> Iterator[Served]:
    """A repository that has `THING`."""
    for kind in ("pom", "jar"):
        file = tmp_path / "maven" / POM.replace(".pom", f".{kind}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"the {kind}")
    served = Served(tmp_path / "maven")
    yield served
    served.server.shutdown()
    served.server.server_close()


def refusal(addresses: list[str], coordinate: str = THING) -> tuple[str, dict[str, object]]:
    with pytest.raises(Refused) as refused:
        Repositories(addresses, {}).look_for([coordinate])
    return refused.value.kind, json.loads(refused.value.words)


def test_a_package_that_one_has_is_found(maven, tmp_path):
    (tmp_path / "empty").mkdir()
    Repositories([(tmp_path / "empty").as_uri(), maven.address], {}).look_for([THING])
    assert [path for path, _ in maven.asked] == [f"/maven/{POM}"]


def test_a_package_that_none_has_is_named(maven):
    assert refusal([maven.address], "org.example:thing:2.0") == (
        "spark-package",
        {"coordinate": "org.example:thing:2.0"},
    )


def test_a_package_without_a_description_is_found_by_its_jar(maven):
    (maven.folder / POM).unlink()
    Repositories([maven.address], {}).look_for([THING])
    assert [path for path, _ in maven.asked] == [f"/maven/{POM}", f"/maven/{POM.replace('.pom', '.jar')}"]


def test_a_repository_whose_host_is_not_there_is_named_even_where_another_has_the_package(maven):
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
    assert refusal([maven.address, f"http://127.0.0.1:{port}/maven"]) == (
        "spark-repository",
        {"coordinate": THING, "repository": 1, "why": "Connection refused"},
    )


def test_a_repository_that_is_silent_is_given_up_soon(maven, monkeypatch):
    monkeypatch.setattr(repositories, "ANSWER_SECONDS", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        _, facts = refusal([f"http://127.0.0.1:{listening.getsockname()[1]}"])
    assert facts["why"] == "no answer in 0.2 s"


def test_a_name_server_that_is_silent_is_given_up_soon(maven, monkeypatch):
    monkeypatch.setattr(repositories, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(repositories, "ANSWER_SECONDS", 60)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        _, facts = refusal([f"http://127.0.0.1:{listening.getsockname()[1]}"])
    assert facts["why"] == "no answer in 10 s"


def test_the_usual_ones_are_asked_for_what_the_users_do_not_have_only(maven, monkeypatch):
    monkeypatch.setattr(repositories, "DEFAULTS", ("http://127.0.0.1:1/central",))
    Repositories([maven.address], {}).look_for([THING])
    assert refusal([maven.address], "org.example:thing:2.0") == (
        "spark-repository",
        {"coordinate": "org.example:thing:2.0", "repository": 1, "why": "Connection refused"},
    )


@pytest.mark.parametrize(("status", "why"), [(401, "401 Unauthorized"), (503, "503 Service Unavailable")])
def test_a_repository_that_refuses_is_named_with_its_answer(maven, status, why):
    maven.status = status
    assert refusal([maven.address])[1]["why"] == why


def test_user_and_password_of_an_address_are_told_to_the_host_and_not_asked_for_as_a_path(maven):
    Repositories([maven.address.replace("//", "//me:p%40ss@")], {}).look_for([THING])
    login = "Basic " + base64.b64encode(b"me:p@ss").decode()
    assert maven.asked == [(f"/maven/{POM}", login)]


def test_a_proxy_is_asked_unless_the_host_needs_none(maven):
    proxied = Repositories(["http://maven.example.com/maven"], {"http_proxy": maven.address})
    proxied.look_for([THING])
    assert maven.asked[0][0] == f"http://maven.example.com/maven/{POM}"
    near = Repositories([maven.address], {"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1"})
    near.look_for([THING])


def test_java_gets_the_files_from_a_relay(maven):
    told = []
    with Relay(Repositories([maven.address], {}), lambda *what: told.append(what)) as relay:
        jar = urllib.request.urlopen(relay.address(0) + POM.replace(".pom", ".jar")).read()
    assert jar == (maven.folder / POM.replace(".pom", ".jar")).read_bytes()
    assert told == [("Fetching thing-1.0.jar", len(jar), len(jar), "bytes")]


def test_who_does_not_know_the_address_of_a_relay_gets_nothing(maven):
    with Relay(Repositories([maven.address], {}), print) as relay, pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(relay.address(0).replace(relay.token, "0" * 32) + POM)


def test_a_path_does_not_lead_out_of_a_repository_that_is_a_folder(maven, tmp_path):
    (tmp_path / "secret").write_text("hush")
    repository = Repositories([(tmp_path / "maven").as_uri()], {})
    with Relay(repository, print) as relay, pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(relay.address(0) + "%2e%2e/secret")


def test_a_repository_that_failed_once_is_not_asked_again(maven):
    maven.status = 401
    with Relay(Repositories([maven.address], {}), print) as relay:
        for _ in range(2):
            with pytest.raises(urllib.error.HTTPError, match="503"):
                urllib.request.urlopen(relay.address(0) + POM)
    assert len(maven.asked) == 1
    assert relay.failures == [(0, POM, "401 Unauthorized")]


@pytest.mark.parametrize("kind", ["pom", "jar"])
def test_java_sees_that_a_file_which_breaks_off_is_too_short(maven, kind, capsys):
    maven.most = 3
    path = POM.replace(".pom", f".{kind}")
    repository = Repositories([maven.address], {})
    with Relay(repository, lambda *_: None) as relay, pytest.raises(http.client.IncompleteRead):
        urllib.request.urlopen(relay.address(0) + path).read()
    assert relay.failures == [(0, path, "it broke off within a file")]
    assert capsys.readouterr().err == ""


def test_java_gets_nothing_of_a_file_which_breaks_off_and_whose_size_nobody_said(maven):
    maven.most, maven.is_sized = 3, False
    with Relay(Repositories([maven.address], {}), print) as relay, pytest.raises(urllib.error.HTTPError, match="503"):
        urllib.request.urlopen(relay.address(0) + POM)
    assert relay.failures == [(0, POM, "it broke off within a file")]


def test_java_gets_a_file_whose_size_nobody_said(maven):
    maven.is_sized = False
    with Relay(Repositories([maven.address], {}), print) as relay:
        found = urllib.request.urlopen(relay.address(0) + POM)
        assert (found.headers["Content-Length"], found.read()) == ("7", b"the pom")


def send_a_beginning(listening: socket.socket) -> None:
    """Begin to answer one request, and keep the connection until the other side ends it."""
    connection, _ = listening.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun")
        while connection.recv(4096):
            pass


def test_a_repository_that_falls_silent_within_a_file_is_noted(maven, monkeypatch):
    monkeypatch.setattr(repositories, "ANSWER_SECONDS", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with Relay(Repositories([address], {}), print) as relay:
            Thread(target=send_a_beginning, args=(listening,), daemon=True).start()
            with pytest.raises(http.client.IncompleteRead):
                urllib.request.urlopen(relay.address(0) + POM).read()
    assert relay.failures == [(0, POM, "no answer in 0.2 s")]
