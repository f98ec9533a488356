"""Files that are no texts, too large or out of reach are problems, found quickly; none makes loading raise."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from jupyter_workbench.config.project import load

MakeProject = Callable[..., Path]


def problems(project: Path) -> list[str]:
    return [str(problem) for problem in load(project).problems]


def test_a_file_of_ten_megabytes_is_a_problem_at_once(a_project: MakeProject) -> None:
    project = a_project({"big.runconfig": b"- x\n" * 2_621_440})
    start = perf_counter()

    assert problems(project) == [
        "aml_config/big.runconfig: expected at most 1 MB of settings, got 10 MB - keep only settings in this file"
    ]
    assert perf_counter() - start < 1


def test_a_megabyte_of_brackets_is_a_problem_at_once(a_project: MakeProject) -> None:
    project = a_project({"big.runconfig": b"Target: [" + b"a," * 500_000})
    start = perf_counter()

    assert problems(project) == [
        "aml_config/big.runconfig:1: expected at most 10000 values, got more - shorten the file or its aliases"
    ]
    assert perf_counter() - start < 2


def test_a_binary_file_is_a_problem(a_project: MakeProject) -> None:
    assert problems(a_project({"image.compute": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"})) == [
        "aml_config/image.compute: expected text, got a binary file - remove it or restore the text"
    ]


def test_another_encoding_is_a_problem_with_its_line(a_project: MakeProject) -> None:
    assert problems(a_project({"local.runconfig": "Target: local\nDescription: Zürich\n".encode("latin-1")})) == [
        "aml_config/local.runconfig:2: expected UTF-8 text, got another encoding on this line - save the file as UTF-8"
    ]


def test_a_folder_in_place_of_a_file_is_a_problem(a_project: MakeProject) -> None:
    project = a_project()
    (project / "aml_config" / "folder.runconfig").mkdir()

    assert problems(project) == ["aml_config/folder.runconfig: expected a file, got a folder - rename or remove it"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_a_file_is_a_problem_and_not_waited_for(a_project: MakeProject) -> None:
    project = a_project()
    os.mkfifo(project / "aml_config" / "pipe.runconfig")

    assert problems(project) == ["aml_config/pipe.runconfig: expected a file, got a pipe or a device - remove it"]


def test_a_link_in_a_circle_is_a_problem(a_project: MakeProject) -> None:
    project = a_project()
    (project / "aml_config" / "circle.runconfig").symlink_to("circle.runconfig")

    assert problems(project) == [
        "aml_config/circle.runconfig: expected a file, got a link that leads in a circle - remove the link"
    ]


def test_a_link_to_nothing_is_a_problem(a_project: MakeProject) -> None:
    project = a_project()
    (project / "aml_config" / "gone.compute").symlink_to("nowhere")

    assert problems(project) == ["aml_config/gone.compute: expected a file, got none - create it, or mend the link"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_a_problem(a_project: MakeProject) -> None:
    project = a_project()
    (project / "aml_config" / "local.runconfig").chmod(0)

    assert problems(project) == [
        "aml_config/local.runconfig: expected a file, got one that you may not read - change its permissions"
    ]


def test_a_file_that_the_system_refuses_to_open_is_a_problem(
    a_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    project = a_project()
    monkeypatch.setattr(Path, "open", refuse)

    assert problems(project) == [
        "aml_config/local.compute: expected a file, got one that you may not read - change its permissions",
        "aml_config/local.runconfig: expected a file, got one that you may not read - change its permissions",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["final newline", "no final newline"])
def test_marks_line_ends_and_a_missing_last_newline_make_no_difference(
    a_project: MakeProject, encoding: str, line_end: str, last: bool
) -> None:
    lines = ["Target: local", "Framework: Python", "EnvironmentVariables:", "  CITY: Zürich"]
    text = line_end.join(lines) + (line_end if last else "")
    project = load(a_project({"local.runconfig": text.encode(encoding)}))

    configuration = project.entry("local").configuration
    assert configuration is not None
    assert configuration.environment_variables == {"CITY": "Zürich"}
    assert project.problems == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_no_text_is_shown_as_far_as_it_is(a_project: MakeProject) -> None:
    project = a_project()
    (project / "aml_config" / os.fsdecode(b"caf\xe9.runconfig")).write_text("Target: local\nFramework: Python\n")
    (project / "aml_config" / "li\nne.runconfig").write_text("Target: local\nFramework: Python\n")

    assert [entry.name for entry in load(project).entries] == ["caf\ufffd", "li\ufffdne", "local"]
