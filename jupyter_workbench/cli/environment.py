"""`workbench environment`: what is built on the Docker engine, how large it is and who needs it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_workbench.cli import cancelling
from jupyter_workbench.cli.ages import age_text, check_age
from jupyter_workbench.cli.folders import Folder, in_folder
from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.progress import bytes_text
from jupyter_workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from jupyter_workbench.config.project import Project
    from jupyter_workbench.targets.docker.building.environments import EnvironmentInfo, Removal
    from jupyter_workbench.targets.docker.engines.engine import Engine
    from jupyter_workbench.targets.docker.needs import Needs

LIST_EXAMPLES = """\b
Examples:
  workbench environment list
  workbench environment list ~/projects -o json --query "[].packages[?name=='numpy'].version"
"""
PRUNE_EXAMPLES = """\b
Examples:
  workbench environment prune ~/projects
  workbench environment prune --older-than 30d --yes
"""
COLUMNS = ("fingerprint", "python", "spark", "image", "packages", "size", "built", "run_configurations")


@click.group()
def environment() -> None:
    """List and remove environments that are built."""


@dataclass(frozen=True)
class _Found:
    engine: Engine
    environments: Sequence[EnvironmentInfo]
    needs: Needs


@environment.command("list", epilog=LIST_EXAMPLES)
@in_folder
@listing
def list_environments(folder: Path, output: Output) -> None:
    """List the environments on the Docker engine, newest first.

    Each with the run configurations that need it: of the project at or above FOLDER and of those below it.
    """
    found = cancelling.run(_look(folder))
    _warn(found.needs)
    rows = [_table_row(found.needs, info) if output.is_plain else found.needs.row(info) for info in found.environments]
    output.show(rows, COLUMNS if output.is_plain else (), "No environment is built yet: the first kernel builds one.")


@environment.command()
@click.argument("fingerprints", nargs=-1, required=True, metavar="FINGERPRINT...")
@click.option("--project", "folder", type=Folder, default=Path(), metavar="FOLDER", help="As for `environment list`.")
@click.pass_context
def remove(ctx: click.Context, fingerprints: Sequence[str], folder: Path) -> None:
    """Remove environments; the first characters of a FINGERPRINT will do.

    One that a kernel runs in stays. One that is needed is built anew when it is.
    """
    _tell(ctx, *cancelling.run(_remove(fingerprints, folder)))


@environment.command(epilog=PRUNE_EXAMPLES)
@in_folder
@click.option("--older-than", metavar="D", callback=check_age, help="Only those built longer ago: 30d, 12h, 2w.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def prune(ctx: click.Context, folder: Path, older_than: timedelta | None, yes: bool) -> None:
    """Remove the environments that no run configuration needs.

    Asked are the project at or above FOLDER and those below it: stand above all your projects, or name such a folder.
    """
    if not yes and not _can_ask():
        raise click.UsageError("Nobody can be asked here: look with `workbench environment list`, then add --yes.")
    found = cancelling.run(_look(folder))
    _warn(found.needs)
    doomed = [info for info in found.environments if _is_idle(info, found.needs, older_than)]
    for info in doomed:
        click.echo(_described(info))
    if doomed and not yes:
        click.confirm(f"Remove {_count(len(doomed))}?", abort=True, err=True)
    _tell(ctx, cancelling.run(_prune([info.fingerprint for info in doomed])), found.needs)
    if not doomed:
        click.echo(_nothing(len(found.environments), older_than), err=True)


async def _look(folder: Path) -> _Found:
    from jupyter_workbench.config.project import load
    from jupyter_workbench.config.search import ProjectSearch
    from jupyter_workbench.targets.docker.building.environments import listing as environments_on
    from jupyter_workbench.targets.docker.engines.engine import connect
    from jupyter_workbench.targets.docker.needs import needs_of

    def read() -> list[Project]:
        return [load(home) for home in ProjectSearch(folder.resolve()).find()]

    engine, projects = await asyncio.gather(connect(os.environ), asyncio.to_thread(read))
    environments, needs = await asyncio.gather(environments_on(engine), needs_of(engine, projects))
    return _Found(engine, environments, needs)


async def _remove(fingerprints: Sequence[str], folder: Path) -> tuple[Removal, Needs]:
    from jupyter_workbench.targets.docker.building.environments import remove

    found = await _look(folder)
    names = [_whole(written, found.environments) for written in fingerprints]
    return await remove(found.engine, names), found.needs


async def _prune(fingerprints: Sequence[str]) -> Removal:
    from jupyter_workbench.targets.docker.building.environments import prune, remove
    from jupyter_workbench.targets.docker.engines.engine import connect

    engine = await connect(os.environ)
    await prune(engine, older_than=timedelta.max, keep=())  # nothing is that old: only what killed builders left goes
    return await remove(engine, fingerprints)


def _whole(written: str, environments: Sequence[EnvironmentInfo]) -> str:
    """Return the fingerprint that begins as `written`. Raises WorkbenchError unless it is one."""
    matching = [info.fingerprint for info in environments if info.fingerprint.startswith(written)]
    if len(matching) != 1 or not written:
        got = f"{len(matching)} that begin so" if matching and written else "none that begins so"
        raise WorkbenchError(f"expected an environment {written}, got {got} - see `workbench environment list`")
    return matching[0]


def _is_idle(info: EnvironmentInfo, needs: Needs, older_than: timedelta | None) -> bool:
    old = older_than is None or info.age > older_than
    return old and not info.users and not needs.of(info)


def _tell(ctx: click.Context, removal: Removal, needs: Needs) -> None:
    for name in removal.removed:
        users = needs.by_fingerprint.get(name, ())
        click.echo(f"Removed {name}{f': the next kernel of {_listed(users)} builds it anew' if users else ''}.")
    if removal.bytes:
        click.echo(f"{bytes_text(removal.bytes)} became free.")
    for name, reason in removal.kept:
        click.echo(f"{name} is left as it is: {reason}.", err=True)
    if removal.kept:
        ctx.exit(1)


def _warn(needs: Needs) -> None:
    for sentence in needs.unknown:
        click.echo(f"{sentence}.", err=True)


def _table_row(needs: Needs, info: EnvironmentInfo) -> dict[str, Any]:
    return {
        **needs.row(info),
        "spark": info.spark[0] if info.spark else None,
        "packages": len(info.packages),
        "size": bytes_text(info.size),
        "built": f"{age_text(info.age)} ago",
        "run_configurations": ", ".join(needs.of(info)) or None,
    }


def _described(info: EnvironmentInfo) -> str:
    image = f" in {info.image}" if info.image else ""
    return f"{info.fingerprint}: Python {info.python}{image}, {bytes_text(info.size)}, built {age_text(info.age)} ago"


def _nothing(number: int, older_than: timedelta | None) -> str:
    if not number:
        return "Nothing to remove: no environment is built."
    why = "is needed here or has a kernel" if older_than is None else "is needed here, has a kernel or is not that old"
    return f"Nothing to remove: each of {_count(number)} {why}."


def _count(number: int) -> str:
    return f"{number} environment{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    from jupyter_workbench.config.problems import listed

    return listed(names)


def _can_ask() -> bool:
    return sys.stdin.isatty()
