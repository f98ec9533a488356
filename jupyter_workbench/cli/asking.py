"""Asking before something is gone for good."""

from __future__ import annotations

import sys

import click


def confirm(question: str, *, yes: bool) -> None:
    """Ask, unless ``yes`` says so already. Raises ``UsageError`` where nobody can be asked, ``Abort`` for a no."""
    if yes:
        return
    if not can_ask():
        raise click.UsageError(f"{question} Nobody can be asked here: add --yes.")
    click.confirm(question, abort=True, err=True)


def can_ask() -> bool:
    """Tell whether somebody sits at a terminal."""
    return sys.stdin.isatty()
