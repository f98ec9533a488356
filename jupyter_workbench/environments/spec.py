"""The dependency files -> what an environment is to be built from, or everything that keeps it from being built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from jupyter_workbench.config.dependencies import CondaDependencies, Line, read_conda
from jupyter_workbench.config.fields import quote
from jupyter_workbench.config.files import ProjectFiles
from jupyter_workbench.config.models import RunConfiguration
from jupyter_workbench.config.problems import Problem, sorted_once
from jupyter_workbench.config.requirements import requirement
from jupyter_workbench.environments.conda_lines import LeftOut, asked_by, translate
from jupyter_workbench.environments.conda_versions import NotTranslated
from jupyter_workbench.environments.limits import OLDEST_IPYKERNEL, dotted
from jupyter_workbench.environments.pip_lines import PipLines
from jupyter_workbench.environments.pythons import python_request
from jupyter_workbench.environments.secrets import masked
from jupyter_workbench.environments.spark import SparkSpec, read_spark_spec
from jupyter_workbench.errors import ConfigurationError

KERNEL = f"ipykernel>={dotted(OLDEST_IPYKERNEL)}"
"""Installed when the file does not name ipykernel."""

_USUAL_CHANNELS = frozenset({"conda-forge", "defaults", "anaconda", "main", "nodefaults", "pytorch"})


@dataclass(frozen=True, repr=False)
class Requirement:
    """One line of a requirements file; ``line`` is that of the dependency file, 0 for what we add."""

    text: str
    line: int

    def __repr__(self) -> str:
        """Show no password: this gets into logs."""
        return f"Requirement({masked(self.text)!r}, {self.line})"


@dataclass(frozen=True)
class EnvironmentSpec:
    """What an environment is built from.

    ``file`` is relative to the project. ``python`` is what uv is asked for (``3.11``, ``>=3.8``); None is the image's
    own. ``requirements`` stand in the order of the file. ``files`` (absolute) must be put where `local_files.place`
    says before the builder runs. ``notes`` are whole sentences: what was left out, and why. ``spark`` is None where the
    framework is not PySpark.
    """

    file: str
    python: str | None = None
    python_line: int | None = None
    requirements: tuple[Requirement, ...] = ()
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    spark: SparkSpec | None = None

    def asks_for(self, name: str) -> bool:
        """Tell whether a line asks for a package of this (normalised) name; of addresses that is not known."""
        asked = (requirement(re.split(r"[;@]", line.text)[0]) for line in self.requirements)
        return any(found is not None and found.name == name for found in asked)


def read_spec(project_dir: Path, configuration: RunConfiguration) -> EnvironmentSpec:
    """Read the dependency files of a run configuration. Raises ConfigurationError with every problem in them.

    A file that the run configuration does not name itself need not be there: then a kernel is all that is asked for.
    """
    if configuration.framework != "PySpark":
        return _read_conda(project_dir, configuration)
    problems = []
    try:
        spark = read_spark_spec(project_dir, configuration)
    except ConfigurationError as error:
        problems.append(str(error))
    try:
        spec = _read_conda(project_dir, configuration)
    except ConfigurationError as error:
        problems.insert(0, str(error))
    if problems:
        raise ConfigurationError("\n".join(problems))
    return replace(spec, spark=spark, files=(*spec.files, *spark.folders))


def _read_conda(project_dir: Path, configuration: RunConfiguration) -> EnvironmentSpec:
    files = ProjectFiles(project_dir.resolve())
    file = configuration.conda_dependencies_file
    if "conda_dependencies_file" not in configuration.model_fields_set and not files.exists(file):
        return EnvironmentSpec(file, requirements=(Requirement(KERNEL, 0),))
    document = files.document(file)
    dependencies, problems = read_conda(document)
    reader = _Reader(document.file, PipLines(files.directory), list(problems))
    if dependencies:
        reader.read(dependencies)
    if reader.problems:
        raise ConfigurationError("\n".join(map(str, sorted_once(reader.problems))))
    return reader.spec()


@dataclass
class _Reader:
    file: str
    pip: PipLines
    problems: list[Problem]
    python: str | None = None
    python_line: int | None = None
    requirements: list[Requirement] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def read(self, dependencies: CondaDependencies) -> None:
        self._each(dependencies.packages, self._conda_line)
        self._each(dependencies.pip, self._pip_line)
        self.requirements.sort(key=lambda requirement: requirement.line)
        self._note_what_means_nothing(dependencies)

    def spec(self) -> EnvironmentSpec:
        requirements = self.requirements
        if "ipykernel" not in self.names | self.pip.names:
            requirements = [Requirement(KERNEL, 0), *requirements]
        return EnvironmentSpec(
            file=self.file,
            python=self.python,
            python_line=self.python_line,
            requirements=tuple(requirements),
            files=tuple(self.pip.files),
            notes=tuple(self.notes),
        )

    def _each(self, lines: Iterable[Line], read: Callable[[Line], None]) -> None:
        for line in lines:
            self._one(line, read)

    def _one(self, line: Line, read: Callable[[Line], None]) -> None:
        try:
            read(line)
        except NotTranslated as refused:
            message = f"expected {refused.expected}, got {_quoted(line)} - {refused.advice}"
            self.problems.append(Problem(self.file, line.line, None, message))

    def _conda_line(self, line: Line) -> None:
        asked = asked_by(line.text)
        if asked is None:
            raise NotTranslated(
                "a package such as `numpy=1.13`", "correct it, or move it below `- pip:` if it is one of pip's lines"
            )
        if asked.name == "python":
            self.python, self.python_line = python_request(asked), line.line
            return
        found = translate(asked)
        if isinstance(found, LeftOut):
            self._note(line, f"{_quoted(line)} is left out: {found.why}.")
            return
        self.names.add(asked.name)
        self.requirements.append(Requirement(found.text, line.line))
        if found.note:
            self._note(line, f"{_quoted(line)} is installed as `{found.text}`: {found.note}.")

    def _pip_line(self, line: Line) -> None:
        self.requirements += [Requirement(text, line.line) for text in list(self.pip.read(line.text))]
        for note in self.pip.notes:
            self._note(line, f"{note}: it is left out.")
        self.pip.notes.clear()

    def _note_what_means_nothing(self, dependencies: CondaDependencies) -> None:
        for channel in dependencies.channels:
            if channel.text not in _USUAL_CHANNELS:
                self._note(channel, f"The channel {_quoted(channel)} is not asked: packages come from PyPI.")
        if dependencies.variables:
            self.notes.append(
                f"{self.file}: `variables` are not set in kernels: "
                "write them as EnvironmentVariables of the run configuration."
            )

    def _note(self, line: Line, sentence: str) -> None:
        self.notes.append(f"{self.file}:{line.line}: {sentence}")


def _quoted(line: Line) -> str:
    return quote(masked(line.text))
