"""The dependency files of environments: conda's, and Spark's settings, repositories and packages."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from jupyter_workbench.config.fields import Text, Variables, kind, nothing, refusal
from jupyter_workbench.config.models import FileModel
from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.validation import no_settings, unknown_keys, validate
from jupyter_workbench.config.yaml import Document, Scalar


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Line(_Part):
    """One entry of a list as it was written, such as ``numpy=1.13`` or ``--index-url https://...``."""

    text: str
    line: int


def _line(value: object) -> object:
    if isinstance(value, Scalar):
        return {"text": str(value), "line": value.line}
    raise refusal("text behind the `-`", kind(value), "write one entry a line or remove the `-`")


def _lines(value: object) -> object:
    if value is None or isinstance(value, list):
        return value or ()
    raise refusal("a list", kind(value), "begin each entry with `- ` on a line of its own")


Lines = Annotated[tuple[Annotated[Line, BeforeValidator(_line)], ...], BeforeValidator(_lines)]


class PipSection(_Part):
    """The entry ``- pip:`` of conda's list: what pip installs."""

    pip: Lines

    @model_validator(mode="before")
    @classmethod
    def _only_pip(cls, value: Any) -> Any:
        if isinstance(value, dict) and set(value) != {"pip"}:
            raise refusal("a package such as `numpy=1.13` or the section `pip:`", "a mapping", "write `=` for `: `")
        return value


def _sort_of(value: object) -> str:
    return "section" if isinstance(value, dict | PipSection) else "package"


_Dependency = Annotated[
    Annotated[Line, BeforeValidator(_line), Tag("package")] | Annotated[PipSection, Tag("section")],
    Discriminator(_sort_of),
]


class CondaDependencies(FileModel):
    """An environment file, as ``conda env create --file`` reads it."""

    ignored: ClassVar[frozenset[str]] = frozenset({"prefix"})

    name: Text | None = None
    channels: Lines = ()
    dependencies: Annotated[tuple[_Dependency, ...], BeforeValidator(_lines)] = ()
    variables: Variables = Field(default_factory=nothing)

    @property
    def packages(self) -> tuple[Line, ...]:
        """What conda installs."""
        return tuple(entry for entry in self.dependencies if isinstance(entry, Line))

    @property
    def pip(self) -> tuple[Line, ...]:
        """What pip installs, lines of options included."""
        sections = (entry for entry in self.dependencies if isinstance(entry, PipSection))
        return tuple(line for section in sections for line in section.pip)


class SparkPackage(_Part):
    """A package of a Maven repository; ``line`` is that of its first key."""

    group: Text
    artifact: Text
    version: Text
    line: int

    @model_validator(mode="before")
    @classmethod
    def _with_line(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise refusal("a mapping of `group`, `artifact` and `version`", kind(value), "write the three keys")
        return {**value, "line": next((key.line for key in value if isinstance(key, Scalar)), 0)}


class SparkDependencies(FileModel):
    """What Spark is started with; ``configuration`` holds ``--conf`` settings as they were written."""

    version: Text | None = None
    configuration: Variables = Field(default_factory=nothing)
    repositories: Lines = ()
    packages: Annotated[tuple[SparkPackage, ...], BeforeValidator(_lines)] = ()


def read_conda(document: Document) -> tuple[CondaDependencies | None, tuple[Problem, ...]]:
    """Make the model of a conda file, and say what is wrong in the file."""
    return _read(CondaDependencies, document, example="dependencies: [numpy]")


def read_spark(document: Document) -> tuple[SparkDependencies | None, tuple[Problem, ...]]:
    """Make the model of a Spark file, and say what is wrong in the file."""
    return _read(SparkDependencies, document, example="packages: []")


_Model = TypeVar("_Model", bound=FileModel)


def _read(model: type[_Model], document: Document, example: str) -> tuple[_Model | None, tuple[Problem, ...]]:
    if document.data is None and not document.broken:
        return model(), ()  # everything in it is commented out
    if problems := no_settings(document, example):
        return None, problems
    dependencies, refused = validate(model, document)
    return dependencies, (*document.problems, *unknown_keys(document, model.keys() | model.ignored), *refused)
