"""The options that choose runs, one decorator for every command that takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

import click

from jupyter_workbench.cli.moments import check_moment

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

STATUSES = ("Running", "Completed", "Failed", "Canceled")
_WHEN = "2026-11-21, 2026-11-21T14:30 (your time zone), or an age: 7d, 12h."
_FIELDS = (
    "experiment", "notebook", "run_configuration", "target", "status", "user", "tags", "since", "until", "text",
    "deleted",
)  # fmt: skip
_OPTIONS = (
    click.option("--experiment", metavar="NAME", help="Only runs of that experiment."),
    click.option("--notebook", metavar="PATH", help="Only runs of that notebook or script, as SCRIPT NAME shows it."),
    click.option(
        "-c", "--runconfig", "--run-configuration", "run_configuration", metavar="NAME",
        help="Only of that run configuration.",
    ),
    click.option("--target", metavar="NAME", help="Only on that compute target."),
    click.option("--status", type=click.Choice(STATUSES, case_sensitive=False), help="Only with that status."),
    click.option("--user", metavar="NAME", help="Only those of that user."),
    click.option("--tag", "tags", multiple=True, metavar="KEY[=VALUE]", help="Only with that tag; all, if repeated."),
    click.option("--since", callback=check_moment, metavar="WHEN", help=f"Only started then or later: {_WHEN}"),
    click.option("--until", callback=check_moment, metavar="WHEN", help="Only started before."),
    click.option(
        "--search", "text", metavar="TEXT", help="Only with that text in id, script, experiment, note, tags or source."
    ),
    click.option("--deleted", is_flag=True, help="The runs in the bin instead of the others."),
)  # fmt: skip


def filtered(command: Decorated) -> Decorated:
    """Give a command the options; it gets them as one argument ``chosen: Filter``."""

    @wraps(command)
    def with_filter(*arguments: Any, **options: Any) -> Any:
        from jupyter_workbench.history.reading.filters import Filter

        told = {field: options.pop(field) for field in _FIELDS}
        return command(*arguments, chosen=Filter(**{**told, "tags": _tags(told["tags"])}), **options)

    wrapped: Any = with_filter
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]  # click's decorators keep the callable, not its signature


def _tags(written: Sequence[str]) -> dict[str, str | None]:
    told = (one.partition("=") for one in written)
    return {key: value if parted else None for key, parted, value in told}
