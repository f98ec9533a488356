"""Lengths of time as a user writes and reads them."""

from __future__ import annotations

import re
from datetime import timedelta

import click

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def check_age(_: click.Context, parameter: click.Parameter, written: str | None) -> timedelta | None:
    """Read ``90m``, ``12h``, ``30d``, ``2w``; a callback of click's."""
    if written is None:
        return None
    age = read_age(written)
    if age is None:
        raise click.BadParameter(f"expected an age such as 30d, 12h or 2w, got {written!r}.", param=parameter)
    return age


def read_age(written: str) -> timedelta | None:
    """Read ``90m``, ``12h``, ``30d``, ``2w``; None for anything else."""
    parts = re.fullmatch(r"(\d{1,6})([mhdw])", written)
    return None if parts is None else timedelta(**{_UNITS[parts[2]]: int(parts[1])})


def age_text(age: timedelta) -> str:
    """Write ``40 days``, ``3 hours``, ``5 minutes``, rounded down."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if number := int(age.total_seconds()) // length:
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "a moment"
