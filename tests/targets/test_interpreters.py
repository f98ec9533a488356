"""Which Python a local kernel runs in."""

from __future__ import annotations

import os
import sys
import venv
from pathlib import Path

import pytest

from jupyter_workbench.targets.interpreters import Choice, UnusableInterpreter, choose


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A virtual environment without ipykernel."""
    venv.create(tmp_path / "bare", with_pip=False)
    return tmp_path / "bare" / "bin" / "python"


@pytest.fixture
def script(tmp_path: Path):
    """Write an executable that plays an interpreter."""

    def write(body: str, mode: int = 0o755) -> Path:
        path = tmp_path / "fake-python"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(mode)
        return path

    return write


async def refusal(location: str, environment: dict[str, str], project: Path) -> str:
    with pytest.raises(UnusableInterpreter) as error:
        await choose(location, environment, project)
    return str(error.value)


async def test_an_explicit_interpreter_that_does_not_exist_is_refused(tmp_path):
    assert await refusal("/no/such/python", {}, tmp_path) == (
        "expected a Python interpreter, got /no/such/python, which does not exist - "
        "name one that does, or `python` for the active one"
    )


async def test_an_explicit_interpreter_without_ipykernel_is_refused_with_the_command_that_installs_it(bare, tmp_path):
    assert await refusal(str(bare), {}, tmp_path) == (
        f"expected a Python with ipykernel, got {bare}, which has none - run: {bare} -m pip install ipykernel"
    )


async def test_a_folder_is_refused_and_the_interpreter_in_it_is_named(bare, tmp_path):
    assert await refusal(str(tmp_path / "bare"), {}, tmp_path) == (
        f"expected a Python interpreter, got the folder {tmp_path / 'bare'} - name the interpreter in it: {bare}"
    )


async def test_a_file_that_is_not_executable_is_refused(script, tmp_path):
    python = script("", mode=0o644)
    assert await refusal(str(python), {}, tmp_path) == (
        f"expected a Python interpreter, got {python}, which is not executable - run: chmod +x {python}"
    )


async def test_a_program_that_is_no_python_is_refused(script, tmp_path):
    python = script("echo hello")
    assert await refusal(str(python), {}, tmp_path) == (
        f"expected a Python interpreter, got {python}, which did not answer as one (unexpected output) - "
        f"run: {python} --version"
    )


async def test_a_program_that_fails_is_refused_with_its_exit_code(script, tmp_path):
    python = script("exit 7")
    assert await refusal(str(python), {}, tmp_path) == (
        f"expected a Python interpreter, got {python}, which did not answer as one (exit code 7) - "
        f"run: {python} --version"
    )


async def test_a_python_that_is_too_old_is_refused(script, tmp_path):
    python = script("echo 3 6 True")
    assert await refusal(str(python), {}, tmp_path) == (
        f"expected Python 3.8 or newer, got {python}, which is Python 3.6 - name a newer one"
    )


async def test_a_name_that_is_not_on_the_path_is_refused(tmp_path):
    assert await refusal("python9", {}, tmp_path) == (
        "expected a Python interpreter, got python9, which is not on the PATH - "
        "write its whole path, or `python` for the active one"
    )


async def test_an_interpreter_becomes_usable_when_it_is_mended(script, tmp_path):
    await refusal(str(script("echo 3 12 False")), {}, tmp_path)
    python = script("echo 3 12 True")
    assert await choose(str(python), {}, tmp_path) == Choice(python)


async def test_a_path_may_begin_with_the_home_folder(script, tmp_path, monkeypatch):
    python = script("echo 3 12 True")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert await choose("~/fake-python", {}, Path("/elsewhere")) == Choice(python)


async def test_a_relative_path_begins_at_the_project(script, tmp_path):
    python = script("echo 3 12 True")
    assert await choose("./fake-python", {}, tmp_path) == Choice(python)


async def test_the_bare_word_python_is_the_servers_own_when_nothing_is_active(tmp_path):
    assert await choose("python", {}, tmp_path) == Choice(Path(sys.executable))


async def test_no_python_location_is_the_bare_word(tmp_path):
    assert await choose(None, {}, tmp_path) == Choice(Path(sys.executable))


async def test_the_bare_word_python_is_the_active_virtual_environments(script, tmp_path):
    environment = tmp_path / "active"
    (environment / "bin").mkdir(parents=True)
    python = script("echo 3 12 True").rename(environment / "bin" / "python")
    assert await choose("python", {"VIRTUAL_ENV": str(environment), "CONDA_PREFIX": "/conda"}, tmp_path) == Choice(
        python
    )


async def test_the_bare_word_python_is_condas_when_no_virtual_environment_is_active(script, tmp_path):
    environment = tmp_path / "conda"
    (environment / "bin").mkdir(parents=True)
    python = script("echo 3 12 True").rename(environment / "bin" / "python")
    assert await choose("python", {"CONDA_PREFIX": str(environment)}, tmp_path) == Choice(python)


async def test_an_active_environment_without_ipykernel_gives_way_to_the_servers_in_one_line(bare, tmp_path):
    choice = await choose("python", {"VIRTUAL_ENV": str(tmp_path / "bare")}, tmp_path)
    assert choice == Choice(
        Path(sys.executable),
        f"pythonLocation: expected a Python with ipykernel, got {bare}, which has none - "
        f"run: {bare} -m pip install ipykernel. This kernel runs in the server's own Python, {sys.executable}.",
    )


async def test_the_servers_own_python_is_known_by_any_of_its_names(tmp_path):
    own = os.path.realpath(sys.executable)
    names = Path(sys.executable).parent.glob("python3*")
    other = next(path for path in names if os.path.realpath(path) == own and str(path) != sys.executable)
    assert await choose(str(other), {}, tmp_path) == Choice(other)


async def test_a_module_of_the_project_does_not_pass_for_ipykernel(bare, tmp_path, monkeypatch):
    (tmp_path / "ipykernel.py").write_text("")
    monkeypatch.chdir(tmp_path)
    assert "which has none" in await refusal(str(bare), {}, tmp_path)
