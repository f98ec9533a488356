"""What the kernel tells the server, through a kernel that only remembers it."""

from __future__ import annotations

import json
import os
from threading import Event, Semaphore
from types import SimpleNamespace

import pytest
from workbench_kernel.spool import Spool
from workbench_kernel.transport import MAX_DATA_BYTES, Flusher, Transport


class Session:
    def __init__(self):
        self.sent = []

    def msg_header(self, kind):
        return {"msg_type": kind}

    def send(self, socket, kind, content, *, parent, ident):
        json.dumps(content)
        self.sent.append((socket, kind, content, parent, ident))

    @property
    def contents(self):
        return [message[2] for message in self.sent]


@pytest.fixture
def spool(tmp_path):
    return Spool(str(tmp_path))


@pytest.fixture
def session():
    return Session()


@pytest.fixture
def transport(spool, session):
    return Transport(SimpleNamespace(session=session, iopub_socket="iopub"), spool, "s")


def test_new_records_are_a_private_message_of_no_cell(transport, spool, session):
    spool.append(b'{"e":1}\n')
    transport.push()
    content = {"stream": "s", "offset": 0, "data": '{"e":1}\n'}
    kind = "jupyter_workbench_records"
    assert session.sent == [("iopub", kind, content, {"header": {"msg_type": kind}}, kind.encode())]


def test_nothing_new_sends_nothing(transport, spool, session):
    transport.push()
    spool.append(b"a\n")
    transport.push()
    transport.push()
    assert len(session.sent) == 1


def test_a_line_without_its_end_waits(transport, spool, session):
    spool.append(b"whole\n")
    spool.append(b"half")
    transport.push()
    spool.append(b"\n")
    transport.push()
    assert session.contents == [
        {"stream": "s", "offset": 0, "data": "whole\n"},
        {"stream": "s", "offset": 6, "data": "half\n"},
    ]


def test_much_is_a_nudge_without_the_data(transport, spool, session):
    spool.append(b"x" * MAX_DATA_BYTES + b"\n")
    transport.push()
    spool.append(b"y\n")
    transport.push()
    assert session.contents == [
        {"stream": "s", "offset": 0, "size": MAX_DATA_BYTES + 1},
        {"stream": "s", "offset": MAX_DATA_BYTES + 1, "data": "y\n"},
    ]


def test_what_could_not_be_sent_is_sent_again(transport, spool, session, monkeypatch, capsys):
    monkeypatch.setattr("workbench_kernel.complaints._said", set())
    spool.append(b"a\n")
    with monkeypatch.context() as broken:
        broken.setattr(session, "send", lambda *_args, **_more: {}["closed"])
        transport.push()
    transport.push()
    assert session.contents == [{"stream": "s", "offset": 0, "data": "a\n"}]
    assert capsys.readouterr().err == (
        "Run history: an error of its own (KeyError: 'closed'), so this run may be incomplete - "
        "restart the kernel, and report it; your code is not affected.\n"
    )


def test_a_forked_child_sends_nothing(transport, spool, session):
    child = os.fork()
    if child == 0:
        spool.append(b"from the child\n")
        transport.push()
        os._exit(len(session.sent))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    transport.push()
    assert session.contents == [{"stream": "s", "offset": 0, "data": "from the child\n"}]


def test_the_flusher_pushes_and_measures_while_records_can_come_and_pushes_once_more_when_they_end():
    pushed, measured, idle = Semaphore(0), Semaphore(0), Event()
    flusher = Flusher(pushed.release, measured.release, idle.is_set)
    flusher.wake()
    assert all(pushed.acquire(timeout=10) for _ in range(3))
    assert measured.acquire(timeout=10)
    idle.set()
    assert pushed.acquire(timeout=10)


def test_the_flusher_pushes_what_came_when_none_were_expected():
    pushed = Semaphore(0)
    flusher = Flusher(pushed.release, lambda: None, lambda: True)
    for _ in range(2):
        flusher.wake()
        assert pushed.acquire(timeout=10)
