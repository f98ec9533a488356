"""What an upgrade would do to one file, and the way to show and to write it."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_workbench.errors import ConfigurationError, WorkbenchError
from jupyter_workbench.upgrade.document import parse
from jupyter_workbench.upgrade.masking import masked


@dataclass(frozen=True)
class FileChange:
    """`file` is relative to `directory`, with `/` on every system; `reasons` read ``file:line: what and why``."""

    directory: Path
    file: str
    before: str
    after: str
    reasons: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.directory / self.file

    def diff(self) -> str:
        """Return the change as a unified diff, in which every secret is `***`."""
        before, after = (_lines(masked(parse(text, self.file))) for text in (self.before, self.after))
        diff = difflib.unified_diff(before, after, f"a/{self.file}", f"b/{self.file}", lineterm="")
        return "".join(f"{line}\n" for line in diff)


def write(changes: Sequence[FileChange]) -> None:
    """Write every change, each file whole or not at all; nothing is written when one file is no longer as it was."""
    for change in changes:
        _refuse_unless_as_before(change)
    for change in changes:
        _write_one(change)


def _write_one(change: FileChange) -> None:
    try:
        _replace(change)
    except OSError as error:
        said = f"{change.file}: cannot be written: {error.strerror} - mend that and upgrade again"
        raise WorkbenchError(said) from error


def _refuse_unless_as_before(change: FileChange) -> None:
    try:
        now = change.path.read_bytes() if _is_inside(change) else b""
    except OSError:
        now = b""
    if now != change.before.encode():
        raise ConfigurationError(
            f"{change.file}: changed since the upgrade was proposed - look at the new proposal first"
        )


def _is_inside(change: FileChange) -> bool:
    return change.path.resolve() == change.directory.resolve() / change.file


def _replace(change: FileChange) -> None:
    """Put a new file in the place of the old one, in one step and with its mode."""
    handle, temporary = tempfile.mkstemp(prefix=f".{change.path.name}.", suffix=".tmp", dir=change.path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(change.after.encode())
        Path(temporary).chmod(change.path.stat().st_mode & 0o7777)
        _refuse_unless_as_before(change)
        Path(temporary).replace(change.path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _lines(text: str) -> list[str]:
    """Return the lines as a diff shows them; that the last has no line end is said as `diff` says it."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    last = lines.pop()
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines
