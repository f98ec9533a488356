"""Tells the server what was appended to the spool: private messages on the kernel's own IOPub channel.

Message type and topic ``jupyter_workbench_records``, a parent of the same type that nobody sent (so that it belongs to
no cell: front ends and nbclient pass over it, and a server does not take it for activity of the user), content
``{"stream", "offset", "data"}`` with whole lines, or, when there is much, a nudge ``{"stream", "offset", "size"}``
(that many bytes are new from offset on): the server then reads the spool itself.
Sent once after a run and about four times a second while one lasts, since every message that a server does not
know counts against its rate limit. Lost messages do no harm: the spool is the truth.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from typing import Any, Callable, Dict, Optional

from . import complaints
from .spool import Spool

MESSAGE = "jupyter_workbench_records"
MAX_DATA_BYTES = 16 * 1024
PERIOD_SECONDS = 0.25
LAST_PUSH_SECONDS = 1.0
SETTLE_SECONDS = 0.02  # after a cell; cells that follow each other faster share a message


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
    """A thread that pushes: after a run, and while one lasts long. It sleeps while none does.

    A push takes as long as all records of a short cell together, so it waits until the cell's reply is out.
    """

    def __init__(self, push: Callable[[], None], longest: Callable[[], float]) -> None:
        """``longest``: since how many seconds the oldest open run lasts, 0 when none is open."""
        self._push = push
        self._longest = longest
        self._changed = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._ending = False

    def wake(self) -> None:
        """Take note that a run began or ended."""
        self._changed.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="WorkbenchHistory", daemon=True)
            self._thread.pydev_do_not_trace = True  # type: ignore[attr-defined]  # a debugger must not stop it
            self._thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
            self._thread.start()
            # Registered after ipykernel's own it runs before them: a socket that this thread has would hang the exit.
            atexit.register(self._end)

    def _work(self) -> None:
        while not self._ending:
            if self._changed.wait(PERIOD_SECONDS if self._longest() else None):
                self._changed.clear()
                time.sleep(SETTLE_SECONDS)
            lasts = self._longest()
            if lasts == 0 or lasts >= PERIOD_SECONDS:
                self._push()

    def _end(self) -> None:
        self._ending = True
        self._changed.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(LAST_PUSH_SECONDS)
