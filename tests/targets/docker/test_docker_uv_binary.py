"""Which uv an engine gets; test_docker_environments runs the one of PyPI."""

from __future__ import annotations

import sys
from importlib.metadata import version

import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.building import uv_binary
from jupyter_workbench.targets.docker.building.uv_binary import choose


@pytest.fixture
def on_linux(monkeypatch: pytest.MonkeyPatch):
    def on(machine: str, platform: str = "linux", libc: str = "glibc") -> None:
        monkeypatch.setattr(uv_binary.platform, "machine", lambda: machine)
        monkeypatch.setattr(uv_binary.platform, "libc_ver", lambda: (libc, ""))
        monkeypatch.setattr(uv_binary.sys, "platform", platform)

    return on


def test_ours_where_it_runs(on_linux) -> None:
    on_linux("x86_64")
    assert str(choose("x86_64", is_musl=False).path) == f"/jupyter-workbench/bin/uv-{version('uv')}"


@pytest.mark.parametrize(
    ("machine", "platform", "libc", "is_musl"),
    [
        ("x86_64", "linux", "glibc", True),  # an image of Alpine
        ("aarch64", "linux", "glibc", False),  # an engine of another kind of machine
        ("x86_64", "linux", "", False),  # this machine is an Alpine
        ("AMD64", "win32", "", False),
        ("x86_64", "darwin", "", False),
    ],
)
def test_a_static_one_elsewhere(on_linux, machine: str, platform: str, libc: str, is_musl: bool) -> None:
    on_linux(machine, platform, libc)
    found = choose("x86_64", is_musl=is_musl)
    assert str(found.path) == f"/jupyter-workbench/bin/uv-{version('uv')}-x86_64-static"


async def test_one_that_cannot_be_downloaded_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('ERROR: No matching distribution found for uv')"]
    monkeypatch.setattr(uv_binary, "_command", lambda *_: command)

    with pytest.raises(TargetError) as raised:
        await choose("riscv64", is_musl=True).content({})

    assert str(raised.value) == (
        f"expected uv {version('uv')} for the engine's machine (riscv64) from PyPI, got: ERROR: No matching "
        "distribution found for uv - check the network and the index settings of this machine"
    )
