"""The files in ``aml_config/`` that a user asks for one by one: a run configuration, a compute target."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

HERE = Path(__file__).parent / "aml_config"
CONDA_FILE = "aml_config/conda_dependencies.yml"
SPARK_FILE = "aml_config/spark_dependencies.yml"

_PLAIN = re.compile(r"(?!(~|null|Null|NULL)$)[\w./~][\w./~:@-]*(?<!:)")


@dataclass(frozen=True)
class Local:
    """What a file of a compute target `local` says."""

    python: str = "python"

    def text(self, name: str) -> str:
        """Return the file ``<name>.compute``."""
        return _filled_in("local.compute", name=name, python=_value(self.python))


@dataclass(frozen=True)
class LocalDocker:
    """What a file of a compute target `localdocker` says; what is None or empty stands there as an example."""

    image: str
    shared_volumes: bool | None = None
    gpu: bool = False
    memory: str | None = None
    cpus: str | None = None
    network: str | None = None
    mounts: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """Return the file ``<name>.compute``."""
        shared = None if self.shared_volumes is None else _word(self.shared_volumes)
        return _filled_in(
            "localdocker.compute",
            name=name,
            image=_value(self.image),
            shared_volumes=_setting("sharedVolumes", shared, "true"),
            gpu=_word(self.gpu),
            memory=_setting("memory", self.memory, "4g"),
            cpus=_setting("cpus", self.cpus, "2"),
            network=_setting("network", self.network, "bridge"),
            mounts=_items("mounts", self.mounts, "~/data:/data:ro"),
        )


@dataclass(frozen=True)
class RunConfiguration:
    """What a file of a run configuration says. A dependency file that is None stands there as an example."""

    target: str
    framework: str = "Python"
    conda_file: str | None = CONDA_FILE
    spark_file: str | None = SPARK_FILE
    prepare: bool = True

    def text(self, name: str) -> str:
        """Return the file ``<name>.runconfig``."""
        return _filled_in(
            "run_configuration.runconfig",
            name=name,
            target=self.target,
            target_value=_value(self.target),
            framework=self.framework,
            conda=_setting("CondaDependenciesFile", self.conda_file, CONDA_FILE),
            spark=_setting("SparkDependenciesFile", self.spark_file, SPARK_FILE),
            prepare=_word(self.prepare),
        )


def _filled_in(file: str, **values: str) -> str:
    return Template((HERE / file).read_text("utf-8")).substitute(values)


def _setting(key: str, value: str | None, example: str) -> str:
    return f"# {key}: {example}" if value is None else f"{key}: {_value(value)}"


def _items(key: str, values: tuple[str, ...], example: str) -> str:
    if not values:
        return f"# {key}:\n#   - {example}"
    return "\n".join([f"{key}:", *(f"  - {_value(value)}" for value in values)])


def _word(value: bool) -> str:
    return "true" if value else "false"


def _value(text: str) -> str:
    """Write a value so that YAML reads the same text: a JSON string is YAML too."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
