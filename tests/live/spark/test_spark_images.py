"""An image that has its own Spark, and a user that it does not know."""

from __future__ import annotations

import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..docker import test_docker_ownership as ownership
from ..docker.owners import a_name, client_of
from ..jupyter import running_server
from .conftest import IMAGE, NEWEST, WHEELS
from .soon import build_soon
from .test_spark_environments import VERSIONS, said

pytestmark = pytest.mark.live

home = ownership.home
as_the_user = ownership.as_the_user
python = ownership.python

SPARK_HOME = "/opt/spark"
DOCKERFILE = f"FROM {IMAGE}\nADD spark.tar {SPARK_HOME}\nENV SPARK_HOME={SPARK_HOME}\n"
AT_THE_TOP = ("bin/", "jars/", "python/lib/")
"""What of a pip package is in the home of a Spark as it is; its modules are in `python/pyspark` there."""


NAMELESS = (
    "import os, pwd\nprint(os.getuid(), any(entry.pw_uid == os.getuid() for entry in pwd.getpwall()))",
    "print(sc.parallelize(range(10), 2).map(lambda number: number * number).sum())",
    "spark.range(10).write.csv('numbers'); print(spark.read.csv('numbers').count())",
)


@pytest.fixture(scope="module")
def image(docker_host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image with Java and an unpacked Spark at SPARK_HOME, made by the engine; removed after the last test."""
    wheel = WHEELS / f"pyspark-{NEWEST}-py2.py3-none-any.whl"
    if not wheel.exists():
        pytest.skip(f"there is no {wheel} - run .ci/spark-wheels, or name a folder as WORKBENCH_TEST_SPARK_WHEELS")
    folder = tmp_path_factory.mktemp("image")
    client = client_of(docker_host)
    name = f"{a_name('spark-image')}:latest"
    try:
        write_context(wheel, folder)
        client.images.build(path=str(folder), tag=name, rm=True, forcerm=True)
        yield name
    finally:
        shutil.rmtree(folder)
        for made in client.images.list(name):
            client.images.remove(made.id, force=True)
        client.close()


def write_context(wheel: Path, folder: Path) -> None:
    """Write what the engine makes the image of: Spark in the folders that its own archives have."""
    (folder / "Dockerfile").write_text(DOCKERFILE)
    with zipfile.ZipFile(wheel) as packed, tarfile.open(folder / "spark.tar", "w") as archive:
        for entry in packed.infolist():
            package, _, name = entry.filename.partition("/")
            if package == "pyspark":
                member = tarfile.TarInfo(name if name.startswith(AT_THE_TOP) else f"python/pyspark/{name}")
                member.size, member.mode = entry.file_size, 0o755
                with packed.open(entry) as content:
                    archive.addfile(member, content)


@pytest.fixture
def project_of(spark_project: Callable[..., Path], image: str) -> Callable[[], Path]:
    """Write a project whose image has its own Spark, and whose conda file names none."""

    def write() -> Path:
        project = spark_project(image=image)
        (project / "aml_config" / "conda_dependencies.yml").write_text("dependencies:\n- pip:\n  - six\n")
        return project

    return write


async def test_the_spark_of_an_image_is_used_and_none_is_installed(project_of, lasting_engine_environment):
    project = project_of()
    await build_soon(project)
    places = "import os; print(os.environ['SPARK_HOME'], os.path.dirname(pyspark.__file__))"
    installed = "import glob, sys; print(glob.glob(sys.prefix + '/lib/python3*/site-packages/pyspark*'))"
    mapped = "print(sc.parallelize(range(10), 2).map(lambda number: number + 1).sum())"
    assert await said(project, "myiris_docker", VERSIONS, places, installed, mapped) == [
        f"{NEWEST} {NEWEST} 1000",
        f"{SPARK_HOME} {SPARK_HOME}/python/pyspark",
        "[]",
        "55",
    ]


@pytest.fixture
def tmp_path(home: Path) -> Path:
    """Put what tests write where their user reaches it."""
    return home


@pytest.mark.skipif(os.getuid() != 0, reason="not run: no Python can be run as another user but by root")
async def test_a_user_whom_the_image_does_not_know_runs_jobs(
    project_of: Callable[[], Path],
    home: Path,
    python: str,
    as_the_user: dict[str, Any],
    lasting_engine_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
):
    project = project_of()
    await build_soon(project)  # as root: environments are for all who may use the engine
    ownership.give_folders(home, monkeypatch)
    with running_server(project, python=python, **as_the_user) as server:
        async with server.kernel(await server.start_kernel("myiris_docker")) as kernel:
            replies = [await kernel.run(cell) for cell in NAMELESS]
    assert [reply.error for reply in replies] == [""] * len(NAMELESS)
    assert [reply.text for reply in replies] == [f"{ownership.UID} False\n", "285\n", "10\n"]
    assert ownership.owners_below(project) == {(ownership.UID, ownership.GID)}
