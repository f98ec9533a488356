"""`workbench history mirror`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_workbench.cli.history.place import in_project, swept

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.mirror.rounds import Outcome

EXAMPLES = """\b
Examples:
  workbench history mirror --tracking-uri http://localhost:5000
  workbench history mirror --tracking-uri http://localhost:5000 --follow
  workbench history mirror --tracking-uri http://localhost:5000 --experiment train.ipynb
"""
_SWEEP_SECONDS = 2.0
_REPEAT_SECONDS = 10.0


@click.command(epilog=EXAMPLES)
@click.option(
    "--tracking-uri",
    required=True,
    envvar="MLFLOW_TRACKING_URI",
    metavar="URI",
    help="Of the MLflow tracking server; MLFLOW_TRACKING_URI by default.",
)
@click.option("--follow", is_flag=True, help="Go on with whatever changes, until Ctrl-C.")
@click.option(
    "--experiment",
    "experiments",
    multiple=True,
    metavar="NAME",
    help="Only the runs of this experiment; may be given more than once.",
)
@in_project
def mirror(folder: Path, tracking_uri: str, follow: bool, experiments: tuple[str, ...]) -> None:
    """Bring the runs of the project to an MLflow tracking server, each exactly once.

    Only what changed since the last time is sent. Needs `pip install "jupyter_workbench[mirror]"`.
    """
    from jupyter_workbench.history.mirror.addresses import Address
    from jupyter_workbench.history.mirror.mirror import Mirror
    from jupyter_workbench.history.mirror.rounds import Told
    from jupyter_workbench.history.mirror.tracking import Tracking

    address = Address.of(tracking_uri)
    place = swept(folder)
    counter = Counter()
    mirroring = Mirror(place.data, Tracking(address), Told(counter.say, counter.count), experiments)
    if follow:
        counter.say(f"Runs of {place.home.name} are mirrored to {address.name} until Ctrl-C.")
        mirroring.follow(_sweeping(place.data))
        return
    outcome = mirroring.once()
    counter.end()
    _conclude(outcome, address.name)


class Counter:
    """How many runs are done, on stderr: a line that renews itself in a terminal, else one now and then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told = clock()
        self._terminal = sys.stderr.isatty()

    def count(self, done: int, total: int) -> None:
        """Show how far it is."""
        if self._terminal:
            self._erase()
            click.echo(f"{done} of {total} runs", err=True, nl=False)
        elif done and self._clock() - self._told >= _REPEAT_SECONDS:
            self._told = self._clock()
            click.echo(f"{done} of {total} runs", err=True)

    def say(self, text: str) -> None:
        """Show a sentence."""
        self._erase()
        click.echo(text, err=True)

    def end(self) -> None:
        """Leave no half line."""
        self._erase()

    def _erase(self) -> None:
        from jupyter_workbench.cli.progress import ERASE_LINE

        if self._terminal:
            click.echo(ERASE_LINE, err=True, nl=False)


def _conclude(outcome: Outcome, server: str) -> None:
    from jupyter_workbench.errors import MirrorError

    click.echo(f"Mirrored to {server}: {outcome.done} {'run' if outcome.done == 1 else 'runs'} that changed.")
    if outcome.refused:
        raise MirrorError(f"Not mirrored: {outcome.refused} - the reasons stand above.")


def _sweeping(data: ProjectData) -> Callable[[], None]:
    """Bring in what kernels write, now and then: no server may be there to do so."""
    from contextlib import closing

    from jupyter_workbench.history.intake.sweep import sweep
    from jupyter_workbench.history.store.store import Store

    last = time.monotonic()

    def bring_in() -> None:
        nonlocal last
        if time.monotonic() - last >= _SWEEP_SECONDS:
            with closing(Store(data)) as store:
                sweep(data, store)
            last = time.monotonic()

    return bring_in
