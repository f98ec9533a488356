"""`workbench history tag` and `note`: what people write to runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from jupyter_workbench.cli.history.place import in_project, of_run, of_runs, run_id, run_ids, swept

TAG_EXAMPLES = """\b
Examples:
  workbench history tag -r last model=forest stage=review
  workbench history tag -r myIris_1504832281116 -r last stage=          removes it
"""


@click.command(epilog=TAG_EXAMPLES)
@of_runs
@click.argument("tags", nargs=-1, required=True, metavar="KEY=VALUE...")
@in_project
def tag(runs: Sequence[str], tags: Sequence[str], folder: Path) -> None:
    """Set or remove tags of runs.

    KEY= removes the tag.
    """
    from jupyter_workbench.history.upkeep import editing

    if not runs:
        raise click.UsageError("Name the run: -r RUN.")
    place = swept(folder)
    editing.set_tags(place.data, run_ids(place, runs), _read(tags))


@click.command()
@of_run
@click.argument("text", metavar="TEXT")
@in_project
def note(run: str, text: str, folder: Path) -> None:
    """Replace the note of a run.

    An empty TEXT removes it.
    """
    from jupyter_workbench.history.upkeep import editing

    place = swept(folder)
    editing.set_note(place.data, run_id(place, run), text)


def _read(written: Sequence[str]) -> dict[str, str | None]:
    told: dict[str, str | None] = {}
    for one in written:
        key, parted, value = one.partition("=")
        if not key or not parted:
            raise click.BadParameter(
                f"expected KEY=VALUE, or KEY= to remove the tag, got {one!r}.", param_hint="'KEY=VALUE...'"
            )
        told[key] = value or None
    return told
