"""Kernels of a server that another user than root runs: what they write is that user's, and nothing else is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import jupyter_workbench

from ..jupyter import Server, running_server
from .owners import Owner
from .projects import build, docker_project

UID, GID = 12345, 12346
KERNEL = "myiris_docker"
OWN = ("HOME", "TMPDIR", *(f"JUPYTER_{name}_DIR" for name in ("CONFIG", "DATA", "RUNTIME")), "IPYTHONDIR")

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="not run: no Python can be run as another user but by root")


@pytest.fixture
def home() -> Iterator[Path]:
    """The home of the user, in a folder that everybody can reach, with a short name for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="workbench-home-", dir="/var/tmp"))
    own(folder)
    yield folder
    shutil.rmtree(folder)


def own(*folders: Path) -> None:
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, UID, GID, follow_symlinks=False)


def give_folders(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server of the user have its folders there, and the user have all that is there."""
    for name in (*OWN, "JUPYTER_WORKBENCH_DATA_DIR"):
        (home / name).mkdir(exist_ok=True)
        monkeypatch.setenv(name, str(home / name))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(Path(sys.prefix) / "etc" / "jupyter"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    own(home)


@pytest.fixture
def as_the_user(docker_host: str) -> dict[str, Any]:
    """How `subprocess` runs something as the user, who may use the engine."""
    group = Path(docker_host.removeprefix("unix://")).stat().st_gid
    return {"user": UID, "group": GID, "extra_groups": [group]}


@pytest.fixture
def python(as_the_user: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """A Python that the user may run, with everything that this one has; skips the test where there is none."""
    packages = f"{sysconfig.get_path('purelib')}:{Path(jupyter_workbench.__file__).parents[1]}"
    version = "{}.{}".format(*sys.version_info)
    for python in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        environment = {"PYTHONPATH": packages}
        command = [python, "-c", "import jupyter_server, jupyter_workbench, docker, zmq"]
        try:
            subprocess.run(command, env=environment, check=True, capture_output=True, **as_the_user)
        except (OSError, subprocess.CalledProcessError):
            continue
        monkeypatch.setenv("PYTHONPATH", packages)
        return python
    pytest.skip(f"not run: no Python {version} with these packages can be run by another user")


@pytest.fixture
def serve(
    home: Path,
    python: str,
    base_image: str,
    as_the_user: dict[str, Any],
    lasting_engine_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Any]]:
    """Run the user's server at the home of a project with these settings."""

    async def serve(compute: str = "", **run_as: Any) -> Any:
        project = docker_project(home / "root" / "myIris", base_image, compute=compute)
        await build(project)  # as root: environments are for all who may use the engine
        give_folders(home, monkeypatch)
        return running_server(project, python=python, **as_the_user | run_as)

    return serve


async def says(server: Server, *cells: str) -> str:
    kernel_id = await server.start_kernel(KERNEL)
    async with server.kernel(kernel_id) as kernel:
        for cell in cells:
            reply = await kernel.run(cell)
            assert reply.error == ""
    assert (await server.request("DELETE", f"api/kernels/{kernel_id}")).code == 204
    return reply.text


def owners_below(folder: Path) -> set[tuple[int, int]]:
    """Return who the files below a folder belong to, but for the log of the server, which the test itself writes."""
    found = [path.lstat() for path in folder.rglob("*") if path.suffix != ".log"]
    return {(path.st_uid, path.st_gid) for path in found}


async def test_what_a_kernel_writes_is_the_users(serve: Callable[..., Any], home: Path, lasting_owner: Owner):
    with await serve() as server:
        said = await says(
            server,
            "import os; os.makedirs('outputs/deep'); open('outputs/deep/model.txt', 'w').write('x')\n"
            "open(os.environ['AZUREML_NATIVE_SHARE_DIRECTORY'] + 'shared.txt', 'w').write('x')\n",
            "import getpass, pathlib; (pathlib.Path.home() / '.cache').mkdir(exist_ok=True)\n"
            "print(getpass.getuser(), os.getuid(), os.getgid())",
        )
    assert said == f"{lasting_owner.name} {UID} {GID}\n"
    assert (home / "root" / "myIris" / "outputs" / "deep" / "model.txt").exists()
    assert (home / "root" / "share" / "myIris" / "shared.txt").exists()
    assert owners_below(home) == {(UID, GID)}


async def test_outputs_of_a_copied_project_are_the_users(serve: Callable[..., Any], home: Path, lasting_owner: Owner):
    before = set(lasting_owner.volumes())
    with await serve("sharedVolumes: false\n") as server:
        said = await says(
            server,
            "import os; os.makedirs('outputs'); open('outputs/model.txt', 'w').write('x')",
            "open('elsewhere.txt', 'w').close(); print(os.getuid(), os.stat('aml_config').st_uid)",
        )
    lasting_owner.may_leave(*set(lasting_owner.volumes()) - before)  # the copy, for the next kernel
    assert said == f"{UID} {UID}\n"
    assert (home / "root" / "myIris" / "outputs" / "model.txt").read_text() == "x"
    assert owners_below(home) == {(UID, GID)}


@pytest.mark.parametrize("compute", ["", "sharedVolumes: false\n"], ids=["mounted", "copied"])
async def test_pip_install_works_for_the_user(
    serve: Callable[..., Any], home: Path, lasting_owner: Owner, compute: str
):
    before = set(lasting_owner.volumes())
    with await serve(compute) as server:
        said = await says(
            server, "%pip install --quiet inflection", "import inflection; print(inflection.pluralize('rose'))"
        )
    lasting_owner.may_leave(*set(lasting_owner.volumes()) - before)
    assert said == "roses\n"
    assert owners_below(home) == {(UID, GID)}


async def test_a_kernel_of_a_user_who_may_not_use_the_engine_names_the_group_to_join(
    serve: Callable[..., Any], docker_host: str, lasting_owner: Owner
):
    group = Path(docker_host.removeprefix("unix://")).group()
    with await serve(extra_groups=[]) as server:
        dead = await server.until_state(await server.start_kernel(KERNEL), "dead")
    assert dead["reason"] == (
        f"DOCKER_HOST: expected permission to use the Docker engine at {docker_host}, got none for the user "
        f"{lasting_owner.name} - run `sudo usermod -aG {group} {lasting_owner.name}`, then log out and in again"
    )
