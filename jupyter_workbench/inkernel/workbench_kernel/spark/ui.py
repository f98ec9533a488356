"""Makes the pages of Spark, which listens on loopback only, reachable at a Unix socket that the server sees too.

One thread passes bytes on and knows nothing of what they mean. Whatever it keeps waiting is bounded.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import selectors
import socket
import threading
import time
from typing import Any, Dict, List, Optional

BLOCK_BYTES = 64 * 1024
MOST_CONNECTIONS = 128
CONNECT_SECONDS = 2.0
PAUSE_SECONDS = 0.2


def forward(socket_path: str, port: int) -> Forwarder:
    """Listen at ``socket_path``, whatever an earlier process left there, for ``port`` of 127.0.0.1.

    Raises OSError when that cannot be.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if os.path.lexists(socket_path):
            os.unlink(socket_path)
        listener.bind(socket_path)
        os.chmod(socket_path, 0o600)
        listener.listen(MOST_CONNECTIONS)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return Forwarder(listener, socket_path, port)


class Forwarder:
    """Forwards from now on, until it is closed or this process ends."""

    def __init__(self, listener: socket.socket, path: str, port: int) -> None:
        self._listener, self._path, self._port = listener, path, port
        self._inode = os.lstat(path).st_ino
        self._connections: List[_Connection] = []
        self._selector = selectors.DefaultSelector()
        self._stop, self._stopped = socket.socketpair()
        self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(self._stopped, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="WorkbenchSparkUi", daemon=True)
        marks: Any = self._thread
        marks.pydev_do_not_trace = marks.is_pydev_daemon_thread = True  # a debugger must not stop it
        self._pid = os.getpid()
        self._thread.start()
        atexit.register(self._leave)

    def close(self) -> None:
        """End it, with every connection, and remove the socket. Once more does nothing."""
        atexit.unregister(self._leave)
        if self._pid != os.getpid():
            return  # a forked child: the socket is its parent's
        self._remove_socket()
        try:
            self._stop.send(b"x")
        except OSError:
            return  # it has ended
        self._thread.join(CONNECT_SECONDS + 1)

    def _leave(self) -> None:
        """End with this process: nobody else of this machine needs the folder; in a container it has more in it."""
        self.close()
        if self._pid == os.getpid():
            with contextlib.suppress(OSError):
                os.rmdir(os.path.dirname(self._path))

    def _remove_socket(self) -> None:
        with contextlib.suppress(OSError):  # gone already
            if os.lstat(self._path).st_ino == self._inode:  # else it is the next process' already
                os.unlink(self._path)

    def _run(self) -> None:
        try:
            while self._serve():
                pass
        finally:
            for connection in self._connections:
                connection.close()
            for end in (self._selector, self._listener, self._stop, self._stopped):
                end.close()

    def _serve(self) -> bool:
        """Do what can be done now; false when it is time to end."""
        moved: Dict[_Connection, None] = {}
        for key, _ in self._selector.select():
            if key.fileobj is self._stopped:
                return False
            if key.fileobj is self._listener:
                self._accept()
            else:
                moved[key.data] = None
        for connection in moved:
            connection.move()
            connection.watch(self._selector)
            if connection.is_over:
                self._connections.remove(connection)
        self._listen(len(self._connections) < MOST_CONNECTIONS)
        return True

    def _listen(self, wanted: bool) -> None:
        """Take more connections, or let them wait in the queue of the socket."""
        is_listening = self._listener in self._selector.get_map()
        if wanted and not is_listening:
            self._selector.register(self._listener, selectors.EVENT_READ)
        elif is_listening and not wanted:
            self._selector.unregister(self._listener)

    def _accept(self) -> None:
        try:
            client = self._listener.accept()[0]
        except BlockingIOError:
            return  # it went away meanwhile
        except OSError:
            time.sleep(PAUSE_SECONDS)  # no descriptor is free, and it would be ready again at once
            return
        try:
            page = socket.create_connection(("127.0.0.1", self._port), timeout=CONNECT_SECONDS)
        except OSError:
            client.close()  # Spark has stopped: no answer tells so
            return
        connection = _Connection(client, page)
        self._connections.append(connection)
        connection.watch(self._selector)


class _Connection:
    """One connection of the server's and that to Spark: what comes from one goes to the other, a block at a time."""

    def __init__(self, client: socket.socket, page: socket.socket) -> None:
        for end in (client, page):
            end.setblocking(False)
        self._asking, self._answering = _Way(client, page), _Way(page, client)
        self._ends = (client, page)
        self.is_over = False

    def move(self) -> None:
        """Pass on what can be. It is over when the server is gone, or Spark has said all."""
        try:
            self._asking.move()
            self._answering.move()
        except OSError:
            self.is_over = True
        if self._asking.is_dry or (self._answering.is_dry and not self._answering.block):
            self.is_over = True

    def watch(self, selector: selectors.BaseSelector) -> None:
        """Wait for whatever would let it go on; when it is over, for nothing any more."""
        if self.is_over:
            self._unwatch(selector)
            self.close()
            return
        for end, reads, writes in zip(self._ends, (self._asking, self._answering), (self._answering, self._asking)):
            events = (0 if reads.block or reads.is_dry else selectors.EVENT_READ) | (
                selectors.EVENT_WRITE if writes.block else 0
            )
            known: Optional[selectors.SelectorKey] = selector.get_map().get(end)
            if known is None and events:
                selector.register(end, events, self)
            elif known is not None and not events:
                selector.unregister(end)
            elif known is not None and known.events != events:
                selector.modify(end, events, self)

    def close(self) -> None:
        """Close both ends."""
        for end in self._ends:
            end.close()

    def _unwatch(self, selector: selectors.BaseSelector) -> None:
        for end in self._ends:
            if end in selector.get_map():
                selector.unregister(end)


class _Way:
    """One direction; ``block`` was read and waits to be written, ``is_dry`` tells that nothing more will come."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self._source, self._sink = source, sink
        self.block = b""
        self.is_dry = False

    def move(self) -> None:
        """Read a block unless one waits, and write as much of it as the other end takes."""
        if not self.block and not self.is_dry:
            try:
                self.block = self._source.recv(BLOCK_BYTES)
                self.is_dry = not self.block
            except BlockingIOError:
                pass
        if self.block:
            with contextlib.suppress(BlockingIOError):
                self.block = self.block[self._sink.send(self.block) :]
