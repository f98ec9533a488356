"""A folder -> a project: its run configurations, and every problem of every file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from jupyter_workbench.config.computes import ComputeFile, read_compute
from jupyter_workbench.config.entries import Entry, EntryReader
from jupyter_workbench.config.files import ProjectFiles, shown_name
from jupyter_workbench.config.home import CONFIG_FOLDER, find_home, is_folder, no_project
from jupyter_workbench.config.identity import read_identity
from jupyter_workbench.config.problems import Problem, listed, sorted_once
from jupyter_workbench.config.stamps import Stamp
from jupyter_workbench.errors import ConfigurationError, ProjectNotFound

__all__ = ["CONFIG_FOLDER", "Entry", "Project", "find_home", "is_folder", "load", "read"]


@dataclass(frozen=True)
class Project:
    """A folder with ``aml_config/``; ``problems`` has each problem of each file once.

    ``entries`` are its run configurations and ``computes`` its compute targets, used or not, both sorted by name.
    ``dependencies`` is what the dependency files that they use say: a project with other ones is another project.
    """

    name: str
    directory: Path
    id: str | None
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    computes: tuple[ComputeFile, ...] = ()
    dependencies: Mapping[str, Any] = field(default_factory=dict)

    def entry(self, name: str) -> Entry:
        """Return the run configuration of that name. Raises ConfigurationError, which names those there are."""
        for entry in self.entries:
            if entry.name == name:
                return entry
        names = listed(entry.name for entry in self.entries) if self.entries else ""
        advice = f"write {names}" if names else f"there is none, create {CONFIG_FOLDER}/{name}.runconfig"
        raise ConfigurationError(f"expected a run configuration of {self.name}, got {name} - {advice}")

    def compute(self, name: str) -> ComputeFile:
        """Return the compute target of that name. Raises ConfigurationError, which names those there are."""
        for compute in self.computes:
            if compute.name == name:
                return compute
        names = listed(compute.name for compute in self.computes) if self.computes else ""
        advice = f"write {names}" if names else "there is none, make one with `workbench computetarget attach`"
        raise ConfigurationError(f"expected a compute target of {self.name}, got {name} - {advice}")


def load(directory: Path) -> Project:
    """Read a project. What its files contain never raises; a folder without ``aml_config/`` raises ProjectNotFound."""
    return read(directory)[0]


def read(directory: Path) -> tuple[Project, Mapping[str, Stamp]]:
    """Read a project, and return the stamp of everything that was looked at as well, by absolute path."""
    files = ProjectFiles(directory.resolve())
    name, id_, identity_problems = read_identity(files)
    names, folder_problems = _names(files)
    computes = {stem: read_compute(files, file, stem) for stem, file in _with_ending(names, ".compute")}
    reader = EntryReader(files, computes)
    entries = tuple(reader.read(file, stem) for stem, file in _with_ending(names, ".runconfig"))
    of_files = [compute.problems for compute in computes.values()] + [entry.problems for entry in entries]
    problems = sorted_once(chain(identity_problems, folder_problems, *of_files))
    targets = tuple(computes.values())
    project = Project(name, files.directory, id_, entries, problems, targets, reader.dependencies)
    return project, files.stamps


def _names(files: ProjectFiles) -> tuple[list[str], tuple[Problem, ...]]:
    try:
        return files.names(CONFIG_FOLDER), ()
    except (FileNotFoundError, NotADirectoryError):
        raise ProjectNotFound(no_project(files.directory)) from None
    except OSError as error:
        message = f"expected a folder that can be read, got an error ({error.strerror}) - change its permissions"
        return [], (Problem(CONFIG_FOLDER, None, None, message),)


def _with_ending(names: list[str], ending: str) -> list[tuple[str, str]]:
    """Return name and path of each file of one kind, sorted by name."""
    files = (name for name in names if name.endswith(ending))
    return sorted((shown_name(name.removesuffix(ending)), f"{CONFIG_FOLDER}/{name}") for name in files)
