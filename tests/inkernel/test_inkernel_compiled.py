"""Compiled files of the standard library may be in a folder; those of all other modules stay where Python has them."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from workbench_kernel.compiled import take

LIBRARY = Path(os.__file__).parent
MODULE = "this"
"""A module of the library that nothing imports by itself, and that prints when it is imported."""

OPENED = """
import sys
{before}
opened = []
sys.addaudithook(lambda event, details: event == "open" and opened.append(str(details[0])))
import {module}
print("\\n".join(opened))
"""


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """A folder in which `MODULE` of this Python is compiled."""
    source = str(LIBRARY / f"{MODULE}.py")
    py_compile.compile(source, str(place_of(tmp_path / "compiled", source)), doraise=True)
    return tmp_path / "compiled"


def place_of(folder: Path, source: str) -> Path:
    return Path(f"{folder}/{sys.version_info[0]}.{sys.version_info[1]}{cache_from_source(source)}")


def run(inkernel, code: str, cwd: Path) -> list[str]:
    command = [sys.executable, "-c", f"import sys; sys.path.append({str(inkernel)!r})\n{code}"]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd, env=settings)
    return done.stdout.splitlines()


def opened_by(inkernel, module: str, folder: Path, cwd: Path) -> list[str]:
    """Return the files that an import opens when compiled files may be in a folder."""
    before = f"from workbench_kernel import compiled; compiled.use({str(folder)!r})"
    return run(inkernel, OPENED.format(before=before, module=module), cwd)


def test_a_module_of_the_library_is_read_from_the_folder(inkernel, compiled, tmp_path):
    opened = opened_by(inkernel, MODULE, compiled, tmp_path)
    place = str(place_of(compiled, str(LIBRARY / f"{MODULE}.py")))
    assert place in opened
    assert str(LIBRARY / f"{MODULE}.py") not in opened


def test_a_module_that_is_not_compiled_there_is_read_as_always(inkernel, compiled, tmp_path):
    code = f"{_use(compiled)}; import colorsys; print(type(colorsys.__loader__).__name__, colorsys.ONE_THIRD < 1)"
    assert run(inkernel, code, tmp_path) == ["LibraryLoader True"]


def test_a_file_of_another_source_does_not_count(inkernel, compiled, tmp_path):
    place = place_of(compiled, str(LIBRARY / f"{MODULE}.py"))
    content = bytearray(place.read_bytes())
    content[8] ^= 1  # the time of its source: https://peps.python.org/pep-0552/
    place.write_bytes(bytes(content))
    opened = opened_by(inkernel, MODULE, compiled, tmp_path)
    assert str(LIBRARY / f"{MODULE}.py") in opened


def test_a_file_of_another_python_does_not_count(inkernel, compiled, tmp_path):
    place_of(compiled, str(LIBRARY / f"{MODULE}.py")).write_bytes(b"\x00" * 64)
    assert str(LIBRARY / f"{MODULE}.py") in opened_by(inkernel, MODULE, compiled, tmp_path)


def test_a_folder_that_is_not_there_changes_nothing(inkernel, tmp_path):
    code = f"hooks = list(sys.path_hooks); {_use(tmp_path / 'none')}; print(hooks == sys.path_hooks)"
    assert run(inkernel, code, tmp_path) == ["True"]


def test_modules_of_the_user_are_compiled_beside_their_source(inkernel, compiled, tmp_path):
    (tmp_path / "mine.py").write_text("VALUE = 1\n")
    code = f"{_use(compiled)}; sys.path.insert(0, ''); import mine; print(type(mine.__loader__).__name__)"
    assert run(inkernel, code, tmp_path) == ["SourceFileLoader"]
    assert [path.name for path in (tmp_path / "__pycache__").iterdir()] == [Path(cache_from_source("mine.py")).name]
    assert list(compiled.rglob("mine*")) == []


def test_packages_below_the_library_are_none_of_it(inkernel, compiled, tmp_path):
    code = f"{_use(compiled)}; import importlib.machinery as m; print(m.PathFinder.find_spec('pip', sys.path))"
    assert "LibraryLoader" not in "".join(run(inkernel, code, tmp_path))


def test_modules_of_the_library_can_still_be_listed_and_run(inkernel, compiled, tmp_path):
    code = (
        f"{_use(compiled)}; import pkgutil, json, runpy, inspect\n"
        "print([module.name for module in pkgutil.iter_modules(json.__path__) if module.name == 'decoder'])\n"
        "print(inspect.getsource(json.dumps).split('(')[0], bool(runpy.run_module('json.scanner')))"
    )
    assert run(inkernel, code, tmp_path) == ["['decoder']", "def dumps True"]


def test_the_option_is_taken_from_the_arguments(tmp_path):
    folder = str(tmp_path / "none")
    assert take(["--spool", "/s", "--compiled", folder, "-f", "a.json"]) == ["--spool", "/s", "-f", "a.json"]
    assert take(["--spool", "/s"]) == ["--spool", "/s"]


def test_a_kernel_runs_with_such_a_folder(start_kernel, make_spool, inkernel, compiled, python):
    spool = make_spool()
    words = ["--spool", str(spool), "-f", "{connection_file}", "--compiled", str(compiled)]
    kernel = start_kernel(spool, argv=[python, str(inkernel), *words])
    assert kernel.run("import json; print(json.dumps(1))").stdout == "1\n"


def _use(folder: Path) -> str:
    return f"from workbench_kernel import compiled; compiled.use({str(folder)!r})"
