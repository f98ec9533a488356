"""The program that runs beside the volume, on a folder of this machine."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest

from jupyter_workbench.targets.docker.building import shelf_program

KIB = 1024


@pytest.fixture
def volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("environments", "cache", "compiled"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(shelf_program, name.upper(), tmp_path / name)
    (tmp_path / "cache" / ".lock").touch()
    return tmp_path


def a_package(volume: Path, name: str, size: int) -> Path:
    """Make a package in uv's cache."""
    module = volume / "cache" / "archive-v0" / name / f"{name}.py"
    module.parent.mkdir(parents=True)
    module.write_bytes(b"#" * size)
    return module


def a_library(volume: Path, image: str) -> Path:
    """Make compiled files of an image's library."""
    compiled = volume / "compiled" / image / "3.11" / "usr" / "lib" / "os.pyc"
    compiled.parent.mkdir(parents=True)
    compiled.write_bytes(b"#" * 100 * KIB)
    return compiled


def an_environment(volume: Path, name: str, *modules: Path, is_ready: bool = True, image: str | None = None) -> Path:
    """Make an environment with links to packages of the cache."""
    folder = volume / "environments" / name
    folder.mkdir()
    for module in modules:
        os.link(module, folder / module.name)
    if is_ready:
        (folder / "ready.json").write_text(
            json.dumps({"python": "3.11.2", "compiled": image and f"/jupyter-workbench/compiled/{image}"})
        )
    return folder


def sizes(name: str) -> tuple[int, int]:
    (found,) = [found for found in shelf_program.main("list") if found["fingerprint"] == name]
    return found["size"] // KIB, found["bytes"] // KIB


def test_a_package_of_two_environments_is_nobodys_own(volume: Path) -> None:
    shared, own = a_package(volume, "shared", 100 * KIB), a_package(volume, "own", 1000 * KIB)
    an_environment(volume, "one", shared, own)
    an_environment(volume, "two", shared)

    assert sizes("one") == (1104, 1004)
    assert sizes("two") == (104, 4)


def test_what_is_half_built_is_not_listed(volume: Path) -> None:
    an_environment(volume, "half", is_ready=False)
    an_environment(volume, "one.new")
    an_environment(volume, "one.old")

    assert shelf_program.main("list") == []


def test_what_only_the_removed_one_had_leaves_the_cache(volume: Path) -> None:
    shared, own = a_package(volume, "shared", 100 * KIB), a_package(volume, "own", 1000 * KIB)
    one, two = an_environment(volume, "one", shared, own), an_environment(volume, "two", shared)

    removal = shelf_program.main("remove", "one", "nobody")

    assert removal["removed"] == ["one"]
    assert 1000 <= removal["bytes"] // KIB <= 1012  # folders take some, too
    assert not one.exists()
    assert not own.exists()
    assert (two / "shared.py").exists()
    assert shared.exists()


def test_the_cache_is_left_alone_while_uv_works(volume: Path) -> None:
    own = a_package(volume, "own", KIB)
    an_environment(volume, "one", own)
    with (volume / "cache" / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # as uv does

        assert shelf_program.main("remove", "one")["removed"] == ["one"]

    assert own.exists()


def test_what_a_killed_builder_left_goes_but_what_is_complete_stays(volume: Path) -> None:
    complete, half = an_environment(volume, "one"), an_environment(volume, "two", is_ready=False)
    upgrade = an_environment(volume, "one.new")

    shelf_program.main("unfinished", "one", "two")

    assert [complete.exists(), half.exists(), upgrade.exists()] == [True, False, False]


def test_a_sweep_passes_over_what_is_being_built(volume: Path) -> None:
    left, being_built = an_environment(volume, "one", is_ready=False), an_environment(volume, "two", is_ready=False)
    upgrade = an_environment(volume, "two.new", is_ready=False)

    shelf_program.main("sweep", "two")

    assert [left.exists(), being_built.exists(), upgrade.exists()] == [False, True, True]


def test_it_runs_on_the_oldest_python_of_images() -> None:
    """No newer syntax: `ast` knows that of older versions."""
    import ast

    ast.parse(Path(shelf_program.__file__).read_text("utf-8"), feature_version=(3, 8))


def test_what_is_compiled_for_an_image_goes_with_its_last_environment(volume: Path) -> None:
    an_environment(volume, "one", image="slim")
    an_environment(volume, "two", image="slim")
    an_environment(volume, "three", image="other")
    slim, other = a_library(volume, "slim"), a_library(volume, "other")

    shelf_program.main("remove", "one")
    assert slim.exists()

    assert shelf_program.main("remove", "two")["bytes"] >= 100 * KIB  # type: ignore[index]
    assert not slim.exists()
    assert other.exists()


def test_what_is_compiled_for_an_image_stays_while_something_is_built(volume: Path) -> None:
    an_environment(volume, "one", image="slim")
    an_environment(volume, "half", is_ready=False)
    slim = a_library(volume, "slim")

    shelf_program.main("remove", "one")

    assert slim.exists()
