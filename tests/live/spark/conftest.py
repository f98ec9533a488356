"""Projects with `Framework: PySpark`, an image with Java, and wheels of pyspark, so that no test downloads one.

`.ci/base-image --java` makes the image, `.ci/spark-wheels` the wheels.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .. import jupyter
from ..docker import conftest as on_engines
from ..docker.owners import client_of

docker_client = on_engines.docker_client
use_engine = on_engines.use_engine
isolated_owner = on_engines.isolated_owner
engine_environment = on_engines.engine_environment
name_that_lasts = on_engines.name_that_lasts
lasting_owner = on_engines.lasting_owner
lasting_engine_environment = on_engines.lasting_engine_environment

IMAGE = os.environ.get("WORKBENCH_TEST_SPARK_IMAGE", "workbench-spark-base:bookworm")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
WHEELS = Path(os.environ.get("WORKBENCH_TEST_SPARK_WHEELS", CACHE / "jupyter_workbench-ci" / "spark" / "wheels"))
NEWEST, OLDER = "4.3.0", "3.5.9"
"""The versions of pyspark that are tested, and whose wheels are there."""

docker_host_of_tests = on_engines.docker_host

PATIENCE_SECONDS = 240
"""How long a cell may take: Spark starts in it, on a machine that may do other things."""


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jupyter, "DEADLINE_SECONDS", PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def docker_host(docker_host_of_tests: str) -> str:
    """The engine of this machine, if it has the image with Java too."""
    client = client_of(docker_host_of_tests)
    if not client.images.list(IMAGE):
        pytest.skip(f"the engine at {docker_host_of_tests} has no image {IMAGE} - run .ci/base-image --java")
    client.close()
    return docker_host_of_tests


@pytest.fixture
def base_image() -> str:
    """The image that run configurations name: a Debian with Python 3 and Java 17."""
    return IMAGE


@pytest.fixture
def wheel() -> Callable[[str], Path]:
    """Return the wheel of a version of pyspark."""

    def find(version: str = NEWEST) -> Path:
        found = WHEELS / f"pyspark-{version}-py2.py3-none-any.whl"
        if not found.exists():
            pytest.skip(f"there is no {found} - run .ci/spark-wheels, or name a folder as WORKBENCH_TEST_SPARK_WHEELS")
        return found

    return find


@pytest.fixture
def java() -> None:
    """Skip where this machine has no Java."""
    if not shutil.which("java") and "JAVA_HOME" not in os.environ:
        pytest.skip("there is no Java on this machine - apt install openjdk-17-jre-headless")


@pytest.fixture
def spark_project(tmp_path: Path, base_image: str, wheel: Callable[..., Path]) -> Callable[..., Path]:
    """Write a project with the run configuration `docker` (PySpark) and the newest pyspark; texts are added to files.

    ``packages`` are lines for pip, ``spark`` is the text of `spark_dependencies.yml`.
    """

    def write(
        name: str = "myIris",
        *,
        compute: str = "",
        configuration: str = "",
        spark: str = "",
        packages: tuple[str, ...] = ("numpy",),
        version: str = NEWEST,
        image: str = base_image,
    ) -> Path:
        settings = tmp_path / "root" / name / "aml_config"
        settings.mkdir(parents=True)
        (settings / "docker.compute").write_text(
            f"type: localdocker\nbaseDockerImage: {image}\nnativeSharedDirectory: {tmp_path / 'share'}\n{compute}"
        )
        (settings / "docker.runconfig").write_text(f"Target: docker\nFramework: PySpark\n{configuration}")
        lines = "".join(f"  - {line}\n" for line in (wheel(version), *packages))
        (settings / "conda_dependencies.yml").write_text(f"dependencies:\n- pip:\n{lines}")
        if spark:
            (settings / "spark_dependencies.yml").write_text(spark)
        return settings.parent

    return write


@pytest.fixture
def local_spark_project(write_project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, java: None) -> Callable:
    """Write a project with the run configuration `local` (PySpark); a pyspark that has to be installed is our wheel.

    Sparks, jars and archives of ours are kept in the cache of the tests, from one run to the next.
    """
    monkeypatch.setenv("UV_FIND_LINKS", str(WHEELS))
    monkeypatch.setenv("XDG_CACHE_HOME", str(WHEELS.parent / "cache"))

    def write(name: str = "myIris", *, compute: str = "", configuration: str = "", spark: str = "") -> Path:
        files = {"local__runconfig": f"Target: local\nFramework: PySpark\n{configuration}"}
        if compute:
            files["local__compute"] = f"type: local\n{compute}"
        if spark:
            files["spark_dependencies__yml"] = spark
        return write_project(name, **files)

    return write
