"""A follower takes what a kernel says, which may be anything, and never stops listening."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from jupyter_client.session import Session

from jupyter_workbench.kernels import follower as module
from jupyter_workbench.kernels.follower import FOLLOWED, RECORDS, Follower
from jupyter_workbench.kernels.packages import KernelPackages

KEY = b"the kernel has it"
STREAM = "20170831T000000-0123456789abcdef"


class Collector:
    """Notes what it is given."""

    def __init__(self) -> None:
        self.received: list[Any] = []

    def receive(self, content: object) -> None:
        self.received.append(content)


class Running:
    """A container that brings nothing before it may."""

    def __init__(self) -> None:
        self.may_bring = asyncio.Event()

    async def outputs(self) -> None:
        await self.may_bring.wait()


def a_follower(running: Any = None) -> Follower:
    packages = KernelPackages(Path(sys.executable), {}, is_elsewhere=False)
    spool: Any = SimpleNamespace(stream=STREAM)
    follower = Follower(spool, Collector(), packages, logging.getLogger("test"))  # type: ignore[arg-type]
    FOLLOWED.discard(STREAM)
    follower._session, follower._running = Session(key=KEY), running
    return follower


def frames(*parts: bytes) -> list[bytes]:
    """A message that is signed as it must be, whatever is in it."""
    return [RECORDS.encode(), b"<IDS|MSG>", Session(key=KEY).sign(list(parts)), *parts]


def message(content: object) -> list[bytes]:
    header = {
        "msg_id": "1",
        "msg_type": RECORDS,
        "username": "",
        "session": "s",
        "version": "5.3",
        "date": "2017-08-31",
    }
    return frames(json.dumps(header).encode(), b"{}", b"{}", json.dumps(content).encode())


def test_what_a_kernel_pushes_is_passed_on():
    follower = a_follower()
    follower._receive(message({"stream": STREAM, "offset": 0, "data": "x"}))
    assert follower._collector.received == [{"stream": STREAM, "offset": 0, "data": "x"}]


@pytest.mark.parametrize(
    "said",
    [
        [b"no delimiter"],
        frames(b"{}", b"{}", b"{}"),
        frames(b"[]", b"{}", b"{}", b"{}"),
        frames(b"{}", b"{}", b"{}", b"{}"),
        frames(b"[" * 100_000, b"{}", b"{}", b"{}"),
        frames(b"\xff", b"{}", b"{}", b"{}"),
    ],
)
def test_what_is_no_message_is_told_once_and_passed_over(said, caplog):
    follower = a_follower()
    for _ in range(3):
        follower._receive(said)
    assert follower._collector.received == []
    assert len(caplog.messages) == 1


anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.sampled_from(["stream", "offset", "data", "x"]), inner),
)


@given(anything)
async def test_any_content_is_taken_from_a_kernel_in_a_container_too(content):
    running = Running()
    running.may_bring.set()
    follower = a_follower(running)
    follower._receive(message(content))
    while not follower._collector.received:
        await asyncio.sleep(0)


async def test_messages_that_wait_for_their_files_do_not_fill_the_memory():
    running = Running()
    follower = a_follower(running)
    for number in range(10 * module._MOST_WAITING):
        follower._receive(message({"stream": STREAM, "offset": number, "data": '{"e":"output"}'}))
        await asyncio.sleep(0)
        assert len(follower._to_bring) <= module._MOST_WAITING
    running.may_bring.set()
    while follower._to_bring:
        await asyncio.sleep(0)
    assert {"stream": STREAM} in follower._collector.received
