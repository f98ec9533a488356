"""Kernel ready, first Spark result, and first Spark result after 5 s of typing: ours beside what people write.

In turns, in containers of one image: our PySpark kernel; a plain ipykernel with the same packages whose first cell
calls `SparkSession.builder.getOrCreate()`; and our plain Docker kernel, whose start is the yardstick of "ready".

    python -m benchmarks.spark_start [ROUNDS]

Goals, with the settings that users get: ready at most 1.2 times the Docker Python kernel; the first result at most 0.6
times, and after 5 s of typing at most 0.3 times that of the plain ipykernel. The image is that of
WORKBENCH_TEST_SPARK_IMAGE: it has Java (`.ci/base-image --java`). Prints the memory of idle kernels, too.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

import docker

from benchmarks.engine import NoEngine, a_user, write_packages
from benchmarks.kernels import Subject, run
from benchmarks.managers import workbench_manager
from benchmarks.measure import goal, report, take_turns
from jupyter_workbench.kernels.preparing import prepare_environment
from jupyter_workbench.targets.docker.building.build import compiled
from jupyter_workbench.targets.progress import quiet

IMAGE = os.environ.get("WORKBENCH_TEST_SPARK_IMAGE", "workbench-spark-base:bookworm")
PYSPARK = os.environ.get("WORKBENCH_BENCHMARK_PYSPARK", "pyspark")
"""What pip is asked for, such as the path of a wheel: an index serves only the source, which takes minutes to build."""

OURS, PLAIN, PYTHON = "myIris docker-spark", "plain ipykernel, getOrCreate()", "myIris docker"
GET_OR_CREATE = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"
COUNT = "assert spark.range(1000).count() == 1000"
TYPING_SECONDS = 5.0
READY, FIRST, AFTER_TYPING = "ready (1 + 1)", "first Spark result", "first Spark result after 5 s of typing"
COMPUTE = "type: localdocker\nbaseDockerImage: {image}\nnativeSharedDirectory: {share}\n"
FRAMEWORKS = {"docker-spark": "PySpark", "docker-plain": "Python", "docker": "Python"}
CONDA = {"docker": "ipykernel", "docker-plain": PYSPARK, "docker-spark": PYSPARK}

Measure = Callable[[], Awaitable[float]]


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as root, ExitStack() as stack:
        try:
            client = stack.enter_context(a_user())
        except NoEngine as reason:
            sys.exit(f"Spark is not measured: {reason}")
        project = _write(Path(root) / "myIris")
        os.environ["JUPYTER_WORKBENCH_DATA_DIR"] = str(Path(root) / "data")
        os.chdir(project)
        print(f"load before: {os.getloadavg()[0]:.1f}")
        asyncio.run(_measure(project, client, rounds))


def _write(folder: Path) -> Path:
    """Write a project with one run configuration for each candidate."""
    settings = folder / "aml_config"
    settings.mkdir(parents=True)
    for name, framework in FRAMEWORKS.items():
        (settings / f"{name}.compute").write_text(COMPUTE.format(image=IMAGE, share=folder.parent / "share"))
        (settings / f"{name}.runconfig").write_text(
            f"Target: {name}\nFramework: {framework}\nCondaDependenciesFile: aml_config/{name}.yml\n"
        )
        write_packages(folder, CONDA[name])
        (settings / "conda_dependencies.yml").rename(settings / f"{name}.yml")
    return folder


async def _measure(project: Path, client: docker.DockerClient, rounds: int) -> None:
    for name in FRAMEWORKS:
        print(await prepare_environment(project, name, os.environ, quiet))
        await compiled()
    manager = workbench_manager(project)
    ours, plain, python = (
        Subject(manager, name) for name in ("myiris_docker-spark", "myiris_docker-plain", "myiris_docker")
    )
    seconds = await take_turns(
        {
            (READY, PYTHON): _ready(python),
            (READY, OURS): _ready(ours),
            (FIRST, PLAIN): _first(plain, GET_OR_CREATE + COUNT),
            (FIRST, OURS): _first(ours, COUNT),
            (AFTER_TYPING, PLAIN): _after_typing(plain, GET_OR_CREATE + COUNT),
            (AFTER_TYPING, OURS): _after_typing(ours, COUNT),
        },
        rounds,
    )
    for title, most in ((READY, 1.2), (FIRST, 0.6), (AFTER_TYPING, 0.3)):
        rows = {name: values for (what, name), values in seconds.items() if what == title}
        report(title, rows)
        (base, first), (name, second) = rows.items()
        goal(f"{name} / {base}", statistics.median(second) / statistics.median(first), most, "times")
    await _report_memory(client, {PYTHON: (python, "1"), f"{OURS}, Spark idle": (ours, COUNT)})


def _ready(subject: Subject) -> Measure:
    async def measure() -> float:
        seconds = await subject.start()
        await subject.shut_down()
        return seconds

    return measure


def _first(subject: Subject, code: str) -> Measure:
    async def measure() -> float:
        before = time.perf_counter()
        await subject.start()
        await run(subject.kernel, code)
        seconds = time.perf_counter() - before
        await subject.shut_down()
        return seconds

    return measure


def _after_typing(subject: Subject, code: str) -> Measure:
    """Count from the moment in which the cell is sent."""

    async def measure() -> float:
        await subject.start()
        await asyncio.sleep(TYPING_SECONDS)
        before = time.perf_counter()
        await run(subject.kernel, code)
        seconds = time.perf_counter() - before
        await subject.shut_down()
        return seconds

    return measure


async def _report_memory(client: docker.DockerClient, subjects: dict[str, tuple[Subject, str]]) -> None:
    print("\nmemory of an idle kernel's container, without the page cache")
    for name, (subject, code) in subjects.items():
        await subject.start()
        await run(subject.kernel, code)
        (container,) = client.containers.list(filters={"label": f"org.jupyter-workbench.kernel={subject.kernel_id}"})
        used = container.stats(stream=False)["memory_stats"]
        inactive = used["stats"].get("inactive_file", used["stats"].get("total_inactive_file", 0))
        print(f"  {name:40} {(used['usage'] - inactive) / 2**20:6.0f} MiB")
        await subject.shut_down()


if __name__ == "__main__":
    main()
