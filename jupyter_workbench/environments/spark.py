"""`spark_dependencies.yml` -> what Spark is started with and what is fetched for it, or every problem in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

from jupyter_workbench.config.dependencies import SparkDependencies, read_spark
from jupyter_workbench.config.files import ProjectFiles
from jupyter_workbench.config.models import RunConfiguration
from jupyter_workbench.config.problems import Problem, sorted_once
from jupyter_workbench.config.yaml import Document, Scalar
from jupyter_workbench.environments import spark_pins
from jupyter_workbench.environments.secrets import masked
from jupyter_workbench.errors import ConfigurationError

PACKAGES, REPOSITORIES, EXCLUDES = "spark.jars.packages", "spark.jars.repositories", "spark.jars.excludes"
"""Spark properties that say the same as sections of the file; ours fetches what they name, Spark never does."""

_TRUE, _FALSE = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


@dataclass(frozen=True)
class Package:
    """A package of a Maven repository, ``group:artifact:version``, and the line that asks for it."""

    coordinate: str
    line: int


@dataclass(frozen=True, repr=False)
class Repository:
    """A Maven repository; ``folder`` is that of a ``file:`` address, absolute."""

    address: str
    line: int
    folder: Path | None = None

    def __repr__(self) -> str:
        """Show no password: this gets into logs."""
        return f"Repository({masked(self.address)!r}, {self.line})"


@dataclass(frozen=True)
class SparkSpec:
    """What a run configuration asks of Spark.

    ``configuration`` are Spark properties as text, without those that name packages, and ``lines`` where they stand.
    ``excludes`` are ``group:artifact`` that no package shall bring. ``java_home`` and ``spark_home`` are variables of
    the run configuration, and ``variables`` the names of all that it sets.
    """

    file: str
    configuration: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    packages: tuple[Package, ...] = ()
    repositories: tuple[Repository, ...] = ()
    excludes: tuple[str, ...] = ()
    java_home: str | None = None
    spark_home: str | None = None
    variables: tuple[str, ...] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """The repositories that are folders of this machine."""
        return tuple(repository.folder for repository in self.repositories if repository.folder is not None)


def read_spark_spec(project_dir: Path, configuration: RunConfiguration) -> SparkSpec:
    """Read the Spark file of a run configuration. Raises ConfigurationError with every problem in it.

    A file that the run configuration does not name itself need not be there.
    """
    files = ProjectFiles(project_dir.resolve())
    file = configuration.spark_dependencies_file
    variables = configuration.environment_variables
    spec = SparkSpec(
        file,
        java_home=variables.get("JAVA_HOME"),
        spark_home=variables.get("SPARK_HOME"),
        variables=tuple(name for name, value in variables.items() if value is not None),
    )
    if "spark_dependencies_file" not in configuration.model_fields_set and not files.exists(file):
        return spec
    document = files.document(file)
    dependencies, problems = read_spark(document)
    reader = _Reader(document, files.directory, list(problems))
    if dependencies:
        spec = reader.read(dependencies, spec)
    if reader.problems:
        raise ConfigurationError("\n".join(map(str, sorted_once(reader.problems))))
    return spec


@dataclass
class _Reader:
    document: Document
    directory: Path
    problems: list[Problem]

    def read(self, dependencies: SparkDependencies, empty: SparkSpec) -> SparkSpec:
        settings = self._settings()
        texts = {key: _text(value) for key, value in settings.items()}
        packages = [
            (f"{package.group.strip()}:{package.artifact.strip()}:{package.version.strip()}", package.line)
            for package in dependencies.packages
        ]
        packages += [(text, settings[PACKAGES].line) for text in _list(texts.pop(PACKAGES, ""))]
        repositories = [(line.text.strip(), line.line) for line in dependencies.repositories]
        repositories += [(text, settings[REPOSITORIES].line) for text in _list(texts.pop(REPOSITORIES, ""))]
        return replace(
            empty,
            configuration=MappingProxyType({key: text for key, text in texts.items() if key != EXCLUDES}),
            lines=MappingProxyType({key: settings[key].line for key in texts if key != EXCLUDES}),
            packages=tuple(self._packages(packages)),
            repositories=tuple(self._repositories(repositories)),
            excludes=tuple(_list(texts.get(EXCLUDES, ""))),
        )

    def _settings(self) -> dict[str, Scalar]:
        data: Any = self.document.data
        written = (data.get("configuration") or {}) if isinstance(data, dict) else {}
        return {str(key): value for key, value in written.items() if isinstance(value, Scalar)}

    def _packages(self, written: Iterable[tuple[str, int]]) -> Iterable[Package]:
        for coordinate, line in dict(written).items():
            if message := spark_pins.problem_of_package(coordinate):
                self.problems.append(Problem(self.document.file, line, "packages", message))
            yield Package(coordinate, line)

    def _repositories(self, written: Iterable[tuple[str, int]]) -> Iterable[Repository]:
        for address, line in dict(written).items():
            folder = self._folder(address)
            message = spark_pins.problem_of_repository(address)
            if message is None and folder is not None and not folder.is_dir():
                message = "expected a folder that is on this machine, got a path where there is none - correct it"
            if message:
                self.problems.append(Problem(self.document.file, line, "repositories", message))
            yield Repository(address, line, folder)

    def _folder(self, address: str) -> Path | None:
        parts = urlsplit(address)
        if parts.scheme != "file":
            return None
        return (self.directory / Path(unquote(parts.path)).expanduser()).resolve()


def _text(value: Scalar) -> str:
    """Write a value as Spark reads it: YAML's ``yes`` is its ``true``."""
    word = value.lower()
    if value.plain and word in _TRUE | _FALSE:
        return "true" if word in _TRUE else "false"
    return str(value)


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
