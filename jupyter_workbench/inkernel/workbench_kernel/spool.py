"""The spool of this kernel process: records on disk before anything is sent.

A record is one JSON object a line, appended with ONE ``os.write`` on an ``O_APPEND`` descriptor: the death of any
process cannot take it back, an interrupt cannot cut it, forked children may append through the same descriptor. Its
byte offset is its sequence number, and it is always read from the file: there is no counter that could be wrong.
"""

from __future__ import annotations

import errno
import os
import sys

from . import filelock

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Spool:
    """``records.jsonl`` and ``blobs/`` in the folder that the server made for this process."""

    def __init__(self, folder: str) -> None:
        """Lock the folder, then open the records; OSError when either cannot be done."""
        self.folder = folder
        self._lock = filelock.take(os.path.join(folder, "lock"))
        self._records = os.open(os.path.join(folder, "records.jsonl"), _FLAGS, 0o600)
        filelock.hold(self._records)
        self._doubtful = True  # the last line may have no end: a full disk, an earlier process

    def append(self, line: bytes) -> None:
        r"""Append one record, newline included; OSError when it is not, or not wholly, in the file.

        The remains of a record that was cut short get a newline of their own: they cost no other record.
        """
        if self._doubtful:
            line = self._after_a_newline(line)
        written = 0
        try:
            written = os.write(self._records, line)
        finally:
            if written != len(line):
                self._doubtful = True
        if written != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def size(self) -> int:
        """Bytes of all records so far."""
        return os.fstat(self._records).st_size

    def read(self, offset: int, count: int) -> bytes:
        """At most ``count`` bytes of the records from ``offset``."""
        if sys.platform == "win32":
            os.lseek(self._records, offset, os.SEEK_SET)
            return os.read(self._records, count)
        return os.pread(self._records, count, offset)

    def _after_a_newline(self, line: bytes) -> bytes:
        self._doubtful = False
        size = self.size()
        return line if size == 0 or self.read(size - 1, 1) == b"\n" else b"\n" + line
