"""`workbench history delete`: into the bin, out of it, and gone for good."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from jupyter_workbench.cli.asking import confirm
from jupyter_workbench.cli.history.place import in_project, of_runs, run_ids, swept
from jupyter_workbench.cli.progress import bytes_text

EXAMPLES = """\b
Examples:
  workbench history delete -r myIris_1504832281116
  workbench history delete -r myIris_1504832281116 --undo
  workbench history list --deleted
  workbench history delete --for-good              empties the bin
  workbench history list --status Failed --until 30d --query "[].run_id" |
    tr "\\n" "\\0" | xargs -0 workbench history delete
"""


@click.command(epilog=EXAMPLES)
@of_runs
@click.argument("more_runs", nargs=-1, metavar="[RUN...]")
@click.option("--undo", is_flag=True, help="Take them out of the bin.")
@click.option("--for-good", is_flag=True, help="Remove them and the outputs that no other run has; asks before.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@in_project
def delete(runs: Sequence[str], more_runs: Sequence[str], undo: bool, for_good: bool, yes: bool, folder: Path) -> None:
    """Put runs into the bin, or remove them for good.

    What lies in the bin for 30 days is removed by itself. --for-good without a RUN empties the bin.
    """
    from jupyter_workbench.history.upkeep import removal

    if undo and for_good:
        raise click.UsageError("Only one of --undo and --for-good can be given.")
    if not for_good and not (runs or more_runs):
        raise click.UsageError("Name the run: -r RUN.")
    place = swept(folder)
    names = run_ids(place, [*runs, *more_runs])
    if for_good:
        confirm(f"Remove {_count(len(names)) if names else 'all runs in the bin'} for good?", yes=yes)
        freed = removal.purge(place.data, names or None)
        click.echo(f"Removed {_count(freed.runs)} for good; {bytes_text(freed.bytes)} of outputs became free.")
    elif undo:
        removal.undelete(place.data, names)
        click.echo(f"Took {_count(len(names))} out of the bin.")
    else:
        removal.delete(place.data, names)
        click.echo(f"Put {_count(len(names))} into the bin, out of which --undo takes what is needed after all.")


def _count(number: int) -> str:
    return f"{number} run{'' if number == 1 else 's'}"
