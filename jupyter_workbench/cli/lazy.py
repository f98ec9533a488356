"""Command groups that are imported when they are used, and the `--debug` that every command has."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import click

from jupyter_workbench.cli.exits import Settings


class Command(NamedTuple):
    """Where a command is defined (``module:attribute``) and its line in `--help`, shown without importing it."""

    where: str
    summary: str


class LazyGroup(click.Group):
    """A group whose subcommands are looked up in a table of `Command`."""

    def __init__(self, *, commands: dict[str, Command], **settings: Any) -> None:
        super().__init__(**settings)
        self.table = commands
        self.params.append(debug_option())

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Give click the names in the order of the table, for help and completion."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Give click the one command that runs, imported now."""
        if cmd_name not in self.table:
            return None
        if cmd_name not in self.commands:
            module, attribute = self.table[cmd_name].where.split(":")
            self.commands[cmd_name] = with_debug(getattr(importlib.import_module(module), attribute))
        return self.commands[cmd_name]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table's own lines for `--help`; click itself would import every group."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in self.table.items()])


def with_debug(command: click.Command) -> click.Command:
    """`command` and all its subcommands accept `--debug` too, as those of `az ml` did."""
    if not any("--debug" in parameter.opts for parameter in command.params):
        command.params.append(debug_option())
    if isinstance(command, click.Group):
        for child in command.commands.values():
            with_debug(child)
    return command


def debug_option() -> click.Option:
    """`--debug`: show the traceback of an error. It may stand after any command of the line."""
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        callback=_remember_debug,
        help="Show the traceback when something goes wrong.",
    )


def _remember_debug(ctx: click.Context, _: click.Parameter, debug: bool) -> None:
    if debug:
        ctx.ensure_object(Settings).debug = True
