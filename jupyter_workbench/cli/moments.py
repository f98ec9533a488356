"""Points in time as a user writes them."""

from __future__ import annotations

import time
from datetime import datetime

import click

from jupyter_workbench.cli.ages import read_age


def check_moment(_: click.Context, parameter: click.Parameter, written: str | None) -> float | None:
    """Read ``2026-11-21``, ``2026-11-21T14:30`` (of this time zone, unless it says one) or an age: epoch seconds."""
    if written is None:
        return None
    age = read_age(written)
    if age is not None:
        return time.time() - age.total_seconds()
    try:
        return datetime.fromisoformat(written.replace("Z", "+00:00")).astimezone().timestamp()
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"expected a time such as 2026-11-21 or 2026-11-21T14:30, or an age such as 7d or 12h, got {written!r}.",
            param=parameter,
        ) from None
