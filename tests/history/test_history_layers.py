"""Which folders of the history may import which: nobody reads a folder and has to know one that stands above it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_workbench import history

PACKAGE = Path(history.__file__).parent
STORED = {"records", "disk", "location", "store"}
READ = STORED | {"reading"}

FOLDERS: dict[str, set[str]] = {
    "records": set(),
    "disk": {"records"},
    "location": {"records", "disk"},
    "store": {"records", "disk", "location"},
    "reading": STORED,
    "upkeep": READ,
    "surroundings": {"records", "disk"},
    "intake": READ | {"upkeep", "surroundings"},
    "files": READ,
    "sharing": READ,
    "mirror": READ,
}


def imported(path: Path) -> Iterator[str]:
    """Yield the folders of the history that a module imports, those inside functions and `if TYPE_CHECKING` too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name.split(".")[2] for name in names if name.startswith("jupyter_workbench.history."))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_only_what_stands_before_it(folder):
    paths = [*PACKAGE.glob(f"{folder}.py"), *PACKAGE.glob(f"{folder}/*.py")]
    assert paths
    for path in paths:
        assert set(imported(path)) <= FOLDERS[folder] | {folder}, path


def test_a_folder_knows_only_folders_that_stand_before_it():
    order = list(FOLDERS)
    for folder, below in FOLDERS.items():
        assert all(order.index(other) < order.index(folder) for other in below), folder


def test_every_folder_says_what_belongs_there():
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders == FOLDERS.keys() - {"location"}
    for name in folders:
        assert ast.get_docstring(ast.parse((PACKAGE / name / "__init__.py").read_text("utf-8"))), name


def test_the_history_lists_its_folders_in_the_order_in_which_they_stand():
    lines = (history.__doc__ or "").splitlines()
    assert [line.split("``")[1] for line in lines if line.startswith("* ``")] == list(FOLDERS)
