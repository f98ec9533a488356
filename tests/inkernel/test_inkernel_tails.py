"""The end of what cells print, read on its way to the kernel's sockets."""

from __future__ import annotations

import json
import os
import threading

import pytest
from workbench_kernel.tails import KEPT, Tails


class Session:
    def unpack(self, part):
        return json.loads(part)


class IOPubThread:
    """As ipykernel's: what is sent goes out."""

    def __init__(self):
        self.sent = []

    def send_multipart(self, parts, copy=True):
        self.sent.append(parts)


class Stream:
    """As ipykernel's `OutStream`: keeps what is written until it is flushed."""

    def __init__(self, name, thread):
        self.name, self.pub_thread = name, thread
        self.request = "one"
        self.pieces = []
        self.flushes = self.scheduled = 0

    def write(self, text):
        self.pieces.append(text)
        self._schedule_flush()

    def _schedule_flush(self):
        self.scheduled += 1

    def flush(self):
        self.flushes += 1
        text, self.pieces = "".join(self.pieces), []
        if text:
            self.pub_thread.send_multipart(stream_message(self.name, text, self.request))


def stream_message(name, text, request, *, topic=None):
    content = json.dumps({"name": name, "text": text}).encode()
    parent = json.dumps({"msg_id": request}).encode()
    return [topic or b"stream." + name.encode(), b"<IDS|MSG>", b"signature", b"{}", parent, b"{}", content]


@pytest.fixture
def thread():
    return IOPubThread()


@pytest.fixture
def streams(thread):
    return [Stream("stdout", thread), Stream("stderr", thread)]


@pytest.fixture
def tails(streams):
    """After its first cell: the streams are empty."""
    tails = Tails(Session(), streams)
    tails.begin("first")
    tails.end("first")
    for stream in streams:
        stream.flushes = 0
    return tails


def flushes(streams):
    return [stream.flushes for stream in streams]


def test_a_cell_that_printed_nothing_has_none_and_flushes_nothing(tails, streams):
    """Right after one that printed, too: `run all` runs many in a row."""
    tails.begin("one")
    streams[0].write("one\n")
    tails.end("one")
    assert flushes(streams) == [1, 0]
    tails.begin("two")
    assert tails.end("two") is None
    assert flushes(streams) == [1, 0]


def test_what_was_printed_before_the_first_cell_had_a_tail_is_flushed(streams):
    tails = Tails(Session(), streams)
    streams[0].write("one\n")
    tails.begin("one")
    assert tails.end("one")["stdout"] == "one\n"


def test_only_the_first_print_of_a_cell_is_noted(tails, streams):
    tails.begin("one")
    streams[0].write("one\n")
    assert "_schedule_flush" not in vars(streams[0])
    streams[0].write("two\n")
    assert (streams[0].scheduled, tails.end("one")["stdout"]) == (2, "one\ntwo\n")


def test_a_stream_of_another_kind_is_always_flushed(thread, monkeypatch):
    monkeypatch.delattr(Stream, "_schedule_flush")
    monkeypatch.setattr(Stream, "write", lambda self, text: self.pieces.append(text))
    stream = Stream("stdout", thread)
    tails = Tails(Session(), [stream])
    for name in ("one", "two"):
        tails.begin(name)
        stream.request = name
        stream.write(name)
        assert tails.end(name)["stdout"] == name


def test_what_is_still_in_the_streams_is_flushed(tails, streams):
    tails.begin("one")
    streams[0].write("one\n")
    streams[1].write("two\n")
    assert tails.end("one") == {"stdout": "one\n", "stdout_omitted": 0, "stderr": "two\n", "stderr_omitted": 0}


def test_what_is_being_sent_when_the_cell_ends_is_waited_for(tails, streams, thread):
    """The IOPub thread flushes a while after each print: then nothing is pending, and it is not sent yet."""
    tails.begin("one")
    streams[0].write("one\n")
    (text,), streams[0].pieces = streams[0].pieces, []
    streams[0].flush = lambda: thread.send_multipart(stream_message("stdout", text, "one"))
    assert tails.end("one")["stdout"] == "one\n"


