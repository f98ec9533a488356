"""Names that a user gives to what becomes a file or a folder: safe on every file system."""

from __future__ import annotations

import re

import click

NAME = re.compile(r"(?!.*[. ]$)[^\W_][\w. -]{0,63}")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices (learn.microsoft.com/windows/win32/fileio/naming-a-file)."""


def check_name(_: click.Context, parameter: click.Parameter, name: str) -> str:
    """Refuse what some system does not allow; a callback of click's."""
    if RESERVED.fullmatch(name):
        reason = f"got {name!r}, which is reserved on Windows - choose another one"
        raise click.BadParameter(f"expected a name that every system allows, {reason}.", param=parameter)
    if not NAME.fullmatch(name):
        rule = "letters, digits, blanks and . _ - (at most 64, a letter or digit first, no blank or dot last)"
        raise click.BadParameter(f"expected a name of {rule}, got {name!r}.", param=parameter)
    return name
