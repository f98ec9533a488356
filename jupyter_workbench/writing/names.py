"""Names that a user gives to what becomes a file or a folder: safe on every file system."""

from __future__ import annotations

import re

NAME = re.compile(r"(?!.*[. ]$)[^\W_][\w. -]{0,63}")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices (learn.microsoft.com/windows/win32/fileio/naming-a-file)."""


def why_no_name(name: str) -> str | None:
    """Return why some system does not allow a name; None when all do."""
    if RESERVED.fullmatch(name):
        reason = f"got {name!r}, which is reserved on Windows - choose another one"
        return f"expected a name that every system allows, {reason}"
    if not NAME.fullmatch(name):
        rule = "letters, digits, blanks and . _ - (at most 64, a letter or digit first, no blank or dot last)"
        return f"expected a name of {rule}, got {name!r}"
    return None
