"""Run configurations and compute targets as frozen models, with the keys of every generation of the product.

Source of the formats: the reference pages of Azure Machine Learning Workbench (a preview, 2017 to 2018) and files of
public projects of that time.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel, to_pascal

from jupyter_workbench.config.containers import Cpus, Memory, Mounts, Network
from jupyter_workbench.config.fields import (
    Boolean,
    Framework,
    Host,
    Image,
    ProjectPath,
    Settings,
    Text,
    User,
    Variables,
    Words,
    YarnDeployMode,
    nothing,
)

CONDA_FILE = "aml_config/conda_dependencies.yml"
SPARK_FILE = "aml_config/spark_dependencies.yml"

DEFAULT_DOCKER_IMAGE = "python:3.12-slim"
"""The image of a container whose file names none, and of the files that we write: the smallest public Python.

`python:3.12` is the same with git and compilers, for packages without wheels.
"""


class FileModel(BaseModel):
    """Settings of one file. A key of the file is the alias of its field."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)
    ignored: ClassVar[frozenset[str]] = frozenset()
    """Keys that Workbench wrote and that mean nothing here: never reported, never kept."""

    @classmethod
    def keys(cls) -> frozenset[str]:
        """Return the keys of a file that mean something."""
        return frozenset(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def example(cls, key: str) -> str:
        """Return a value that the key may have."""
        examples = (field.examples for field in cls.model_fields.values() if field.alias == key and field.examples)
        return str(next(examples, ["..."])[0])


class NamedModel(FileModel):
    """Settings of a file that gives them its name; a key ``name`` in it has no meaning."""

    name: str

    @classmethod
    def keys(cls) -> frozenset[str]:
        """Return the keys of a file that mean something."""
        return super().keys() - {"name", "Name"}


class RunConfiguration(NamedModel):
    """A ``.runconfig`` file: what runs where."""

    model_config = ConfigDict(alias_generator=to_pascal)
    ignored: ClassVar[frozenset[str]] = frozenset({"CondaFile", "ManagedEnvironment"})

    target: Text = Field(examples=["docker"])
    framework: Framework = "PySpark"
    argument_vector: Words = ("$file",)
    environment_variables: Variables = Field(default_factory=nothing)
    conda_dependencies_file: ProjectPath = CONDA_FILE
    spark_dependencies_file: ProjectPath = SPARK_FILE
    prepare_environment: Boolean | None = None
    tracked_run: Boolean = True
    use_sampling: Boolean = True
    data_source_settings: Settings = Field(default_factory=nothing)
    data_source_substitutions: Variables = Field(default_factory=nothing)
    description: Text = ""


class _Compute(NamedModel):
    """A ``.compute`` file. ``password`` only ever held a handle of a service that is gone: it is never kept."""

    model_config = ConfigDict(alias_generator=to_camel)
    ignored: ClassVar[frozenset[str]] = frozenset({"type", "password", "cluster", "native"})
    builds_environment: ClassVar[bool] = False
    """Whether kernels run in an environment that is built from the conda file; the others take a Python as it is."""

    user_managed_environment: Boolean = False


class _Machine(_Compute):
    address: Host = Field(examples=["myvm.example.com"])
    username: User = Field(examples=["sshuser"])


class LocalCompute(_Compute):
    """The user's own Python on this machine."""

    type: ClassVar[str] = "local"
    python_location: Text = "python"
    spark_submit_location: Text = "spark-submit"
    native_shared_directory: Text = "~/.azureml/share/"


class _Container(_Compute):
    """A container; ``base_docker_image`` None means `DEFAULT_DOCKER_IMAGE`. The last four keys are ours."""

    builds_environment: ClassVar[bool] = True
    base_docker_image: Image | None = None
    shared_volumes: Boolean | None = None
    nvidia_docker: Boolean = False
    native_shared_directory: Text = "~/.azureml/share/"
    memory: Memory | None = None
    cpus: Cpus | None = None
    network: Network | None = None
    mounts: Mounts = ()

    @property
    def image(self) -> str:
        """The image that is meant."""
        return self.base_docker_image or DEFAULT_DOCKER_IMAGE


class DockerCompute(_Container):
    """A container on this machine."""

    type: ClassVar[str] = "docker"


class RemoteDockerCompute(_Container, _Machine):
    """A container on another machine."""

    type: ClassVar[str] = "remotedocker"


class ClusterCompute(_Machine):
    """A Spark cluster (HDInsight)."""

    type: ClassVar[str] = "cluster"
    builds_environment: ClassVar[bool] = True
    yarn_deploy_mode: YarnDeployMode = "cluster"


class RemoteCompute(_Machine):
    """The user's own Python on another machine."""

    type: ClassVar[str] = "remote"
    user_managed_environment: Boolean = True
    python_location: Text = "python"


ComputeTarget: TypeAlias = LocalCompute | DockerCompute | RemoteDockerCompute | ClusterCompute | RemoteCompute

COMPUTE_MODELS: Mapping[str, type[ComputeTarget]] = MappingProxyType(
    {
        "local": LocalCompute,
        "docker": DockerCompute,
        "localdocker": DockerCompute,
        "remotedocker": RemoteDockerCompute,
        "virtualmachine": RemoteDockerCompute,
        "cluster": ClusterCompute,
        "remote": RemoteCompute,
    }
)
"""What ``type`` may say; ``virtualmachine`` and ``docker`` are the words of 2017 for what became two words each."""

COMPUTE_KEYS = frozenset().union(*(model.keys() | model.ignored for model in COMPUTE_MODELS.values()))
"""Every key that a ``.compute`` file may hold: a key of another type is harmless and never reported."""