def test_a_cell_waits_for_what_another_cells_end_flushes(tails, streams, thread):
    """Of a subshell: what both printed is in one stream."""
    tails.begin("one")
    tails.begin("two")
    streams[0].write("one\n")
    (text,), streams[0].pieces = streams[0].pieces, []
    is_flushing, may_send = threading.Event(), threading.Event()

    def flush():
        is_flushing.set()
        assert may_send.wait(20)
        thread.send_multipart(stream_message("stdout", text, "one"))

    streams[0].flush = flush
    told = {}
    other = threading.Thread(target=lambda: told.update(two=tails.end("two")))
    this = threading.Thread(target=lambda: told.update(one=tails.end("one")))
    other.start()
    assert is_flushing.wait(20)
    this.start()
    this.join(0.05)  # it would be over: nothing is left to flush
    assert told == {}
    may_send.set()
    this.join(20)
    other.join(20)
    assert (told["one"]["stdout"], told["two"]) == ("one\n", None)


def test_a_long_cell_waits_even_so(tails, streams, monkeypatch):
    """What a program wrote to a descriptor may still be on its way."""
    now = [100.0]
    monkeypatch.setattr("workbench_kernel.tails.perf_counter", lambda: now[0])
    tails.begin("one")
    now[0] += 1
    tails.end("one")
    assert flushes(streams) == [1, 0]


def test_a_cell_whose_flush_fails_has_no_tail_and_is_forgotten(tails, streams, thread):
    def fail():
        raise ValueError("I/O operation on closed file")

    tails.begin("one")
    streams[0].write("one\n")
    streams[0].flush = fail
    with pytest.raises(ValueError, match="closed file"):
        tails.end("one")
    assert tails.end("one") is None


def test_the_last_16_ki_characters_are_kept_and_the_others_counted(tails, streams):
    tails.begin("one")
    for i in range(100):
        streams[0].write(f"{i:04}" + "ä" * 996)
        if i % 10 == 0:
            streams[0].flush()
    tail = tails.end("one")
    assert (len(tail["stdout"]), tail["stdout_omitted"]) == (KEPT, 100_000 - KEPT)
    assert tail["stdout"][-1000:] == "0099" + "ä" * 996


def test_a_message_is_sent_as_it_was(tails, thread, streams):
    tails.begin("one")
    message = stream_message("stdout", "text", "one")
    thread.send_multipart(message, copy=False)
    assert thread.sent == [message]


def test_what_belongs_to_another_request_is_left_out(tails, thread):
    """As front ends do: a thread of an earlier cell, a subshell."""
    tails.begin("one")
    tails.begin("two")
    for request in ("one", "two", "three"):
        thread.send_multipart(stream_message("stdout", request, request))
    assert (tails.end("one")["stdout"], tails.end("two")["stdout"]) == ("one", "two")


def test_what_is_no_stream_is_left_out(tails, thread):
    tails.begin("one")
    thread.send_multipart(stream_message("stdout", "text", "one", topic=b"kernel.1.display_data"))
    thread.send_multipart([b"anything"])
    assert tails.end("one") is None


def test_after_its_end_a_cell_has_no_tail(tails, streams):
    tails.begin("one")
    streams[0].write("text")
    assert tails.end("one") is not None
    assert tails.end("one") is None


def test_a_message_that_cannot_be_read_is_sent_and_told_once(tails, thread, monkeypatch, capsys):
    monkeypatch.setattr("workbench_kernel.complaints._said", set())
    tails.begin("one")
    broken = [b"stream.stdout", b"<IDS|MSG>", b"s", b"{}", b"not json", b"{}", b"{}"]
    thread.send_multipart(broken)
    thread.send_multipart(broken)
    assert thread.sent == [broken, broken]
    assert capsys.readouterr().err.count("Run history: an error of its own") == 1


def test_a_cell_that_forked_waits_for_what_its_children_sent(tails, streams, thread):
    tails.begin("one")
    child = os.fork()
    if child == 0:
        thread.send_multipart(stream_message("stdout", "child", "one"))
        os._exit(len(tails._tails["one"].text["stdout"]))
    assert os.waitpid(child, 0)[1] == 0  # a child keeps nothing
    tails.end("one")
    assert flushes(streams) == [2, 0]


def test_without_streams_of_ipykernel_there_are_none():
    tails = Tails.of(None)
    tails.begin("one")
    assert tails.end("one") is None
