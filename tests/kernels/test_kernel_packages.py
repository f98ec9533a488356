"""The packages of a kernel's own Python: listed by it, remembered until an installation changes its folders."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from jupyter_workbench.kernels import packages as packages_module
from jupyter_workbench.kernels.packages import KernelPackages

PYTHON = Path(sys.executable)


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages_module, "_known", {})


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder on the kernel's PYTHONPATH, with a package in it."""
    library = tmp_path / "library"
    library.mkdir()
    install(library, "churn", "1.0")
    return library


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Which interpreters were asked."""
    asked: list[Path] = []
    printed = packages_module._printed

    async def counted(python, environment):
        asked.append(python)
        return await printed(python, environment)

    monkeypatch.setattr(packages_module, "_printed", counted)
    return asked


def install(library: Path, name: str, version: str) -> None:
    folder = library / f"{name}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def packages_of(library: Path, python: Path = PYTHON) -> KernelPackages:
    environment = {**os.environ, "PYTHONPATH": str(library)}
    return KernelPackages(python, environment, is_elsewhere=False)


def a_script(folder: Path, text: str) -> Path:
    script = folder / "python"
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)
    return script


async def test_the_packages_are_those_that_the_kernel_sees(library):
    listed = await packages_of(library)()
    assert "churn==1.0" in listed
    assert any(line.startswith("pytest==") for line in listed)


async def test_an_unchanged_environment_is_listed_once_for_all_kernels(library, asked):
    assert await packages_of(library)() == await packages_of(library)()
    assert asked == [PYTHON]


async def test_what_was_installed_since_is_listed_at_the_next_run(library, asked):
    packages = packages_of(library)
    await packages()
    install(library, "taxi", "2.0")
    assert "taxi==2.0" in await packages()
    assert len(asked) == 2


async def test_half_of_a_package_keeps_no_other_from_being_listed(library):
    (library / "broken-1.0.dist-info").mkdir()
    assert "churn==1.0" in await packages_of(library)()


async def test_no_module_of_the_project_is_imported(library, tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit('imported')")
    (library / "json.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    assert "churn==1.0" in await packages_of(library)()


async def test_a_python_that_cannot_tell_is_not_asked_again_with_every_cell(library, tmp_path, asked, caplog):
    python = a_script(tmp_path, "exit 3")
    packages = packages_of(library, python)
    assert [await packages(), await packages()] == [None, None]
    assert len(asked) == 1
    assert caplog.messages == [f"The packages of {python} cannot be listed: exit code 3"]


async def test_a_python_that_nobody_waited_for_is_not_asked_again_with_every_cell(library, tmp_path, asked):
    packages = packages_of(library, a_script(tmp_path, "exec sleep 600"))
    asking = asyncio.ensure_future(packages())
    while not asked:
        await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.wait([asking])
    assert await packages() is None
    assert len(asked) == 1


async def test_a_python_that_never_stops_talking_is_not_listened_to(library, tmp_path, caplog):
    python = a_script(tmp_path, "exec yes")
    assert await asyncio.wait_for(packages_of(library, python)(), 20) is None
    assert caplog.messages == [f"The packages of {python} cannot be listed: it said too much"]


async def test_a_kernel_that_ends_does_not_wait_for_its_list(library, tmp_path):
    python = a_script(tmp_path, f"echo $$ > {tmp_path}/pid\nexec sleep 600")
    asking = asyncio.ensure_future(packages_of(library, python)())
    deadline = time.monotonic() + 20
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.wait([asking])
    pid = int((tmp_path / "pid").read_text())
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_a_kernel_elsewhere_is_asked_there_once_it_runs():
    class Elsewhere:
        async def packages(self) -> tuple[str, ...]:
            return ("numpy==2.0",)

    packages = KernelPackages(Path("/azureml-kernel/venv/bin/python"), {}, is_elsewhere=True)
    assert await packages() is None
    packages.running = Elsewhere()
    assert await packages() == ("numpy==2.0",)


async def test_a_python_that_is_stopped_is_seen_to_its_end(library, tmp_path):
    """One that nobody sees to its end stays behind as a zombie, and its pipe open."""
    children = set(psutil.Process().children())
    await packages_of(library, a_script(tmp_path, "exec yes"))()
    assert set(psutil.Process().children()) <= children
