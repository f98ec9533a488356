"""An unchanged project is the same object and costs a look at its files; every change is seen."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_workbench.config import loader, stamps
from jupyter_workbench.config.loader import ProjectCache
from jupyter_workbench.errors import ProjectNotFound

MakeProject = Callable[..., Path]

DOCKER = {
    "local.compute": "type: localdocker\n",
    "local.runconfig": "Target: local\nFramework: Python\nCondaDependenciesFile: Config/conda.yml\n",
}


@pytest.fixture
def old_project(a_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose files were not touched for years, without its conda file."""
    project = a_project(DOCKER)
    for path in (project, *project.rglob("*")):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    # Nobody can set the time at which attributes changed: let that time count as long ago too.
    monkeypatch.setattr(stamps, "SETTLING_NANOSECONDS", -(10**18))
    return project


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were read, as they are read."""
    made, read = [], loader.read

    def counted(directory: Path) -> object:
        made.append(directory)
        return read(directory)

    monkeypatch.setattr(loader, "read", counted)
    return made


def test_a_project_that_is_gone_is_no_project(old_project: Path) -> None:
    cache = ProjectCache()
    cache.load(old_project)
    (old_project / "aml_config").rename(old_project / "gone")

    with pytest.raises(ProjectNotFound):
        cache.load(old_project)


def test_an_unchanged_project_is_read_once(old_project: Path, readings: list[Path]) -> None:
    cache = ProjectCache()

    assert cache.load(old_project) is cache.load(old_project)
    assert readings == [old_project]


def test_a_file_that_changed_just_now_may_change_again_unseen_so_it_is_read_again(
    a_project: MakeProject, readings: list[Path]
) -> None:
    project, cache = a_project(), ProjectCache()

    assert cache.load(project) is cache.load(project)
    assert readings == [project, project]


def append(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write("# more\n")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda project: append(project / "aml_config/local.runconfig"), id="run configuration"),
        pytest.param(lambda project: append(project / "aml_config/local.compute"), id="compute target"),
        pytest.param(lambda project: append(project / "aml_config/new.runconfig"), id="new file"),
        pytest.param(lambda project: (project / "aml_config/local.compute").unlink(), id="file gone"),
        pytest.param(lambda project: append(project / "Config/conda.yml"), id="missing dependency file made"),
        pytest.param(lambda project: append(project / ".azureml/project.json"), id="identity made"),
    ],
)
def test_a_change_is_seen(old_project: Path, readings: list[Path], change: Callable[[Path], object]) -> None:
    cache = ProjectCache()
    cache.load(old_project)
    change(old_project)
    cache.load(old_project)

    assert readings == [old_project, old_project]


def test_a_change_of_a_used_dependency_file_is_seen(old_project: Path) -> None:
    cache = ProjectCache()
    append(old_project / "Config" / "conda.yml")
    assert cache.load(old_project).problems == ()

    (old_project / "Config" / "conda.yml").write_text("dependencies: numpy\n")

    assert [str(problem) for problem in cache.load(old_project).problems] == [
        "Config/conda.yml:1: dependencies: expected a list, got a single value - begin each entry with `- ` on a line "
        "of its own"
    ]


def test_a_package_more_in_a_used_dependency_file_is_another_project(old_project: Path) -> None:
    cache, conda = ProjectCache(), old_project / "Config" / "conda.yml"
    append(conda)
    conda.write_text("dependencies: [numpy]\n")
    before = cache.load(old_project)

    conda.write_text("dependencies: [numpy, pandas]\n")
    assert cache.load(old_project) is not before


def test_a_comment_more_in_a_used_dependency_file_is_none(old_project: Path) -> None:
    cache, conda = ProjectCache(), old_project / "Config" / "conda.yml"
    append(conda)
    before = cache.load(old_project)

    append(conda)
    assert cache.load(old_project) is before


def test_a_change_that_says_the_same_gives_the_same_object(old_project: Path) -> None:
    cache = ProjectCache()
    before = cache.load(old_project)
    append(old_project / "aml_config" / "junk.yml~")

    assert cache.load(old_project) is before


def test_many_threads_get_one_object(old_project: Path, readings: list[Path]) -> None:
    cache = ProjectCache()
    with ThreadPoolExecutor(8) as threads:
        projects = list(threads.map(lambda _: cache.load(old_project), range(64)))

    assert len(set(map(id, projects))) == 1
    assert readings == [old_project]
