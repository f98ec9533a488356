"""The search finds every project that a user could mean, and leaves alone what belongs to tools."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_workbench.config import search, stamps
from jupyter_workbench.config.search import MAX_DEPTH, ProjectSearch


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., Path]:
    """Makes folders that are projects."""

    def make(*projects: str) -> Path:
        for project in projects:
            (tmp_path / "root" / project / "aml_config").mkdir(parents=True)
        return tmp_path / "root"

    return make


def found(root: Path) -> list[str]:
    """The projects, relative to the root."""
    return [Path(os.path.relpath(project, root)).as_posix() for project in ProjectSearch(root).find()]


def test_a_folder_without_projects_has_none(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_a_root_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert found(tmp_path / "nowhere") == []


def test_projects_below_the_root_are_found_nested_ones_too(tree: Callable[..., Path]) -> None:
    assert found(tree("a", "a/pea2", "samples/b")) == ["a", "a/pea2", "samples/b"]


def test_the_root_itself_may_be_a_project(tree: Callable[..., Path]) -> None:
    assert found(tree(".", "pea2")) == [".", "pea2"]


def test_the_project_above_the_root_counts_but_not_those_beside_it(tree: Callable[..., Path]) -> None:
    root = tree(".", "beside", "notebooks/own")

    assert found(root / "notebooks") == ["..", "own"]


@pytest.mark.parametrize(
    "folder",
    [
        ".hidden",
        "node_modules",
        "site-packages",
        "__pycache__",
        "build",
        "dist",
        "venv",
        "env",
        "outputs",
        "aml_config",
    ],
)
def test_folders_of_tools_are_left_alone(tree: Callable[..., Path], folder: str) -> None:
    assert found(tree("a", f"{folder}/x")) == (["a"] if folder != "aml_config" else [".", "a"])


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta"])
def test_an_environment_of_any_name_is_left_alone(tree: Callable[..., Path], mark: str) -> None:
    root = tree("a", "py311/share/sample")
    (root / "py311" / mark).touch()

    assert found(root) == ["a"]


def test_links_are_not_followed_so_that_none_leads_out_or_in_a_circle(
    tree: Callable[..., Path], tmp_path: Path
) -> None:
    root = tree("a")
    (tmp_path / "outside" / "aml_config").mkdir(parents=True)
    (root / "a" / "circle").symlink_to(root, target_is_directory=True)
    (root / "itself").symlink_to("itself")
    (root / "out").symlink_to(tmp_path / "outside", target_is_directory=True)

    assert found(root) == ["a"]


def test_a_configuration_folder_that_is_a_link_makes_a_project(tree: Callable[..., Path]) -> None:
    root = tree("a")
    (root / "b").mkdir()
    (root / "b" / "aml_config").symlink_to(root / "a" / "aml_config", target_is_directory=True)

    assert found(root) == ["a", "b"]


def test_a_link_in_a_circle_makes_no_project_and_hides_none(tree: Callable[..., Path]) -> None:
    root = tree("c/nested")
    (root / "c" / "aml_config").symlink_to("aml_config")

    assert found(root) == ["c/nested"]


def test_a_file_named_like_the_configuration_folder_makes_no_project(tree: Callable[..., Path]) -> None:
    root = tree("a")
    (root / "b").mkdir()
    (root / "b" / "aml_config").touch()

    assert found(root) == ["a"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_cannot_be_read_counts_as_empty(tree: Callable[..., Path]) -> None:
    root = tree("a", "closed/b")
    (root / "closed").chmod(0)

    assert found(root) == ["a"]


def test_a_folder_that_the_system_refuses_counts_as_empty(
    tree: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, scandir = tree("a", "closed/b"), os.scandir

    def refuse(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)

    assert found(root) == ["a"]


def test_the_search_goes_no_deeper_than_its_limit(tree: Callable[..., Path]) -> None:
    deepest, deeper = "/".join("abcde"[:MAX_DEPTH]), "/".join("vwxyz!"[: MAX_DEPTH + 1])

    assert found(tree(deepest, deeper)) == [deepest]


def test_the_search_looks_into_the_nearest_folders_first_and_no_more_than_its_limit(
    tree: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MAX_FOLDERS", 4)

    assert found(tree("a/x", "b", "c")) == ["b", "c"]


def test_a_pyproject_excludes_folders_below_its_own(tree: Callable[..., Path]) -> None:
    root = tree("a", "tests/projects/x", "inner/tests/y", "inner/benchmarks/z", "tests2")
    (root / "pyproject.toml").write_text('[tool.jupyter_workbench]\nexclude = ["tests/"]\n')
    (root / "inner" / "pyproject.toml").write_text('[tool.jupyter_workbench]\nexclude = ["./benchmarks"]\n')

    assert found(root) == ["a", "inner/tests/y", "tests2"]


def test_the_pyproject_of_the_home_above_the_root_excludes_too(tree: Callable[..., Path]) -> None:
    root = tree(".", "notebooks/tests/x", "notebooks/y")
    (root / "pyproject.toml").write_text('[tool.jupyter_workbench]\nexclude = ["notebooks/tests"]\n')

    assert found(root / "notebooks") == ["..", "y"]


def test_a_root_inside_an_excluded_folder_is_what_the_user_asked_for(tree: Callable[..., Path]) -> None:
    root = tree(".", "tests/projects/x")
    (root / "pyproject.toml").write_text('[tool.jupyter_workbench]\nexclude = ["tests"]\n')

    assert found(root / "tests" / "projects") == ["../..", "x"]


@pytest.mark.parametrize(
    "text",
    [
        b"[tool",
        b"\xff",
        b"tool = 1",
        b"[tool.jupyter_workbench]\nexclude = 5",
        b"[tool.jupyter_workbench]\nexclude = [5]",
        b"a = " + b"[" * 100_000,
    ],
)
def test_a_broken_pyproject_excludes_nothing(tree: Callable[..., Path], text: bytes) -> None:
    root = tree("a")
    (root / "pyproject.toml").write_bytes(text)

    assert found(root) == ["a"]


@pytest.fixture
def old_tree(tree: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree that nobody touched for years."""
    root = tree("a", "b/c")
    (root / "b" / "pyproject.toml").write_text("")
    for path in (root, *root.rglob("*")):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    # Nobody can set the time at which attributes changed: let that time count as long ago too.
    monkeypatch.setattr(stamps, "SETTLING_NANOSECONDS", -(10**18))
    return root


