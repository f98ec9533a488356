"""The forwarder, with somebody at a port of 127.0.0.1 who stands for Spark. In this process: it needs no kernel."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets")
ui = pytest.importorskip("workbench_kernel.spark.ui")

DEADLINE_SECONDS = 20


class FakeSpark:
    """Takes connections at a port; each is served by ``serve`` in a thread."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.serve = self.echo
        self.gone = threading.Event()
        self.sent = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = self.listener.accept()[0]
                connection.settimeout(DEADLINE_SECONDS)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection) -> None:
        with connection, contextlib.suppress(ConnectionError):
            self.serve(connection)
        self.gone.set()

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # else the thread goes on to accept
        self.listener.close()

    def echo(self, connection) -> None:
        """Say what was asked, and end."""
        connection.sendall(b"asked: " + connection.recv(1 << 16))

    def say_much(self, connection) -> None:
        connection.recv(1 << 16)
        connection.sendall(bytes(20 << 20))

    def say_much_and_count(self, connection) -> None:
        while True:
            self.sent += connection.send(bytes(65536))

    def wait_for_the_end(self, connection) -> None:
        while connection.recv(1 << 16):
            pass


@pytest.fixture
def spark():
    """What listens on loopback."""
    spark = FakeSpark()
    yield spark
    spark.end()


@pytest.fixture
def place(tmp_path_factory):
    """Where the socket is, in a folder with a short path."""
    return str(tmp_path_factory.mktemp("u") / "u")


@pytest.fixture
def a_forwarder(spark, place):
    """One between the two."""
    forwarder = ui.forward(place, spark.port)
    yield forwarder
    forwarder.close()


def connect(place):
    client = socket.socket(socket.AF_UNIX)
    client.connect(place)
    client.settimeout(DEADLINE_SECONDS)
    return client


def ask(place, what=b"x"):
    with connect(place) as client:
        client.sendall(what)
        return b"".join(iter(lambda: client.recv(1 << 16), b""))


def has_ended(client):
    try:
        return client.recv(1) == b""
    except ConnectionError:
        return True


def test_what_is_asked_is_answered(a_forwarder, place):
    assert [ask(place, b"1"), ask(place, b"2")] == [b"asked: 1", b"asked: 2"]


def test_a_large_answer_comes_whole(a_forwarder, spark, place):
    spark.serve = spark.say_much
    assert ask(place) == bytes(20 << 20)


def test_many_are_served_at_once(a_forwarder, place):
    clients = [connect(place) for _ in range(3 * ui.MOST_CONNECTIONS // 2)]
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
    assert [client.recv(1 << 16) for client in clients] == [b"asked: %d" % number for number in range(len(clients))]
    for client in clients:
        client.close()


def test_spark_waits_for_a_reader_that_does_not_read(a_forwarder, spark, place):
    spark.serve = spark.say_much_and_count
    with connect(place) as client:
        client.sendall(b"x")
        assert client.recv(1)
        assert not spark.gone.wait(1)
        assert spark.sent < 32 << 20
        assert ask_another(place, spark) == b"asked: x"
    assert spark.gone.wait(DEADLINE_SECONDS)


def ask_another(place, spark):
    spark.serve = spark.echo
    return ask(place)


def test_spark_hears_when_the_reader_goes(a_forwarder, spark, place):
    spark.serve = spark.wait_for_the_end
    connect(place).close()
    assert spark.gone.wait(DEADLINE_SECONDS)


def test_without_spark_there_is_no_answer(a_forwarder, spark, place):
    spark.end()
    with connect(place) as client:
        assert has_ended(client)


def test_nobody_else_may_connect(a_forwarder, place):
    assert stat.S_IMODE(Path(place).stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["socket", "file", "link"])
def test_what_an_earlier_process_left_is_removed(spark, place, kind, tmp_path):
    (tmp_path / "kept").write_text("kept")
    if kind == "socket":
        with socket.socket(socket.AF_UNIX) as earlier:
            earlier.bind(place)
    elif kind == "file":
        Path(place).touch()
    else:
        Path(place).symlink_to(tmp_path / "kept")
    forwarder = ui.forward(place, spark.port)
    assert ask(place) == b"asked: x"
    forwarder.close()
    assert (tmp_path / "kept").read_text() == "kept"


def test_a_place_that_cannot_be_is_an_error(spark, place):
    with pytest.raises(FileNotFoundError):
        ui.forward(f"{place}/nowhere", spark.port)


def test_the_end_leaves_nothing(a_forwarder, spark, place):
    spark.serve = spark.wait_for_the_end
    with connect(place) as client:
        client.sendall(b"x")
        a_forwarder.close()
        assert has_ended(client)
    assert not os.path.lexists(place)
    assert spark.gone.wait(DEADLINE_SECONDS)
    assert not [thread for thread in threading.enumerate() if thread.name == "WorkbenchSparkUi"]
    a_forwarder.close()  # once more does nothing


def test_the_end_leaves_the_socket_of_the_next_process(a_forwarder, spark, place):
    following = ui.forward(place, spark.port)
    a_forwarder.close()
    assert ask(place) == b"asked: x"
    following.close()


def test_a_process_that_ends_leaves_no_socket_and_no_empty_folder(spark, place, inkernel):
    code = (
        "import os, sys; from workbench_kernel.spark import ui\n"
        "ui.forward(sys.argv[1], int(sys.argv[2])); print(os.path.exists(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, place, str(spark.port)],
        env={**os.environ, "PYTHONPATH": str(inkernel)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, Path(place).parent.exists()) == ("True\n", "", False)


def test_a_forwarder_can_follow_another(a_forwarder, spark, place):
    a_forwarder.close()
    following = ui.forward(place, spark.port)
    assert ask(place) == b"asked: x"
    following.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_leaves_the_socket_to_its_parent(a_forwarder, place):
    child = os.fork()
    if child == 0:
        a_forwarder.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert ask(place) == b"asked: x"
