"""An image without compiled files of its library, as those of docker.io/python: what a kernel needs of it is kept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from building import Outcome, Volume

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
NOT_COPIED = (
    *("__pycache__", "test", "tests", "site-packages", "idlelib", "lib2to3", "tkinter", "ensurepip", "asyncio", "xml"),
    *("unittest", "distutils", "curses", "wsgiref", "pydoc_data", "turtledemo", "_pydecimal.py", "turtle.py", "email"),
)
KERNEL = "ipykernel.kernelapp"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A Python of which nothing is compiled: all its files are links to those of this one."""
    library = Path(os.__file__).parent
    copy = tmp_path / "image" / "lib" / library.name
    shutil.copytree(library, copy, ignore=shutil.ignore_patterns(*NOT_COPIED), copy_function=os.symlink)
    program = tmp_path / "image" / "bin" / "python3"
    program.parent.mkdir()
    shutil.copy(Path(sys._base_executable).resolve(), program)  # type: ignore[attr-defined]
    return tmp_path / "image"


@pytest.fixture
def volume(tmp_path: Path, an_index) -> Volume:
    an_index.add("ipykernel", "7.0", {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": "import wave\n"})
    return Volume(tmp_path / "volume", an_index.option)


@pytest.fixture
def compiled(volume: Volume) -> Path:
    """Where compiled files of the image's library are to be."""
    return volume.folder / "compiled" / "0123456789abcdef"


def build(volume: Volume, image: Path, compiled: Path, name: str = "one", *requirements: str) -> Outcome:
    return volume.build(name, "ipykernel", *requirements, python=str(image / "bin" / "python3"), compiled=str(compiled))


def place_of(module: str, image: Path, compiled: Path) -> Path:
    tag = sys.implementation.cache_tag
    return Path(f"{compiled}/{VERSION}{image}/lib/python{VERSION}/__pycache__/{module}.{tag}.pyc")


def forget_compiled(image: Path) -> None:
    """Do what a new container does."""
    for folder in list(image.rglob("__pycache__")):
        shutil.rmtree(folder)


def test_what_a_kernel_imports_is_kept_before_the_environment_is_ready(volume, image, compiled):
    words = ["ipykernel"]
    with volume.building("one", *words, python=str(image / "bin" / "python3"), compiled=str(compiled)) as running:
        for line in running.stdout:
            if "ready" in json.loads(line):
                break
        else:
            raise AssertionError("the builder failed")
        assert place_of("wave", image, compiled).is_file()
        assert place_of("wave", image, compiled).stat().st_mode & 0o444 == 0o444
        running.communicate()


def test_a_kernel_reads_what_is_kept(volume, image, compiled, inkernel_code):
    build(volume, image, compiled)
    forget_compiled(image)
    python = volume.environment("one") / "bin" / "python"
    code = f"{inkernel_code}; compiled.use({str(compiled)!r}); import {KERNEL}"
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    said = subprocess.run([python, "-B", "-v", "-c", code], capture_output=True, text=True, check=True, env=settings)
    assert f"code object from '{image}/lib/python{VERSION}/wave.py'" not in said.stderr
    assert "import 'wave' #" in said.stderr


def test_the_rest_of_the_library_follows(volume, image, compiled):
    build(volume, image, compiled)
    assert place_of("colorsys", image, compiled).is_file()


def test_nothing_of_an_environment_is_kept_there(volume, image, compiled):
    build(volume, image, compiled)
    assert list(compiled.rglob("kernelapp*")) == []
    assert list(volume.environment("one").rglob("kernelapp.*.pyc")) != []


def test_an_image_that_is_compiled_has_an_empty_folder(volume, image, compiled):
    build(volume, image, volume.folder / "compiled" / "before")  # compiles the library where it is
    build(volume, image, compiled, "two", "pip")
    assert list(compiled.rglob("*")) == [compiled / VERSION]


def test_a_second_environment_of_the_image_compiles_nothing_again(volume, image, compiled, an_index):
    an_index.add("numpy", "1.0")
    build(volume, image, compiled)
    before = place_of("wave", image, compiled).stat()
    forget_compiled(image)
    assert "Compiling what a kernel imports" not in build(volume, image, compiled, "two", "numpy").messages
    after = place_of("wave", image, compiled).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_environment_says_what_it_reads(volume, image, compiled):
    assert build(volume, image, compiled).ready["compiled"] == str(compiled)


def test_a_builder_that_is_not_told_where_keeps_nothing(volume, image):
    assert volume.build("one", "ipykernel", python=str(image / "bin" / "python3")).ready["compiled"] is None
    assert not (volume.folder / "compiled").exists()


@pytest.fixture
def inkernel_code() -> str:
    """Code that imports what a kernel reads compiled files with."""
    import jupyter_workbench

    folder = Path(jupyter_workbench.__file__).parent / "inkernel"
    return f"import sys; sys.path.append({str(folder)!r}); from workbench_kernel import compiled"
