"""`workbench computetarget`: the places that run kernels, added to a project, looked at and removed from it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_workbench.cli.folders import in_folder, project_at
from jupyter_workbench.cli.names import check_name
from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.table import cell
from jupyter_workbench.errors import ConfigurationError, WorkbenchError

if TYPE_CHECKING:
    from jupyter_workbench.config.computes import ComputeFile
    from jupyter_workbench.config.project import Project
    from jupyter_workbench.targets.check import Check

ATTACH_EXAMPLES = """\b
Examples:
  workbench computetarget attach localdocker -n docker
  workbench computetarget attach localdocker -n big --memory 16g --cpus 4
  workbench computetarget attach localdocker -n data --image python:3.12 --mount ~/data:/data:ro
"""
TEST_EXAMPLES = """\b
Examples:
  workbench computetarget test -n docker
  workbench computetarget test -n docker -o json --query "[?!ok].fix"
"""

_existing = click.option("-n", "--name", required=True, help="The name of its file, without `.compute`.")


@click.group()
def computetarget() -> None:
    """Attach, list, test and detach compute targets."""


@computetarget.group()
def attach() -> None:
    """Add a compute target to a project, and a run configuration of the same name."""


def _check_setting(key: str) -> Any:
    """Make the callback of an option whose value stands in the file under `key`."""

    def check(_: click.Context, parameter: click.Parameter, value: Any) -> Any:
        from jupyter_workbench.config.models import DockerCompute
        from jupyter_workbench.config.validation import why_refused

        if value is not None and (why := why_refused(DockerCompute, key, value)):
            raise click.BadParameter(f"{why}.", param=parameter)
        return value

    return check


@attach.command(epilog=ATTACH_EXAMPLES)
@click.option("-n", "--name", required=True, callback=check_name, help="How to call it.")
@click.option(
    "--image",
    metavar="I",
    callback=_check_setting("baseDockerImage"),
    help="The image of the containers; it needs Python 3.8 or newer.  [default: a small one with Python]",
)
@click.option(
    "--shared-volumes/--no-shared-volumes",
    default=None,
    help="Mount the project, or copy it.  [default: copy it only where Docker cannot see its folder]",
)
@click.option("--gpu", is_flag=True, help="Give containers all GPUs.")
@click.option("--memory", metavar="M", callback=_check_setting("memory"), help="The most that a kernel may take: 4g.")
@click.option("--cpus", metavar="C", callback=_check_setting("cpus"), help="The most that a kernel may take: 1.5.")
@click.option(
    "--network", metavar="N", callback=_check_setting("network"), help="none, bridge, host, or a network of Docker's."
)
@click.option(
    "--mount",
    "mounts",
    metavar="SRC:DST[:ro]",
    multiple=True,
    callback=_check_setting("mounts"),
    help="What containers see beside the project; may stand several times.",
)
@in_folder
def localdocker(folder: Path, name: str, shared_volumes: bool | None, gpu: bool, **settings: Any) -> None:
    """Add containers on this computer to the project at or above FOLDER."""
    from jupyter_workbench.cli.written import attach_pair
    from jupyter_workbench.config.models import DockerCompute

    keys = {"image": "baseDockerImage"}
    written = {keys.get(key, key): value for key, value in settings.items() if value is not None}
    compute = DockerCompute.model_validate(
        {"name": name, "nvidia_docker": gpu, "shared_volumes": shared_volumes, **written}
    )
    project = project_at(folder)
    files = attach_pair(project, compute)
    click.echo(f"Written: {' and '.join(files)}.")
    click.echo(f"Whether it works: workbench computetarget test -n {_quoted(name)}")
    click.echo(f"Its environment, ahead of time: workbench experiment prepare -c {_quoted(name)}")


@computetarget.command("list")
@in_folder
@listing
def list_targets(folder: Path, output: Output) -> None:
    """List the compute targets of the project at or above FOLDER."""
    project = project_at(folder)
    rows = [_row(project, compute) for compute in project.computes]
    empty = f"{cell(project.name)} has no compute target: `workbench computetarget attach localdocker -n NAME`."
    output.show(rows, ("name", "type", "status", "run_configurations"), empty)


@computetarget.command()
@_existing
@in_folder
@listing
def show(folder: Path, name: str, output: Output) -> None:
    """Show every setting of a compute target, whether its file says it or not."""
    project = project_at(folder)
    compute = project.compute(name)
    output.show({**_row(project, compute), **_settings(compute)})


@computetarget.command(epilog=TEST_EXAMPLES)
@_existing
@in_folder
@listing
@click.pass_context
def test(ctx: click.Context, folder: Path, name: str, output: Output) -> None:
    """Look whether a compute target could run kernels now: one line a check, with what to do where it fails.

    The exit code is 0 only if everything is well.
    """
    from jupyter_workbench.targets.testing import checks

    project = project_at(folder)
    found = asyncio.run(checks(project, project.compute(name), os.environ))
    if output.is_plain:
        _print_checks(found)
    else:
        output.show([check.as_json() for check in found])
    if not all(check.ok for check in found):
        ctx.exit(1)


@computetarget.command()
@_existing
@in_folder
def detach(folder: Path, name: str) -> None:
    """Remove a compute target from the project, and its run configuration of the same name.

    What is not as `attach` writes it is kept in a file beside it.
    """
    from jupyter_workbench.cli.written import remove_compute, remove_run_configuration

    project = project_at(folder)
    compute = project.compute(name)
    users = [entry for entry in project.entries if entry.target == name]
    _refuse_if_used(name, [entry.name for entry in users if entry.name != name])
    _refuse_unless_read(compute)
    for entry in users:
        click.echo(remove_run_configuration(project, entry))
    click.echo(remove_compute(project, compute))


def _refuse_if_used(name: str, users: Sequence[str]) -> None:
    if users:
        commands = "\n".join(f"  workbench runconfiguration delete -n {_quoted(user)}" for user in users)
        raise WorkbenchError(
            f"The compute target {name} is left as it is: other run configurations use it - "
            f"give them another Target, or delete them:\n"
            f"{commands}"
        )


def _refuse_unless_read(compute: ComputeFile) -> None:
    if compute.type is None:
        raise ConfigurationError(
            f"{compute.file} is left as it is: it cannot be read as a compute target - mend it "
            "(`workbench project check` says how), or remove the file yourself"
        )


def _row(project: Project, compute: ComputeFile) -> dict[str, Any]:
    from jupyter_workbench.targets import TARGETS

    return {
        "name": compute.name,
        "type": compute.type,
        "file": compute.file,
        "status": "problem" if compute.problems else "ready" if compute.type in TARGETS else "unsupported",
        "run_configurations": [entry.name for entry in project.entries if entry.target == compute.name],
        "problems": [problem.as_row() for problem in compute.problems],
    }


def _settings(compute: ComputeFile) -> dict[str, Any]:
    """Return what holds, under the keys of the file."""
    from jupyter_workbench.cli.written import settings_of

    return settings_of(compute.target) if compute.target else {}


def _print_checks(found: Sequence[Check]) -> None:
    for check in found:
        said = f"{cell(check.name)}: {cell(check.message)}"
        click.echo(f"ok       {said}" if check.ok else f"failure  {said} - {cell(check.fix)}")


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)
