"""Which files of a project are ignored: as real git says."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from jupyter_workbench.targets.docker.copying.project_files import find_files

NAMES = ["a", "b", "ab", "a.py", "b.log", "x y", "build", "foo", "[z]", "#h", "!n", "é"]
WORDS = ["a", "b", "*", "*.py", "*.log", "a*", "?", "**", "build", "foo", "[ab]", "ab", "x\\ y", "x y", "\\#h", "\\!n"]
WORDS += ["[!a]", "[^a-b]*", "*b", "é", "a.*", "**b", "a**", "[a-b]*", "foo\\", "[", "#h", " ", "a ", "\\[z\\]", "[z]"]
WORDS += ["[[:alpha:]]", "[[:punct:]z", "[]a]", "[a-]", "[\\]a]", "***"]


@pytest.fixture
def a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository of somebody whose git is not configured."""
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    folder = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def git_takes(folder: Path) -> set[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    said = subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout
    return {name for name in os.fsdecode(said).split("\0") if name}


def we_take(folder: Path) -> set[str]:
    return {path for path, item in find_files(folder).items.items() if item.kind != "folder"}


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


CASES = {
    "names at any depth": ("*.log\n", {"b.log", "deep/b.log", "deep/b.txt"}, {"deep/b.txt"}),
    "a path from here": ("/build\n", {"build/x", "deep/build/x"}, {"deep/build/x"}),
    "only folders": ("build/\n", {"build/x", "deep/build"}, {"deep/build"}),
    "all but one": ("*\n!*/\n!*.py\n", {"a.py", "b.txt", "deep/c.py", "deep/d.txt"}, {"a.py", "deep/c.py"}),
    "all in a folder but one": ("data/**\n!data/kept\n", {"data/kept", "data/x", "data/deep/y"}, {"data/kept"}),
    "nothing comes back out of a folder": ("data/\n!data/kept\n", {"data/kept", "x"}, {"x"}),
    "comments, blanks and the ends of Windows' lines": ("# c\r\n\r\n*.log  \r\n", {"b.log", "# c"}, {"# c"}),
    "a blank that is meant": ("x\\ \n", {"x ", "x"}, {"x"}),
    "lines that are no patterns": ("[\nfoo\\\n!\n/\n*.log\n", {"b.log", "foo", "["}, {"foo", "["}),
    "a mark at the beginning of the text": ("\ufeff*.log\n", {"b.log", "x"}, {"x"}),
    "classes": ("[[:digit:]]*\n[!a-y]\n", {"1x", "z", "b", "ab"}, {"b", "ab"}),
}


@pytest.mark.parametrize(("patterns", "files", "taken"), CASES.values(), ids=CASES)
def test_patterns_are_read_as_git_reads_them(
    a_repository: Path, patterns: str, files: set[str], taken: set[str]
) -> None:
    write(a_repository, **dict.fromkeys(files, "x"))
    (a_repository / ".gitignore").write_text(patterns, newline="")
    assert git_takes(a_repository) == we_take(a_repository)
    assert we_take(a_repository) - {".gitignore"} == taken


def test_no_tree_of_random_patterns_makes_a_difference(a_repository: Path) -> None:
    for seed in range(120):
        _grow(random.Random(seed), a_repository / f"tree {seed}", 0)
    assert we_take(a_repository) == git_takes(a_repository)


def _grow(chance: random.Random, folder: Path, depth: int) -> None:
    folder.mkdir(parents=True)
    for name in chance.sample(NAMES, chance.randint(1, 6)):
        if depth < 3 and chance.random() < 0.5:
            _grow(chance, folder / name, depth + 1)
        else:
            (folder / name).write_text("x")
    if chance.random() < (0.3 if depth else 0.9):
        lines = [_pattern(chance) for _ in range(chance.randint(1, 4))]
        (folder / ".gitignore").write_text(chance.choice(["\n", "\r\n"]).join(lines), newline="")


def _pattern(chance: random.Random) -> str:
    steps = [chance.choice(WORDS) for _ in range(chance.choice([1, 1, 1, 2, 3]))]
    first, last, negation = chance.random(), chance.random() < 0.3, chance.random() < 0.35
    start = "/" if first < 0.2 else "**/" if first < 0.3 else ""
    return ("!" if negation else "") + start + "/".join(steps) + ("/" if last else "")


def test_an_inner_file_of_patterns_overrules_an_outer_one(a_repository: Path) -> None:
    write(a_repository, **{".gitignore": "*.log\n", "deep__.gitignore": "!kept.log\n"})
    write(a_repository, **{"a.log": "", "deep__kept.log": "", "deep__b.log": ""})
    assert git_takes(a_repository) == we_take(a_repository) == {".gitignore", "deep/.gitignore", "deep/kept.log"}


def test_what_a_repository_says_above_a_project_holds_in_it(a_repository: Path) -> None:
    write(a_repository, **{".gitignore": "*.log\n/projects/iris/secret\n", ".git__info__exclude": "*.tmp\n"})
    write(a_repository, **dict.fromkeys(["projects__iris__x", "projects__iris__b.log", "projects__iris__c.tmp"], ""))
    write(a_repository, projects__iris__secret="")
    project = a_repository / "projects" / "iris"
    assert git_takes(project) == we_take(project) == {"x"}


def test_a_project_that_its_repository_ignores_as_a_whole_is_taken(a_repository: Path) -> None:
    write(a_repository, **{".gitignore": "/projects\n*.log\n", "projects__iris__x": "", "projects__iris__b.log": ""})
    assert we_take(a_repository / "projects" / "iris") == {"x", "b.log"}


def test_a_file_that_git_tracks_is_taken_though_a_pattern_names_it(a_repository: Path) -> None:
    write(a_repository, **{".gitignore": "*.log\n/build\n", "b.log": "", "c.log": "", "build__deep__kept": ""})
    subprocess.run(["git", "add", "-f", "b.log", "build/deep/kept"], cwd=a_repository, check=True)
    assert git_takes(a_repository) == we_take(a_repository) == {".gitignore", "b.log", "build/deep/kept"}


def test_without_git_patterns_alone_decide(a_repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(a_repository, **{".gitignore": "*.log\n", "b.log": "", "x": ""})
    subprocess.run(["git", "add", "-f", "b.log"], cwd=a_repository, check=True)
    monkeypatch.setenv("PATH", "")
    assert we_take(a_repository) == {".gitignore", "x"}


def test_no_program_that_a_repository_names_is_run(a_repository: Path, tmp_path: Path) -> None:
    write(a_repository, x="")
    program = f"touch {tmp_path / 'run'};"
    subprocess.run(["git", "config", "core.fsmonitor", program], cwd=a_repository, check=True)
    subprocess.run(["git", "-c", "core.fsmonitor=false", "add", "x"], cwd=a_repository, check=True)
    find_files(a_repository)
    assert not (tmp_path / "run").exists()


def test_a_link_in_the_place_of_gitignore_counts_as_none(a_repository: Path) -> None:
    write(a_repository, patterns="x\n", x="")
    (a_repository / ".gitignore").symlink_to("patterns")
    assert git_takes(a_repository) == we_take(a_repository) == {".gitignore", "patterns", "x"}


def test_patterns_hold_without_a_repository(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.log\n")
    write(tmp_path, **{"b.log": "", "x": ""})
    assert we_take(tmp_path) == {".gitignore", "x"}
