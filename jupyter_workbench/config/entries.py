"""``.runconfig`` files, each joined to its compute target and to the dependency files that it uses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pydantic_core import PydanticCustomError

from jupyter_workbench.config.computes import ComputeFile
from jupyter_workbench.config.dependencies import read_conda, read_spark
from jupyter_workbench.config.fields import FRAMEWORKS, project_path, quote
from jupyter_workbench.config.files import ProjectFiles
from jupyter_workbench.config.models import COMPUTE_MODELS, CONDA_FILE, SPARK_FILE, ComputeTarget, RunConfiguration
from jupyter_workbench.config.problems import Problem, listed, printable
from jupyter_workbench.config.validation import no_settings, unknown_keys, validate
from jupyter_workbench.config.yaml import Document

_KEYS = RunConfiguration.keys() | RunConfiguration.ignored
_SDK_V1 = (
    "expected a run configuration of Workbench, got one of the Azure Machine Learning SDK (v1) - "
    "move it out of `aml_config`, or write a new one with `Target` and `Framework`"
)

_Reader: TypeAlias = Callable[[Document], tuple[object, tuple[Problem, ...]]]


@dataclass(frozen=True)
class Entry:
    """One ``.runconfig`` file: one row of the kernel list.

    ``target``, ``target_type`` and ``framework`` are None only if they cannot be read (a missing framework: if the
    type, on which its default depends, cannot); ``configuration`` and ``compute`` are None if anything keeps them from
    being used. ``problems`` are those of every file that the run configuration uses. ``locations`` tells the file and
    line of each setting of the run configuration and of its compute target.
    """

    name: str
    file: str
    configuration: RunConfiguration | None = None
    compute: ComputeTarget | None = None
    target: str | None = None
    target_type: str | None = None
    framework: str | None = None
    problems: tuple[Problem, ...] = ()
    locations: Mapping[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class EntryReader:
    """Reads the run configurations of one project; a dependency file that several of them use is read once.

    ``dependencies`` is what the dependency files say that were read, by their path, as plain data.
    """

    files: ProjectFiles
    computes: Mapping[str, ComputeFile]
    dependencies: dict[str, Any] = field(default_factory=dict)
    checked: dict[tuple[str, str], tuple[Problem, ...]] = field(default_factory=dict)

    def read(self, file: str, name: str) -> Entry:
        """Read one ``.runconfig`` file."""
        document = self.files.document(file)
        if problems := no_settings(document, example="Target: docker"):
            return Entry(name, document.file, problems=problems)
        if is_sdk_v1(document.data):
            problem = Problem(document.file, document.line(("script",)), None, _SDK_V1)
            return Entry(name, document.file, problems=(problem,))
        return self._join(document, name)

    def _join(self, document: Document, name: str) -> Entry:
        target = _text(document.data.get("Target"))
        compute = self.computes.get(target) if target else None
        target_type = compute.type if compute else None
        default = _default_framework(target_type)
        framework = _framework(document.data.get("Framework"), default)
        defaults = {"Framework": default} if default else {}
        configuration, refused = validate(RunConfiguration, document, name=name, **defaults)
        problems = [*document.problems, *unknown_keys(document, _KEYS), *refused]
        if compute:
            problems += compute.problems
        elif target:
            problems.append(self._no_compute(document, target))
        problems += self._dependencies(document, target_type, framework)
        return Entry(
            name=name,
            file=document.file,
            configuration=configuration,
            compute=compute.target if compute else None,
            target=target,
            target_type=target_type,
            framework=framework,
            problems=tuple(sorted(problems)),
            locations={**(compute.locations if compute else {}), **document.locations},
        )

    def _no_compute(self, document: Document, target: str) -> Problem:
        existing = f"write {listed(sorted(self.computes))}, or " if self.computes else ""
        message = f"expected the name of a compute target, got {quote(target)} - {existing}create its `.compute` file"
        return Problem(document.file, document.line(("Target",)), "Target", message)

    def _dependencies(self, document: Document, target_type: str | None, framework: str | None) -> Iterator[Problem]:
        """Check the dependency files that a run configuration uses; others may say what they like."""
        if target_type is not None and COMPUTE_MODELS[target_type].builds_environment:
            yield from self._dependency_file(document, "CondaDependenciesFile", CONDA_FILE, read_conda)
        if framework == "PySpark":
            yield from self._dependency_file(document, "SparkDependenciesFile", SPARK_FILE, read_spark)

    def _dependency_file(self, document: Document, key: str, default: str, read: _Reader) -> tuple[Problem, ...]:
        named = document.data.get(key)
        try:
            file = default if named is None else project_path(named)
        except PydanticCustomError:
            return ()  # reported with the other values of the run configuration
        there = self.files.exists(file)
        if not there and named is None:
            return ()  # no dependencies
        if reason := self._no_file(file, there):
            message = f"expected a file of the project, got `{file}`, {reason} or correct the path"
            return (Problem(document.file, document.line((key,)), key, message),)
        if (file, key) not in self.checked:
            written = self.files.document(file)
            self.dependencies[file] = written.data
            self.checked[file, key] = read(written)[1]
        return self.checked[file, key]

    def _no_file(self, file: str, there: bool) -> str | None:
        """Return why the path of a dependency file is wrong, and what to do."""
        if not there:
            return "which is not there - create it in the project"
        if not self.files.is_inside(file):
            return "which leads out of the project - copy it into the project"
        return "which is a folder - name a file in it" if self.files.is_folder(file) else None


def _text(value: object) -> str | None:
    return printable(value) if isinstance(value, str) else None


def _default_framework(target_type: str | None) -> str | None:
    """Return what a missing Framework means: it depends on the type of the target, and cannot be known without it."""
    if target_type is None:
        return None
    # PySpark is the documented default; on local targets, where it never ran, Python is what did.
    return "Python" if target_type == "local" else "PySpark"


def _framework(written: object, default: str | None) -> str | None:
    framework = default if written is None else written
    return str(framework) if framework in FRAMEWORKS else None


def is_sdk_v1(keys: Collection[str]) -> bool:
    """Tell by its keys whether a file belongs to Azure ML SDK v1, whose run configurations lie in the same folder."""
    return "script" in keys and "target" in keys
