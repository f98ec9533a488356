"""The option that names what becomes a file or a folder."""

from __future__ import annotations

import click

from jupyter_workbench.writing.names import why_no_name


def check_name(_: click.Context, parameter: click.Parameter, name: str) -> str:
    """Refuse what some system does not allow; a callback of click's."""
    if why := why_no_name(name):
        raise click.BadParameter(f"{why}.", param=parameter)
    return name
