"""An existing engine for distributed work: a Spark standalone master with two workers, named by `spark.master`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .kernels import AT_MOST_SECONDS, SparkKernel, python_with_spark

pytestmark = [pytest.mark.live, pytest.mark.timeout(400)]

DEADLINE_SECONDS = 120
PAUSE_SECONDS = 0.1
FILE = "aml_config/spark_dependencies.yml"
WHERE = (
    "where = lambda i: (__import__('time').sleep(0.2), __import__('os').getppid())[1]\n"
    "len(set(sc.parallelize(range(20), 20).map(where).collect()))"
)
EXECUTORS = "sc._jsc.sc().getExecutorMemoryStatus().size() - 1"  # the driver is one of them
VALUE, HUSHED = "swordfish-4711", "swordfish-0815"
SLEEPING = "sc.parallelize(range(4), 4).map(lambda i: __import__('time').sleep(600)).collect()"


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass
class Cluster:
    """A master and its workers, made of the jars of a pip package; their words are in files of ``folder``."""

    python: str
    folder: Path
    port: int = 0
    ui: int = 0
    processes: list[subprocess.Popen] = field(default_factory=list)

    @property
    def master(self) -> str:
        return f"spark://127.0.0.1:{self.port}"

    def start(self, workers: int) -> None:
        self.port, self.ui, *ports = free_ports(2 + workers)
        address = ["--host", "127.0.0.1", "--port", str(self.port), "--webui-port", str(self.ui)]
        self._run("master.Master", *address)
        for port in ports:
            work = self.folder / f"worker-{port}"
            options = ["-h", "127.0.0.1", "-c", "1", "-m", "768m", "-d", str(work), "--webui-port", str(port)]
            self._run("worker.Worker", *options, self.master)
        self._wait_for(workers)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    def _run(self, name: str, *arguments: str) -> None:
        home = Path(
            subprocess.check_output([self.python, "-c", "import pyspark; print(pyspark.__file__)"], text=True)
        ).parent
        environment = {
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_NO_DAEMONIZE": "1",
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m",
            "PYSPARK_PYTHON": self.python,
        }
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *arguments]
        with (self.folder / f"{name}-{len(self.processes)}.log").open("wb") as log:
            self.processes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))

    def _wait_for(self, workers: int) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self._alive() != workers:
            assert time.monotonic() < deadline, [path.read_text() for path in self.folder.glob("*.log")]
            time.sleep(PAUSE_SECONDS)

    def _alive(self) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ui}/json/", timeout=10) as answer:
                return int(json.load(answer)["aliveworkers"])
        except (OSError, ValueError):  # not there yet, or without its pages
            return 0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A standalone master with two workers of one core each."""
    cluster = Cluster(python_with_spark(), tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start(workers=2)
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def kernel(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkKernel]:
    """A kernel whose Spark file names the master."""
    settings = {
        "spark.master": cluster.master,
        "spark.executor.memory": "512m",
        "spark.redaction.regex": "(?i)HUSHED",
        "spark.hushed": HUSHED,
    }
    spark = {"configuration": settings, "file": FILE, "lines": {"spark.master": 2}, "variables": ["CODE"]}
    folder = tmp_path_factory.mktemp("kernel")
    kernel = SparkKernel(folder, cluster.python, spark=spark, env={"CODE": VALUE})
    yield kernel.started()
    kernel.stop()


def test_the_jobs_of_a_notebook_run_on_both_workers(kernel):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while kernel.cell(EXECUTORS).result != "2":  # a job takes those that are there when it begins
        assert time.monotonic() < deadline, "the second executor has not come"
        time.sleep(PAUSE_SECONDS)
    assert kernel.cell(WHERE).result == "2"


def test_the_magic_names_the_master_and_its_executors(kernel, cluster):
    (shown,) = kernel.cell("%azureml spark").displays
    assert cluster.master in shown
    assert "Executors" in shown


def test_variables_of_the_run_configuration_reach_executors_and_their_workers(kernel):
    mapped = "sc.parallelize(range(4), 4).map(lambda _: __import__('os').environ.get('CODE')).distinct().collect()"
    assert kernel.cell(mapped).result == f"[{VALUE!r}]"
    executors = _executors(kernel.cell("print(sc.applicationId, end='')").stdout)
    assert len(executors) == 2
    assert all(f"CODE={VALUE}".encode() in (process / "environ").read_bytes().split(b"\0") for process in executors)


def test_values_of_variables_are_in_no_page_command_or_log(kernel, cluster):
    address = "sc.uiWebUrl + '/api/v1/applications/' + sc.applicationId + '/environment'"
    shown = {key: value for key, value in _fetched(kernel, address)["sparkProperties"] if value not in (VALUE, HUSHED)}
    assert "spark.executor.memory" in shown
    assert "redacted" in shown["spark.executorEnv.CODE"]
    assert "redacted" in shown["spark.hushed"]  # the user's own expression counts as well
    assert not [one for one in Path("/proc").glob("[0-9]*/cmdline") if VALUE.encode() in _read(one)]
    logs = [*cluster.folder.rglob("*.log"), *cluster.folder.rglob("stderr"), kernel.spool / "spark.log"]
    assert len(logs) > 5  # a master, two workers, two executors, and the kernel's Java
    assert not [log for log in logs if VALUE.encode() in _read(log)]


def test_an_interrupt_ends_the_jobs_on_the_workers(kernel):
    cell, seconds = kernel.interrupted(SLEEPING)
    assert cell.error == ("KeyboardInterrupt", "")
    assert seconds < AT_MOST_SECONDS
    kernel.wait_for_jobs_to_end()
    assert kernel.cell(WHERE).result == "2"


def test_a_kernel_that_is_killed_gives_its_executors_back(cluster, tmp_path):
    kernel = SparkKernel(tmp_path, cluster.python, spark={"configuration": {"spark.master": cluster.master}})
    kernel.started()
    kernel.cell("sc.version")
    os.kill(kernel.pid, 9)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while _applications(cluster) > 1:  # that of the other tests stays
        assert time.monotonic() < deadline, "the application is still there"
        time.sleep(PAUSE_SECONDS)
    kernel.stop()


def _executors(application: str) -> list[Path]:
    """Return the processes of an application's executors."""
    words = (b"CoarseGrainedExecutorBackend", application.encode())
    return [one.parent for one in Path("/proc").glob("[0-9]*/cmdline") if all(word in _read(one) for word in words)]


def _read(file: Path) -> bytes:
    """Return what a file holds; a process may just have ended."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _fetched(kernel: SparkKernel, address: str) -> Any:
    """Return a document of Spark's own pages, which the kernel alone knows the address of."""
    return json.loads(
        kernel.cell(f"print(__import__('urllib.request').request.urlopen({address}).read().decode())").stdout
    )


def _applications(cluster: Cluster) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{cluster.ui}/json/", timeout=10) as answer:
        return len(json.load(answer)["activeapps"])
