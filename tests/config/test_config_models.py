"""What the files of a good project become, field by field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from jupyter_workbench.config.dependencies import read_conda, read_spark
from jupyter_workbench.config.models import (
    ClusterCompute,
    ComputeTarget,
    DockerCompute,
    LocalCompute,
    RemoteCompute,
    RemoteDockerCompute,
    RunConfiguration,
)
from jupyter_workbench.config.project import load
from jupyter_workbench.config.yaml import parse

MakeProject = Callable[..., Path]

EVERY_SETTING = """
ArgumentVector: [train.py, 234, -v]
Target: local
EnvironmentVariables: {VERSION: 1.10, ANSWER: yes, HEX: 0x1F, DAY: 2018-01-01, EMPTY: "", UNSET: null}
Framework: PySpark
CondaDependenciesFile: Config/../Config/conda.yml
SparkDependenciesFile: aml_config/spark_dependencies.yml
PrepareEnvironment: False
TrackedRun: no
UseSampling: FALSE
DataSourceSettings: {trips.dsource: {Sampling: {Sample: MySample}}}
DataSourceSubstitutions: {trips.dsource: trips-2018.dsource}
Description: Everything
CondaFile: null
ManagedEnvironment: true
"""


def configuration(project: Path) -> RunConfiguration:
    entry = load(project).entry("local")
    assert entry.configuration is not None, entry.problems
    return entry.configuration


def compute(project: Path) -> ComputeTarget:
    entry = load(project).entry("local")
    assert entry.compute is not None, entry.problems
    return entry.compute


def test_every_setting_of_a_run_configuration_is_kept_as_written(a_project: MakeProject) -> None:
    assert configuration(a_project({"local.runconfig": EVERY_SETTING})) == RunConfiguration(
        name="local",
        target="local",
        framework="PySpark",
        argument_vector=("train.py", "234", "-v"),
        environment_variables={
            "VERSION": "1.10",
            "ANSWER": "yes",
            "HEX": "0x1F",
            "DAY": "2018-01-01",
            "EMPTY": "",
            "UNSET": None,
        },
        conda_dependencies_file="Config/conda.yml",
        spark_dependencies_file="aml_config/spark_dependencies.yml",
        prepare_environment=False,
        tracked_run=False,
        use_sampling=False,
        data_source_settings={"trips.dsource": {"Sampling": {"Sample": "MySample"}}},
        data_source_substitutions={"trips.dsource": "trips-2018.dsource"},
        description="Everything",
    )


def test_a_target_is_all_that_a_run_configuration_needs(a_project: MakeProject) -> None:
    assert configuration(a_project({"local.runconfig": "Target: local\n"})) == RunConfiguration(
        name="local",
        target="local",
        framework="Python",
        argument_vector=("$file",),
        environment_variables={},
        conda_dependencies_file="aml_config/conda_dependencies.yml",
        spark_dependencies_file="aml_config/spark_dependencies.yml",
        prepare_environment=None,
        tracked_run=True,
        use_sampling=True,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "type: local",
            LocalCompute(name="local", python_location="python", native_shared_directory="~/.azureml/share/"),
        ),
        (
            "type: local\npythonLocation: python3\nsparkSubmitLocation: /opt/spark-submit\n"
            "nativeSharedDirectory: /tmp/\nuserManagedEnvironment: true",
            LocalCompute(
                name="local",
                python_location="python3",
                spark_submit_location="/opt/spark-submit",
                native_shared_directory="/tmp/",
                user_managed_environment=True,
            ),
        ),
        ("type: localdocker", DockerCompute(name="local", base_docker_image=None, shared_volumes=None)),
        (
            "type: docker\nbaseDockerImage: ' ada/ml:1.10 '\nsharedVolumes: true\nnvidiaDocker: true",
            DockerCompute(name="local", base_docker_image="ada/ml:1.10", shared_volumes=True, nvidia_docker=True),
        ),
        (
            "type: virtualmachine\naddress: fe80::1\nusername: ada\npassword: hunter2",
            RemoteDockerCompute(name="local", address="fe80::1", username="ada"),
        ),
        (
            "type: cluster\naddress: cluster-ssh.example.com\nusername: sshuser\nyarnDeployMode: client",
            ClusterCompute(
                name="local", address="cluster-ssh.example.com", username="sshuser", yarn_deploy_mode="client"
            ),
        ),
        (
            "type: remote\naddress: 192.0.2.17\nusername: 007",
            RemoteCompute(name="local", address="192.0.2.17", username="007", user_managed_environment=True),
        ),
    ],
)
def test_each_type_of_compute_target_has_its_settings(
    a_project: MakeProject, text: str, expected: ComputeTarget
) -> None:
    assert compute(a_project({"local.compute": text})) == expected


def test_a_password_is_never_kept(a_project: MakeProject) -> None:
    machine = "type: remotedocker\naddress: 192.0.2.17\nusername: ada\npassword: hunter2\n"

    assert "hunter2" not in repr(load(a_project({"local.compute": machine})))


def test_models_cannot_be_changed(a_project: MakeProject) -> None:
    made = configuration(a_project({"local.runconfig": EVERY_SETTING}))

    with pytest.raises(ValidationError):
        made.target = "docker"  # type: ignore[misc]
    with pytest.raises(TypeError):
        made.environment_variables["VERSION"] = "2"  # type: ignore[index]


def test_conda_dependencies_know_their_lines() -> None:
    text = (
        "name: iris\nchannels: [conda-forge]\ndependencies:\n- python=3.11\n- pip:\n  - --pre\n  - pandas==2\n- numpy\n"
    )
    conda, problems = read_conda(parse(text, "conda.yml"))

    assert conda is not None
    assert problems == ()
    assert (conda.name, [channel.text for channel in conda.channels]) == ("iris", ["conda-forge"])
    assert [(entry.text, entry.line) for entry in conda.packages] == [("python=3.11", 4), ("numpy", 8)]
    assert [(entry.text, entry.line) for entry in conda.pip] == [("--pre", 6), ("pandas==2", 7)]


def test_spark_dependencies_are_kept_as_written() -> None:
    text = "version: 2\nconfiguration: {a: 1, b: 8g, c: true}\nrepositories:\n- https://example.com\npackages:\n"
    spark, problems = read_spark(parse(text + "- {group: g, artifact: a_2.11, version: 0.10}\n", "spark.yml"))

    assert spark is not None
    assert problems == ()
    assert spark.configuration == {"a": "1", "b": "8g", "c": "true"}
    assert [(repository.text, repository.line) for repository in spark.repositories] == [("https://example.com", 4)]
    assert [(p.group, p.artifact, p.version, p.line) for p in spark.packages] == [("g", "a_2.11", "0.10", 6)]
