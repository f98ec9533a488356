"""The files of a project: their text or the problem of reading it, and a record of everything that was looked at."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_workbench.config.problems import Problem, printable
from jupyter_workbench.config.stamps import Stamp, stamp
from jupyter_workbench.config.yaml import Document, parse

MAX_FILE_BYTES = 1024 * 1024
"""Real configuration files are a hundred times smaller."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_REASONS = {
    errno.ENOENT: "none - create it, or mend the link",
    errno.ELOOP: "a link that leads in a circle - remove the link",
    errno.EACCES: "one that you may not read - change its permissions",
    errno.ENAMETOOLONG: "a name that is too long - shorten it",
}


class _Unreadable(Exception):
    """A file without a text: (line or None, message)."""


@dataclass
class ProjectFiles:
    """Reads files of one project by their path relative to it. ``stamps`` tells later whether anything changed."""

    directory: Path
    stamps: dict[str, Stamp] = field(default_factory=dict)

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, hidden ones left out. Raises OSError."""
        self._look(folder)
        return sorted(path.name for path in (self.directory / folder).iterdir() if not path.name.startswith("."))

    def exists(self, file: str) -> bool:
        """Tell whether there is anything of that name."""
        try:
            self._look(file)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True  # it is there, and reading it will tell what is wrong
        return True

    def is_folder(self, file: str) -> bool:
        """Tell whether a path leads to a folder."""
        try:
            return stat.S_ISDIR(self._look(file).st_mode)
        except OSError:
            return False

    def is_inside(self, file: str) -> bool:
        """Tell whether a file is still below the project folder once links are followed."""
        return Path(os.path.realpath(self.directory / file)).is_relative_to(self.directory)

    def document(self, file: str) -> Document:
        """Read and parse a file; what keeps it from being read is the document's problem."""
        shown = shown_name(file)
        try:
            text = _text(self._bytes(file))
        except _Unreadable as unreadable:
            line, message = unreadable.args
            return Document(shown, problems=(Problem(shown, line, None, message),), broken=True)
        return parse(text, shown)

    def _bytes(self, file: str) -> bytes:
        try:
            status = self._look(file)
            _refuse_odd(status)
            with Path(self.directory, file).open("rb") as opened:
                return opened.read(MAX_FILE_BYTES)
        except OSError as error:
            reason = _REASONS.get(error.errno or 0, f"an error ({error.strerror}) - check the disk")
            raise _Unreadable(None, f"expected a file, got {reason}") from error

    def _look(self, file: str) -> os.stat_result:
        """Ask the system about a file and keep its stamp, taken before the file is read. Raises OSError."""
        path = str(self.directory / file)
        try:
            status = Path(path).stat()
        except OSError as error:
            self.stamps[path] = (error.errno or 0,)
            raise
        self.stamps[path] = stamp(status)
        return status


def shown_name(file: str) -> str:
    """Make the name of a file printable, whatever bytes the file system holds."""
    return printable(os.fsencode(file).decode(errors="replace"))


def _refuse_odd(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise _Unreadable(None, "expected a file, got a folder - rename or remove it")
    if not stat.S_ISREG(status.st_mode):
        raise _Unreadable(None, "expected a file, got a pipe or a device - remove it")
    if status.st_size > MAX_FILE_BYTES:
        size = f"{status.st_size / MAX_FILE_BYTES:.0f} MB"
        raise _Unreadable(None, f"expected at most 1 MB of settings, got {size} - keep only settings in this file")


def _text(data: bytes) -> str:
    """Decode UTF-8, or UTF-16 as some Windows editors write it. The mark at the start of a text is no part of it."""
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    if encoding != "utf-16" and b"\0" in data:
        raise _Unreadable(None, "expected text, got a binary file - remove it or restore the text")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = "expected UTF-8 text, got another encoding on this line - save the file as UTF-8"
        raise _Unreadable(line, message) from error
