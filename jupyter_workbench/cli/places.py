"""Where installed kernels are: `--user`, `--sys-prefix` and `--prefix P`, one decorator for every command that asks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(frozen=True)
class Place:
    """For this user, or in the environment in the folder ``prefix``."""

    prefix: str | None = None

    @property
    def user(self) -> bool:
        """Whether it is for this user."""
        return self.prefix is None

    @property
    def folder(self) -> Path:
        """The folder of the kernelspecs, which need not exist."""
        from jupyter_workbench.kernels.install import kernels_folder

        return kernels_folder(user=self.user, prefix=self.prefix)


def placed(command: Decorated) -> Decorated:
    """Give a command the three options; it gets them as one argument ``place: Place | None``, None without any."""

    @click.option("--user", is_flag=True, help="For you, in every environment.")
    @click.option("--sys-prefix", is_flag=True, help="In the environment that workbench is installed in.")
    @click.option("--prefix", metavar="P", help="In the environment in the folder P.")
    @wraps(command)
    def with_place(*arguments: Any, user: bool, sys_prefix: bool, prefix: str | None, **options: Any) -> Any:
        if user + sys_prefix + (prefix is not None) > 1:
            raise click.UsageError("Only one of --user, --sys-prefix and --prefix can be given.")
        place = Place() if user else _environment(sys.prefix if sys_prefix else prefix)
        return command(*arguments, place=place, **options)

    return with_place  # type: ignore[return-value]  # click's decorators keep the callable, not its signature


def _environment(prefix: str | None) -> Place | None:
    return None if prefix is None else Place(str(Path(prefix).absolute()))
