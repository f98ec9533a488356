"""Tells the server what was appended to the spool: private messages on the kernel's own IOPub channel.

Message type and topic ``jupyter_workbench_records``, a parent of the same type that nobody sent (so that it belongs to
no cell: front ends and nbclient pass over it, and a server does not take it for activity of the user), content
``{"stream", "offset", "data"}`` with whole lines, or, when there is much, a nudge ``{"stream", "offset", "size"}``
(that many bytes are new from offset on): the server then reads the spool itself.
Sent four times a second at most, since every message that a server does not know counts against its rate limit. Lost
messages do no harm: the spool is the truth.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import Any, Callable, Dict, Optional

from . import complaints
from .spool import Spool

MESSAGE = "jupyter_workbench_records"
MAX_DATA_BYTES = 16 * 1024
PERIOD_SECONDS = 0.25
LAST_PUSH_SECONDS = 1.0


class Transport:
    """Sends what the spool has more than was sent; a shell without a kernel has nowhere to send it."""

    def __init__(self, kernel: Any, spool: Spool, stream: str) -> None:
        self._kernel = kernel
        self._spool = spool
        self._stream = stream
        self._sent = 0
        self._process = os.getpid()
        self._lock = threading.Lock()

    def push(self) -> None:
        """Send what is new; never raises. A forked child has no right to the sockets: its parent sends for it."""
        if self._kernel is None or os.getpid() != self._process:
            return
        try:
            with self._lock:
                self._send_new()
        except Exception as error:
            complaints.internal(error)

    def _send_new(self) -> None:
        offset = self._sent
        count = self._spool.size() - offset
        if count <= 0:
            return
        content: Dict[str, Any] = {"stream": self._stream, "offset": offset}
        if count > MAX_DATA_BYTES:
            content["size"] = count
        else:
            data = self._spool.read(offset, count)
            data = data[: data.rfind(b"\n") + 1]
            content["data"] = data.decode("utf-8", "replace")
            count = len(data)
        if count:
            session = self._kernel.session
            parent = {"header": session.msg_header(MESSAGE)}
            session.send(self._kernel.iopub_socket, MESSAGE, content, parent=parent, ident=MESSAGE.encode())
            self._sent = offset + count


class Flusher:
    """A thread that pushes and measures four times a second while there can be something new, and sleeps otherwise.

    Nothing wakes it for a cell: a thread that is woken takes the interpreter from the very cell that it was woken for.
    """

    def __init__(self, push: Callable[[], None], measure: Callable[[], None], is_idle: Callable[[], bool]) -> None:
        """``is_idle``: whether no record can come until the next `wake`."""
        self._push = push
        self._measure = measure
        self._is_idle = is_idle
        self._awake = threading.Event()
        self._ending = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def wake(self) -> None:
        """Take note that records come from now on, or have come."""
        self._awake.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="WorkbenchHistory", daemon=True)
            self._thread.pydev_do_not_trace = True  # type: ignore[attr-defined]  # a debugger must not stop it
            self._thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
            self._thread.start()
            # Registered after ipykernel's own it runs before them: a socket that this thread has would hang the exit.
            atexit.register(self._end)

    def _work(self) -> None:
        while not self._ending.is_set():
            self._awake.wait()
            self._awake.clear()
            while not self._is_idle() and not self._ending.wait(PERIOD_SECONDS):
                self._push()
                self._measure()
            self._push()

    def _end(self) -> None:
        self._ending.set()
        self._awake.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(LAST_PUSH_SECONDS)
