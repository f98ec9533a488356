"""Spark in an environment, on a real engine and on this machine: from a run configuration to the first result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ..docker.projects import build
from ..jupyter import running_server

pytestmark = pytest.mark.live

VERSIONS = "import pyspark; print(spark.version, pyspark.__version__, spark.range(1000).count())"


async def said(project: Path, name: str, *cells: str) -> list[str]:
    """Start a kernel and return what cells say."""
    with running_server(project) as server:
        async with server.kernel(await server.start_kernel(name)) as kernel:
            replies = [await kernel.run(cell) for cell in cells]
    assert [reply.error for reply in replies] == [""] * len(cells)
    return [reply.text.strip() for reply in replies]


async def test_a_docker_kernel_has_the_spark_of_its_environment(spark_project, lasting_engine_environment):
    project = spark_project(spark="configuration:\n  spark.app.name: Iris\n  spark.speculation: False\n")
    await build(project)
    settings = "print(spark.conf.get('spark.app.name'), spark.conf.get('spark.speculation'))"
    assert await said(project, "myiris_docker", VERSIONS, settings) == ["4.3.0 4.3.0 1000", "Iris false"]


async def test_a_local_kernel_gets_a_spark_of_ours_where_its_python_has_none(local_spark_project: Callable):
    project = local_spark_project()
    assert await said(project, "myiris_local", VERSIONS) == ["4.3.0 4.3.0 1000"]
