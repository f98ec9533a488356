"""Spark in an environment, on a real engine and on this machine: from a run configuration to the first result."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.kernels.preparing import prepare_environment
from jupyter_workbench.targets import local_spark
from jupyter_workbench.targets.progress import Progress, Report, quiet

from ..docker.conftest import IMAGE as IMAGE_WITHOUT_JAVA
from ..docker.projects import build
from ..jupyter import running_server
from .conftest import OLDER
from .kernels import OLDER as OLDER_PYTHON
from .kernels import python_with_spark
from .maven import publish
from .soon import build_soon

pytestmark = pytest.mark.live

VERSIONS = "import pyspark; print(spark.version, pyspark.__version__, spark.range(1000).count())"
RESOURCE = """
loader = spark._jvm.java.lang.Thread.currentThread().getContextClassLoader()
print([loader.getResource(name + ".txt") is not None for name in ("greeting_2.13", "words")])
"""
GREETING = """
repositories:
- {repository}
packages:
- group: org.example
  artifact: greeting_2.13
  version: 1.0
"""
LOOKING = "Looking for the packages of Spark"
PROBLEM_SECONDS = 15
"""From the look at a repository to the refusal: an image and a container for it take as long as they take."""


async def said(project: Path, name: str, *cells: str) -> list[str]:
    """Start a kernel and return what cells say."""
    with running_server(project) as server:
        async with server.kernel(await server.start_kernel(name)) as kernel:
            replies = [await kernel.run(cell) for cell in cells]
    assert [reply.error for reply in replies] == [""] * len(cells)
    return [reply.text.strip() for reply in replies]


async def refusal(project: Path, name: str = "docker", report: Report = quiet) -> str:
    """Return why a run configuration cannot be prepared."""
    with pytest.raises(WorkbenchError) as error:
        await prepare_environment(project, name, dict(os.environ), report)
    return str(error.value)


@pytest.fixture
def maven(tmp_path: Path) -> Path:
    """A Maven repository with a package that needs another one."""
    publish(tmp_path / "maven", "org.example:greeting_2.13:1.0", "org.example:words:2.0")
    publish(tmp_path / "maven", "org.example:words:2.0")
    return tmp_path / "maven"


async def test_a_docker_kernel_has_the_spark_of_its_environment(spark_project, lasting_engine_environment):
    project = spark_project(
        spark="configuration:\n  spark.app.name: Iris\n  spark.speculation: False\n",
        configuration="EnvironmentVariables:\n  STAGE: of the test\n",
    )
    await build_soon(project)
    settings = "print(spark.conf.get('spark.app.name'), spark.conf.get('spark.speculation'))"
    variable = "print(sc.parallelize([0]).map(lambda _: __import__('os').environ['STAGE']).first())"
    told = await said(project, "myiris_docker", VERSIONS, settings, variable)
    assert told == ["4.3.0 4.3.0 1000", "Iris false", "of the test"]


async def test_an_older_pyspark_does_as_well(spark_project, lasting_engine_environment):
    project = spark_project(version=OLDER)
    await build_soon(project)
    assert await said(project, "myiris_docker", VERSIONS) == ["3.5.9 3.5.9 1000"]


async def test_an_image_without_java_gets_one_with_a_spark_3(spark_project, wheel, lasting_engine_environment):
    project = spark_project(version=OLDER, image=IMAGE_WITHOUT_JAVA)
    await build_soon(project)
    assert await said(project, "myiris_docker", VERSIONS) == ["3.5.9 3.5.9 1000"]


async def test_an_image_without_java_is_told_so_where_a_line_wants_spark_4(spark_project, lasting_engine_environment):
    project = spark_project(image=IMAGE_WITHOUT_JAVA)
    (project / "aml_config" / "conda_dependencies.yml").write_text("dependencies:\n- pip:\n  - pyspark==4.3.0\n")
    assert await refusal(project) == (
        f"Spark cannot be prepared: expected a Java in the image {IMAGE_WITHOUT_JAVA}, which Spark needs, got none - "
        "name an image with Java 17 or 21 as `baseDockerImage`, such as `quay.io/jupyter/pyspark-notebook`, or one of "
        "your own with Debian's `openjdk-17-jre-headless`"
    )


async def test_a_kernel_without_a_network_has_spark(spark_project, lasting_engine_environment):
    project = spark_project(compute="network: none\n")
    await build_soon(project)
    mapped = "print(sc.parallelize(range(10), 2).map(lambda number: number + 1).sum())"
    assert await said(project, "myiris_docker", mapped) == ["55"]


async def test_packages_are_fetched_when_the_environment_is_made(spark_project, maven, lasting_engine_environment):
    project = spark_project(spark=GREETING.format(repository=maven.as_uri()))
    told: list[Progress] = []
    await build_soon(project, told.append)
    messages = [progress.message for progress in told]
    assert "Fetching org.example:greeting_2.13:1.0" in messages
    assert "Fetching words-2.0.jar" in messages
    maven.rename(maven.with_name("gone"))
    maven.mkdir()  # a start asks nobody
    for path in maven.with_name("gone").iterdir():
        path.rename(maven / path.name)
    assert await said(project, "myiris_docker", RESOURCE) == ["[True, True]"]


async def test_a_repository_that_does_not_answer_is_told_soon_with_its_line(spark_project, lasting_engine_environment):
    project = spark_project(spark=GREETING.format(repository="https://no-such-host.invalid/maven"))
    told: dict[str, float] = {}
    message = await refusal(project, report=lambda progress: told.setdefault(progress.message, time.monotonic()))
    assert time.monotonic() - told[LOOKING] < PROBLEM_SECONDS
    assert message.startswith(
        "Spark cannot be prepared: aml_config/spark_dependencies.yml:3: repositories: expected a repository that "
        "answers, got https://no-such-host.invalid/maven ("
    )
    assert "which was asked for org.example:greeting_2.13:1.0 - correct the address" in message


async def test_java_uses_the_archive_once_the_environment_is_made(spark_project, lasting_engine_environment):
    project = spark_project(packages=("numpy", "six"))
    await build(project)
    path = "print(open('/proc/%d/maps' % sc._gateway.proc.pid).read().count('classes.jsa'))"
    (mapped,) = await said(project, "myiris_docker", path)
    assert int(mapped) > 0


async def test_a_local_kernel_gets_a_spark_of_ours_where_its_python_has_none(local_spark_project: Callable):
    project = local_spark_project()
    assert await said(project, "myiris_local", VERSIONS) == ["4.3.0 4.3.0 1000"]


async def test_the_spark_of_a_spark_submit_location_is_that_of_a_local_kernel(local_spark_project: Callable):
    location = Path(python_with_spark(OLDER_PYTHON)).with_name("spark-submit")
    project = local_spark_project(compute=f"sparkSubmitLocation: {location}\n")
    where = "import os; print(os.environ['SPARK_HOME'], os.path.dirname(pyspark.__file__))"
    version, places = await said(project, "myiris_local", VERSIONS, where)
    assert version == f"{OLDER} {OLDER} 1000"
    spark_home, modules = map(Path, places.split())
    assert spark_home.is_relative_to(location.parents[1])
    assert modules.is_relative_to(spark_home)


async def test_packages_of_a_local_kernel_are_fetched_into_our_cache(local_spark_project: Callable, maven: Path):
    project = local_spark_project(spark=GREETING.format(repository=maven.as_uri()))
    assert await said(project, "myiris_local", RESOURCE) == ["[True, True]"]


async def test_a_local_package_that_none_has_is_told_with_its_line(local_spark_project: Callable, maven: Path):
    project = local_spark_project(spark=GREETING.format(repository=maven.as_uri()).replace("1.0", "9.9"))
    assert "aml_config/spark_dependencies.yml:5: packages: expected " in await refusal(project, "local")


async def test_the_archive_of_local_kernels_is_made_beside_them(local_spark_project: Callable):
    project = local_spark_project()
    await prepare_environment(project, "local", dict(os.environ), quiet)
    await asyncio.wait_for(local_spark.archived(), 300)
    path = "print(open('/proc/%d/maps' % sc._gateway.proc.pid).read().count('.jsa') > 1)"
    assert await said(project, "myiris_local", path) == ["True"]
