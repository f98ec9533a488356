"""Folders whose names shells, YAML or engines could misread: of projects, and of what the system gives for sockets."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..jupyter import running_server
from .projects import build, docker_project

NAMES = [
    "two  words and a tab\tthere",
    'it\'s "quoted" `here` $HOME',
    "größe 北京 🌷",
    "a:colon",
    "a,comma=and;more",
    "back\\slash %s {0}",
    "x" * 200,
]


@pytest.mark.parametrize(
    ("name", "compute"),
    [(name, "") for name in NAMES] + [(name, "sharedVolumes: false\n") for name in NAMES[1:3]],
    ids=lambda value: value[:20] or "mounted",
)
async def test_a_project_may_be_called_anything(
    tmp_path, base_image, lasting_owner, lasting_engine_environment, name, compute
):
    project = docker_project(tmp_path / "root" / name, base_image, compute=compute)
    (project / "outputs").mkdir()
    (project / "outputs" / "data.txt").write_text("5.1,3.5")
    before = set(lasting_owner.volumes())
    await build(project)
    with running_server(project) as server:
        (kernel,) = (kernel for kernel in await server.kernelspecs() if kernel != "python3")
        kernel_id = await server.start_kernel(kernel)
        async with server.kernel(kernel_id) as connection:
            reply = await connection.run(
                "import os; open('outputs/said.txt', 'w').write(os.getcwd() + ' ' + open('outputs/data.txt').read())"
            )
            assert reply.error == ""
        assert (await server.request("DELETE", f"api/kernels/{kernel_id}")).code == 204
    lasting_owner.may_leave(*set(lasting_owner.volumes()) - before)  # the copy, for the next kernel
    assert (project / "outputs" / "said.txt").read_text() == "/azureml-run 5.1,3.5"


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a short name, for what must be near the root."""
    folder = Path(tempfile.mkdtemp(prefix="names-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


async def test_the_folder_of_sockets_is_short_and_the_users_own(
    tmp_path, base_image, lasting_owner, lasting_engine_environment, monkeypatch, short_folder
):
    monkeypatch.setenv("TMPDIR", str(short_folder))
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    await build(project)
    expected = short_folder / f"jupyter-workbench-{lasting_owner.name}"
    with running_server(project) as server:
        async with server.kernel(await server.start_kernel("myiris_docker")) as kernel:
            assert (await kernel.run("print('here')")).text == "here\n"
        (meeting,) = expected.iterdir()
        assert stat.S_IMODE(expected.stat().st_mode) == stat.S_IMODE(meeting.stat().st_mode) == 0o700
        assert all(len(os.fsencode(path)) <= 107 for path in meeting.iterdir())
    assert list(expected.iterdir()) == []
