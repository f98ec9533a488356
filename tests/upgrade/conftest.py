"""Projects of old, written by the tests, and what an upgrade makes of one of their files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_workbench.upgrade import FileChange, examine

A_RUN_CONFIGURATION = "Target: local\nFramework: Python\n"

WriteProject = Callable[[dict[str, str]], Path]
Upgrade = Callable[[str, str], FileChange]


@pytest.fixture
def a_project(tmp_path: Path) -> WriteProject:
    """Write files by their path relative to the project, byte for byte, and return the project."""

    def write(files: dict[str, str]) -> Path:
        (tmp_path / "aml_config").mkdir(exist_ok=True)
        for file, text in files.items():
            path = tmp_path / file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode())
        return tmp_path

    return write


@pytest.fixture
def upgraded(a_project: WriteProject) -> Upgrade:
    """Return the change of one file of a project that is otherwise in order; an unchanged file has no reasons."""

    def upgrade(file: str, text: str) -> FileChange:
        directory = a_project({"aml_config/any.runconfig": A_RUN_CONFIGURATION, f"aml_config/{file}": text})
        proposal = examine(directory)
        assert proposal.skipped == ()
        assert {change.file for change in proposal.changes} <= {f"aml_config/{file}"}
        return next(iter(proposal.changes), FileChange(directory, f"aml_config/{file}", text, text, ()))

    return upgrade
