"""`workbench doctor`: the whole installation on one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.table import cell

if TYPE_CHECKING:
    from jupyter_workbench.doctor.check import Check

EXAMPLES = """\b
Examples:
  workbench doctor
  workbench doctor -o json --query "[?status!='ok'].fix"
"""


@click.command(epilog=EXAMPLES)
@listing
@click.pass_context
def doctor(ctx: click.Context, output: Output) -> None:
    """Check the installation; each failure names its fix.

    Projects are looked for at, above and below the current folder. The exit code is 1 if anything fails.
    """
    from jupyter_workbench.doctor import examine

    found = examine(Path.cwd())
    if output.is_plain:
        _print_page(found)
    else:
        output.show([check.as_json() for check in found])
    if any(check.status == "failure" for check in found):
        ctx.exit(1)


def _print_page(found: list[Check]) -> None:
    for check in found:
        click.echo(f"{check.status:<8} {cell(check.name)}: {cell(check.detail)}")
        if check.fix is not None:
            click.echo(f"         -> {cell(check.fix)}")
    count = {status: sum(check.status == status for check in found) for status in ("ok", "warning", "failure")}
    click.echo(f"\n{count['ok']} ok, {count['warning']} to look at, {count['failure']} failed.")
