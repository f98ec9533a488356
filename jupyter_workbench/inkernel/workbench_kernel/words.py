"""A line after ``%azureml``, taken apart."""

from __future__ import annotations

import os
import shlex
from typing import List

from IPython.core.error import UsageError


def split(line: str) -> List[str]:
    """Split a line into words, quotes removed; on Windows a backslash is part of a path."""
    try:
        words = shlex.split(line, posix=os.name != "nt")
    except ValueError as error:
        raise UsageError("%azureml: expected every quote to be closed, got {!r}".format(line)) from error
    return [word.strip("'\"") for word in words] if os.name == "nt" else words


def unquoted(text: str) -> str:
    """Return a text without the quotes around the whole of it."""
    whole = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if whole and text[0] not in text[1:-1] else text
