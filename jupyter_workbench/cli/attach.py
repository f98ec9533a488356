"""`workbench computetarget attach`: one command a kind of compute target, each key of its file an option."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from jupyter_workbench.cli.folders import in_folder, project_at
from jupyter_workbench.cli.names import check_name

EXAMPLES = """\b
Examples:
  workbench computetarget attach localdocker -n docker
  workbench computetarget attach localdocker -n big --memory 16g --cpus 4
  workbench computetarget attach localdocker -n data --image python:3.12 --mount ~/data:/data:ro
  workbench computetarget attach local -n torch --python ~/envs/torch/bin/python
"""


@click.group()
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


@attach.command(epilog=EXAMPLES)
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
    from jupyter_workbench.config.models import DockerCompute
    from jupyter_workbench.writing.pairs import attach_pair

    keys = {"image": "baseDockerImage"}
    written = {keys.get(key, key): value for key, value in settings.items() if value is not None}
    compute = DockerCompute.model_validate(
        {"name": name, "nvidia_docker": gpu, "shared_volumes": shared_volumes, **written}
    )
    _say_what_was_written(name, attach_pair(project_at(folder), compute))
    click.echo(f"Its environment, ahead of time: workbench experiment prepare -c {shlex.quote(name)}")


@attach.command(epilog=EXAMPLES)
@click.option("-n", "--name", required=True, callback=check_name, help="How to call it.")
@click.option("--python", metavar="P", default="python", help="The Python of the kernels.  [default: the active one]")
@in_folder
def local(folder: Path, name: str, python: str) -> None:
    """Add a Python of this computer to the project at or above FOLDER."""
    from jupyter_workbench.writing.attaching import Draft
    from jupyter_workbench.writing.attaching import attach as write

    _say_what_was_written(name, write(project_at(folder), Draft(name, "local", {"pythonLocation": python})))


def _say_what_was_written(name: str, files: list[str]) -> None:
    click.echo(f"Written: {' and '.join(files)}.")
    click.echo(f"Whether it works: workbench computetarget test -n {shlex.quote(name)}")
