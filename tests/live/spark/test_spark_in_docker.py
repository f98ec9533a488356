"""PySpark kernels in containers, through the server: what a notebook of 2017 does, and what goes wrong there."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from ..jupyter import Server, running_server, until
from .soon import build_soon

pytestmark = pytest.mark.live

KERNEL = "myiris_docker"
COUNT = "print(spark.range(1000).count())"
SLOW_JOB = "sc.parallelize(range(4), 4).map(lambda i: __import__('time').sleep(600)).count()"

NOTEBOOK = (
    "%azureml history on",
    "from azureml.logging import get_azureml_logger\nrun_logger = get_azureml_logger()",
    "from pyspark.sql import SparkSession\n"
    "spark = SparkSession.builder.appName('iris').getOrCreate()\n"
    "data = spark.read.csv('iris.csv', header=True, inferSchema=True)",
    "from pyspark.ml.feature import StringIndexer, VectorAssembler\n"
    "data = StringIndexer(inputCol='species', outputCol='label').fit(data).transform(data)\n"
    "data = VectorAssembler(inputCols=['length', 'width'], outputCol='features').transform(data)",
    "from pyspark.ml.classification import LogisticRegression\n"
    "model = LogisticRegression(regParam=0.01).fit(data)\n"
    "run_logger.log('Accuracy', model.summary.accuracy)",
    "import os\n"
    "os.makedirs('outputs', exist_ok=True)\n"
    "model.write().overwrite().save('outputs/model')\n"
    "open('outputs/coefficients.txt', 'w').write(str(model.coefficientMatrix))",
    "%azureml upload outputs/coefficients.txt",
)


@pytest.fixture
async def project(spark_project: Callable[..., Path], lasting_engine_environment: dict[str, str]) -> Path:
    """Write a project called myIris, whose environment is there."""
    project = spark_project()
    await build_soon(project)
    return project


@pytest.fixture
def prepared(spark_project: Callable[..., Path], lasting_engine_environment: dict[str, str]) -> Callable:
    """Write a project with these settings; the environment is the same for all of them."""

    async def write(name: str = "myIris", **settings: str) -> Path:
        project = spark_project(name, **settings)
        await build_soon(project)
        return project

    return write


async def error_of(server: Server, *cells: str) -> str:
    """Run cells in a new kernel and return the error of the last one; the kernel must go on after it."""
    async with server.kernel(await server.start_kernel(KERNEL)) as kernel:
        *before, last = cells
        for cell in before:
            assert (await kernel.run(cell)).error == ""
        error = (await kernel.run(last)).error
        assert (await kernel.run("print('alive')")).text.endswith("alive\n")
        return error


def write_iris(project: Path) -> None:
    rows = [("length", "width", "species")]
    rows += [(1.4 + i % 5 / 10, 0.2 + i % 3 / 10, "setosa") for i in range(50)]
    rows += [(4.7 + i % 5 / 10, 1.4 + i % 3 / 10, "versicolor") for i in range(50)]
    with (project / "iris.csv").open("w") as file:
        csv.writer(file).writerows(rows)


async def test_a_notebook_of_2017_reads_trains_logs_saves_and_uploads(project, history):
    write_iris(project)
    with running_server(project) as server:
        async with server.kernel(await server.start_kernel(KERNEL)) as kernel:
            for cell in NOTEBOOK:
                assert (await kernel.run(cell)).error == "", cell
    assert (project / "outputs" / "model" / "metadata").is_dir()
    run = next(run for run in history(project, "list") if run.get("Accuracy"))
    assert (run["Accuracy"], run["status"], run["target"]) == (1.0, "Completed", "docker")
    uploads = [run["attachments"] for run in history(project, "list") if run["attachments"]]
    assert uploads == ["outputs/coefficients.txt"]


async def test_a_restart_in_the_middle_of_a_job_leaves_nothing_of_it(project, lasting_owner):
    with running_server(project) as server:
        kernel_id = await server.start_kernel(KERNEL)
        async with server.kernel(kernel_id) as kernel:
            await kernel.run(COUNT)
            kernel.send(SLOW_JOB)

            async def is_shown() -> bool:
                return any(message["header"]["msg_type"] == "display_data" for message in kernel.messages)

            await until("the job shows how far it is", is_shown)
            assert (await server.request("POST", f"api/kernels/{kernel_id}/restart")).code == 200
            assert (await kernel.run(COUNT)).text == "1000\n"
        assert len(lasting_owner.kernels(all_of_them=False)) == 1


async def test_two_kernels_at_once_have_a_spark_each(project):
    with running_server(project) as server:
        ids = [await server.start_kernel(KERNEL) for _ in range(2)]

        async def count(kernel_id: str) -> str:
            async with server.kernel(kernel_id) as kernel:
                return (await kernel.run(COUNT)).text

        assert await asyncio.gather(*map(count, ids)) == ["1000\n", "1000\n"]


async def test_without_a_network_and_with_a_strange_path_spark_works(prepared):
    project = await prepared("my Iris's ü", compute="network: none\n")
    with running_server(project) as server:
        names = (await server.json("GET", "api/kernelspecs"))["kernelspecs"]
        (name,) = [name for name, spec in names.items() if spec["spec"]["display_name"] == "my Iris's ü docker"]
        async with server.kernel(await server.start_kernel(name)) as kernel:
            assert (await kernel.run(COUNT)).text == "1000\n"
            cell = "spark.range(10).write.csv('out put'); print(spark.read.csv('out put').count())"
            assert (await kernel.run(cell)).text == "10\n"


async def test_ten_million_rows_that_are_collected_by_mistake_are_a_clear_error(prepared):
    project = await prepared(compute="memory: 2g\n")
    with running_server(project) as server:
        error = await error_of(server, COUNT, "rows = spark.range(10_000_000).collect()")
    assert error == (
        "The rows do not fit into the memory of this kernel. Take fewer rows to Python (`df.limit(1000).toPandas()`, "
        "`df.show()`), or write them to files (`df.write.parquet(...)`)."
    )


async def test_a_container_too_small_for_java_says_so_with_its_limit(prepared):
    project = await prepared(compute="memory: 200m\n")
    with running_server(project) as server:
        assert await error_of(server, "spark") == (
            "Spark could not start: Java was killed: the memory of the container is used up, its limit is 200 MiB "
            "(`memory` of its compute target) - give it less with spark.driver.memory, or more memory to the machine "
            "or the container."
        )


async def test_a_job_that_takes_all_memory_of_the_container_is_told_and_the_kernel_lives(prepared):
    project = await prepared(compute="memory: 1500m\n")
    hoard = "sc.parallelize([0], 1).map(lambda i: len(bytearray(b'x') * 3_000_000_000)).collect()"
    with running_server(project) as server:
        error = await error_of(server, COUNT, hoard)
    assert error.splitlines()[-1] == (
        "A Python process of Spark ended, most often because the memory was used up: use more partitions, or give the "
        "container more `memory`."
    )


async def test_a_disk_too_small_for_a_shuffle_is_named(prepared):
    project = await prepared(spark="configuration:\n  spark.local.dir: /dev/shm\n  spark.shuffle.compress: false\n")
    shuffle = "spark.range(20_000_000).repartition(4).count()"
    with running_server(project) as server:
        error = await error_of(server, COUNT, shuffle)
    assert error.splitlines()[-1] == (
        "The disk of Spark's intermediate files is full: name another folder with spark.local.dir in "
        "aml_config/spark_dependencies.yml."
    )
