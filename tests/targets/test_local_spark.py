"""Spark for kernels of this machine: where things are kept, and what is said when there can be none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_workbench.config.models import LocalCompute
from jupyter_workbench.config.project import load
from jupyter_workbench.environments.spark import SparkSpec
from jupyter_workbench.environments.spark_plan import local_plan
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets import local
from jupyter_workbench.targets.local_spark import cache_folder
from jupyter_workbench.targets.spark import spark_document, write_spark_file


def a_project(folder: Path, configuration: str = "", spark: str = "") -> Path:
    settings = folder / "iris" / "aml_config"
    settings.mkdir(parents=True)
    (settings / "local.compute").write_text(f"type: local\nnativeSharedDirectory: {folder}/share\n")
    (settings / "local.runconfig").write_text(f"Target: local\nFramework: PySpark\n{configuration}")
    if spark:
        (settings / "spark_dependencies.yml").write_text(spark)
    return folder / "iris"


async def test_a_machine_without_java_is_told_so_and_what_helps(tmp_path):
    project = load(a_project(tmp_path, "EnvironmentVariables: {JAVA_HOME: /no/java}\n"))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    with pytest.raises(TargetError) as error:
        await local.prepare(project, project.entry("local"), environment)
    assert str(error.value) == (
        "Spark cannot be prepared: expected a Java at /no/java, since JAVA_HOME of EnvironmentVariables says so, "
        "got none that runs on this machine - correct or remove the variable"
    )


async def test_a_relative_spark_submit_location_is_that_of_the_project(tmp_path):
    folder = a_project(tmp_path)
    (folder / "aml_config" / "local.compute").write_text(
        f"type: local\nnativeSharedDirectory: {tmp_path}/share\nsparkSubmitLocation: tools/spark/bin/spark-submit\n"
    )
    project = load(folder)
    with pytest.raises(TargetError) as error:
        await local.prepare(project, project.entry("local"), {"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    assert str(error.value) == (
        f"Spark cannot be prepared: expected a Spark at {folder}/tools/spark/bin/spark-submit, since SPARK_HOME or "
        "sparkSubmitLocation says so, got none on this machine - correct or remove it"
    )


def test_a_bare_name_of_a_spark_submit_is_looked_for_on_the_path():
    compute = LocalCompute(name="local", type="local", spark_submit_location="spark3-submit")
    assert local_plan(SparkSpec("spark.yml"), compute, Path("/project"))["spark_submit"] == "spark3-submit"


def test_a_whole_path_of_a_spark_submit_stays():
    compute = LocalCompute(name="local", type="local", spark_submit_location="/opt/spark/bin/spark-submit")
    plan = local_plan(SparkSpec("spark.yml"), compute, Path("/project"))
    assert plan["spark_submit"] == "/opt/spark/bin/spark-submit"


def test_what_can_be_made_again_is_kept_in_the_cache_folder():
    assert cache_folder({"XDG_CACHE_HOME": "/cache"}) == Path("/cache/jupyter-workbench/spark")
    assert cache_folder({"HOME": "/home/me"}).is_relative_to("/home/me")


def test_paths_below_the_environment_become_whole_and_others_stay():
    facts = {
        "home": "lib/python3.11/site-packages/pyspark",
        "python_path": ["/opt/more"],
        "java_home": "/opt/java",
        "jars": ["spark/jars/a.jar"],
        "archive": "spark/classes.jsa",
    }
    spec = SparkSpec("spark.yml", {"spark.app.name": "Iris"}, {"spark.app.name": 2}, variables=("STAGE",))
    assert spark_document(spec, facts, Path("/environment"), "myIris docker", 2**30) == {
        "version": 1,
        "spark_home": "/environment/lib/python3.11/site-packages/pyspark",
        "python_path": ["/opt/more"],
        "java_home": "/opt/java",
        "configuration": {"spark.app.name": "Iris"},
        "jars": ["/environment/spark/jars/a.jar"],
        "archive": "/environment/spark/classes.jsa",
        "app_name": "myIris docker",
        "memory_bytes": 2**30,
        "variables": ["STAGE"],
        "file": "spark.yml",
        "lines": {"spark.app.name": 2},
        "ui_base": None,
    }


def test_nobody_else_can_read_what_a_kernel_is_told(tmp_path):
    write_spark_file(tmp_path, {"version": 1})
    assert (tmp_path / "spark.json").stat().st_mode & 0o777 == 0o600
