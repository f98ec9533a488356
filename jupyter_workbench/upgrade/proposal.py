"""A project -> what to change in which of its files, and which files could not be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from jupyter_workbench.config.computes import read_compute
from jupyter_workbench.config.entries import is_sdk_v1
from jupyter_workbench.config.files import ProjectFiles
from jupyter_workbench.config.models import CONDA_FILE, SPARK_FILE
from jupyter_workbench.config.project import CONFIG_FOLDER
from jupyter_workbench.upgrade import compute, conda, runconfig, spark
from jupyter_workbench.upgrade.changes import FileChange
from jupyter_workbench.upgrade.document import Document, Edit, NotEditable, apply, pairs, parse, scalar

Rules = Callable[[Document], Iterator[Edit]]

_DEPENDENCIES: tuple[tuple[str, str, Rules], ...] = (
    ("CondaDependenciesFile", CONDA_FILE, conda.edits),
    ("SparkDependenciesFile", SPARK_FILE, spark.edits),
)
"""The key of a run configuration, the file that it means when it is missing, and the rules for such files."""


@dataclass(frozen=True)
class Proposal:
    """`skipped` names the files that were left alone though they may need work, as ``file:line: why - what to do``."""

    changes: tuple[FileChange, ...]
    skipped: tuple[str, ...]


def propose(directory: Path) -> tuple[FileChange, ...]:
    """Return what has to change for the project in `directory` to run today; nothing is written."""
    return examine(directory).changes


def examine(directory: Path) -> Proposal:
    """Return the changes for the project in `directory` and the files that could not be looked at.

    Dependency files count when a run configuration uses them, and under their usual names. Files of Azure ML SDK v1
    are none of Workbench's: they are left alone, and so are the dependency files of a project that has no others.
    """
    reader = _Reader(directory.resolve())
    for file in reader.found(".compute"):
        reader.judge(file, compute.edits)
    kinds = reader.target_types()
    configurations = {file: read for file in reader.found(".runconfig") if (read := reader.read(file))}
    ours = {file: read for file, read in configurations.items() if not is_sdk_v1(pairs(read.root))}
    for file in ours:
        reader.judge(file, lambda document: runconfig.edits(document, kinds))
    for key, usual, rules in _DEPENDENCIES if ours else ():
        for file in sorted({usual, *_named(ours.values(), key)}):
            reader.judge(file, rules)
    return Proposal(tuple(reader.changes), tuple(dict.fromkeys(reader.skipped)))


def _named(configurations: Iterable[Document], key: str) -> Iterator[str]:
    """Yield the dependency files that ``configurations`` name; one outside the project is none of ours."""
    for configuration in configurations:
        named = scalar(pairs(configuration.root), key)
        if named is not None and named.value.strip():
            path = PurePosixPath(named.value.strip().replace("\\", "/"))
            if not path.is_absolute() and ".." not in path.parts and "\0" not in named.value:
                yield str(path)


@dataclass
class _Reader:
    """Reads the files of one project, each once, and collects what is proposed."""

    directory: Path
    changes: list[FileChange] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    judged: set[Path] = field(default_factory=set)

    def found(self, suffix: str) -> list[str]:
        """Return the files of `aml_config` that end in `suffix`, relative to the project, sorted."""
        names = (path.name for path in (self.directory / CONFIG_FOLDER).glob(f"[!.]*{suffix}"))
        return sorted(f"{CONFIG_FOLDER}/{name}" for name in names)

    def target_types(self) -> dict[str, str]:
        """Return the type of every compute target whose file says it, by its name."""
        files = ProjectFiles(self.directory)
        stems = ((file, PurePosixPath(file).stem) for file in self.found(".compute"))
        return {stem: kind for file, stem in stems if (kind := read_compute(files, file, stem).type)}

    def judge(self, file: str, rules: Rules) -> None:
        """Add what ``rules`` propose for `file`; a file that two names lead to is judged once."""
        path = (self.directory / file).resolve()
        document = self.read(file) if path not in self.judged and path.exists() else None
        self.judged.add(path)
        if document is None:
            return
        try:
            after, reasons = _apply(document, rules)
        except NotEditable as error:
            self._skip(file, error)
            return
        if after != document.text:
            told = tuple(f"{file}:{line}: {said}" for line, said in reasons)
            inside = path.relative_to(self.directory).as_posix()
            self.changes.append(FileChange(self.directory, inside, document.text, after, told))

    def read(self, file: str) -> Document | None:
        """Return the file's document; None, and a word about it, when it cannot be edited."""
        try:
            return parse(self._text(file), file)
        except NotEditable as error:
            self._skip(file, error)
            return None

    def _text(self, file: str) -> str:
        path = self.directory / file
        if not path.resolve().is_relative_to(self.directory):
            raise NotEditable(None, "expected a file of the project, got a link out of it - upgrade it where it is")
        read = ProjectFiles(self.directory).document(file)
        if read.broken:
            raise NotEditable(read.problems[-1].line, read.problems[-1].message)
        try:
            return path.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            raise NotEditable(None, "expected UTF-8 text, got another encoding - save the file as UTF-8") from error

    def _skip(self, file: str, error: NotEditable) -> None:
        where = file if error.line is None else f"{file}:{error.line}"
        self.skipped.append(f"{where}: skipped: {error.message}")


def _apply(document: Document, rules: Rules) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Return the text after ``rules``, which must have nothing left to say about it, and their reasons."""
    after, reasons = apply(document.text, rules(document))
    if after != document.text:
        upgraded = parse(after, "")
        if apply(after, rules(upgraded))[0] != after:
            raise NotEditable(None, "expected common YAML, got a rare form of it - upgrade it by hand")
    return after, reasons
