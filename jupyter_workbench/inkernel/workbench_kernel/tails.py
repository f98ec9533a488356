"""The end of what a cell printed, as its notebook shows it: read where the kernel hands it to its sockets.

There it comes a few times a second, in whole pieces, each with the request of its cell: prints cost nothing more, and
threads, subshells, forked children and programs that write to the descriptors are told apart as front ends tell them.
What was written and may still be in a stream when the cell ends is flushed, as ipykernel itself does a moment later.
That takes the time of some turns between threads: a short cell to which nothing was written is spared it.
"""

from __future__ import annotations

import os
import sys
import threading
from time import perf_counter
from typing import Any, Callable, Dict, List, Optional

from . import complaints
from .writes import Writes

KEPT = 16 * 1024  # characters of each stream
_SHORT_SECONDS = 0.15  # a longer cell waits even so: what a program wrote to a descriptor may still be on its way
_DELIMITER = b"<IDS|MSG>"  # of Jupyter's messages on the wire; behind it: signature, header, parent, metadata, content


class Tail:
    """What one cell printed: the end of it."""

    def __init__(self) -> None:
        self.began = perf_counter()
        self.text = {"stdout": "", "stderr": ""}
        self.omitted = {"stdout": 0, "stderr": 0}
        self.forked = False

    def add(self, name: str, text: str) -> None:
        """Take a piece of a stream."""
        whole = self.text[name] + text
        self.text[name] = whole[-KEPT:]
        self.omitted[name] += max(0, len(whole) - KEPT)

    def facts(self) -> Optional[Dict[str, Any]]:
        """Return what the tail record tells; None for a cell that printed nothing."""
        if not self.text["stdout"] and not self.text["stderr"]:
            return None
        omitted = {name + "_omitted": count for name, count in self.omitted.items()}
        return {**self.text, **omitted}


class Tails:
    """The tails of the cells that run now, by the id of their request."""

    def __init__(self, session: Any, streams: List[Any]) -> None:
        """``session`` of the kernel; ``streams``: those that hand over to the kernel's IOPub thread, as ipykernel's."""
        self._session = session
        self._streams = [Writes(stream) for stream in streams if hasattr(stream, "pub_thread")]
        self._tails: Dict[str, Tail] = {}
        self._flushing = threading.Lock()
        self._process = os.getpid()
        self._is_watching = False

    @classmethod
    def of(cls, kernel: Any) -> Tails:
        """Return those of a kernel; without one nothing is printed that we could see."""
        return cls(getattr(kernel, "session", None), [] if kernel is None else [sys.stdout, sys.stderr])

    def begin(self, request: Optional[str]) -> None:
        """Keep what the cell prints that this request runs."""
        if request is None or not self._streams:
            return
        if not self._is_watching:
            self._watch()
        self._tails[request] = Tail()

    def end(self, request: Optional[str]) -> Optional[Dict[str, Any]]:
        """Return what it printed up to here."""
        tail = None if request is None else self._tails.get(request)
        if request is None or tail is None:
            return None
        try:
            with self._flushing:  # by a cell of a subshell: what this one wrote may be among it
                self._bring_in(tail)
        finally:
            del self._tails[request]
        return tail.facts()

    def _bring_in(self, tail: Tail) -> None:
        """Flush what was written to. One flush waits for all that the IOPub thread has begun, of either stream."""
        written = [writes for writes in self._streams if writes.there_were]
        if not written and (tail.forked or perf_counter() - tail.began > _SHORT_SECONDS):
            written = self._streams[:1]
        for writes in written:
            writes.forget()  # before the flush, which may miss what another thread writes meanwhile
            writes.stream.flush()
        if tail.forked:
            self._streams[0].stream.flush()  # what a child sent before the first flush is read by the second at latest

    # ---- on the way to the socket ----------------------------------------------------------------
    def _watch(self) -> None:
        self._is_watching = True
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_parent=self._note_a_fork)
        threads = [writes.stream.pub_thread for writes in self._streams]
        for thread in {id(thread): thread for thread in threads}.values():
            thread.send_multipart = self._reading(thread.send_multipart)

    def _note_a_fork(self) -> None:
        for tail in list(self._tails.values()):
            tail.forked = True

    def _reading(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def send_multipart(parts: Any, *arguments: Any, **named: Any) -> Any:
            if parts[0].startswith(b"stream.") and os.getpid() == self._process:
                try:
                    self._read(parts)
                except Exception as error:
                    complaints.internal(error)
            return send(parts, *arguments, **named)

        return send_multipart

    def _read(self, parts: List[bytes]) -> None:
        if not self._tails:
            return
        begin = parts.index(_DELIMITER) + 3
        tail = self._tails.get(self._session.unpack(parts[begin]).get("msg_id"))
        if tail is not None:
            content = self._session.unpack(parts[begin + 2])
            tail.add(content["name"], content["text"])