def test_an_unchanged_tree_is_not_read_again(old_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects = ProjectSearch(old_tree)
    first = projects.find()
    monkeypatch.setattr(os, "scandir", None)

    assert projects.find() == first == (old_tree / "a", old_tree / "b" / "c")


def test_a_new_project_is_found(old_tree: Path) -> None:
    projects = ProjectSearch(old_tree)
    projects.find()
    (old_tree / "b" / "new" / "aml_config").mkdir(parents=True)

    assert old_tree / "b" / "new" in projects.find()


def test_a_project_that_is_gone_is_not_found(old_tree: Path) -> None:
    projects = ProjectSearch(old_tree)
    projects.find()
    (old_tree / "a" / "aml_config").rmdir()

    assert projects.find() == (old_tree / "b" / "c",)


def test_a_changed_pyproject_counts_at_once(old_tree: Path) -> None:
    projects = ProjectSearch(old_tree)
    projects.find()
    (old_tree / "b" / "pyproject.toml").write_text('[tool.jupyter_workbench]\nexclude = ["c"]\n')

    assert projects.find() == (old_tree / "a",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_a_pyproject_is_not_waited_for(tree: Callable[..., Path]) -> None:
    root = tree("a")
    os.mkfifo(root / "pyproject.toml")

    assert found(root) == ["a"]
