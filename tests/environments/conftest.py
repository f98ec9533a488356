"""Dependency files that tests write, and a package index of their own: wheels of a few bytes, made on the spot."""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from jupyter_workbench.config.models import RunConfiguration
from jupyter_workbench.environments.spec import EnvironmentSpec, read_spec
from jupyter_workbench.errors import ConfigurationError

FILE = "aml_config/conda_dependencies.yml"
A_KERNEL = {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": "import helper\n", "helper.py": "VALUE = 1\n"}
"""Modules of a package that plays ipykernel."""


@pytest.fixture
def a_project(tmp_path: Path) -> Path:
    (tmp_path / "iris" / "aml_config").mkdir(parents=True)
    return tmp_path / "iris"


@pytest.fixture
def spec_of(a_project: Path) -> Callable[[str], EnvironmentSpec]:
    """Read a dependency file of this text."""

    def read(text: str) -> EnvironmentSpec:
        (a_project / FILE).write_text(dedent(text))
        return read_spec(a_project, RunConfiguration(name="docker", target="docker", framework="Python"))

    return read


@pytest.fixture
def lines_of(spec_of: Callable[[str], EnvironmentSpec]) -> Callable[..., list[str]]:
    """Return what uv is given for entries of conda's list, or of pip's; what we add left out."""

    def lines(*entries: str, pip: Sequence[str] = ()) -> list[str]:
        spec = spec_of(_text(entries, pip))
        return [requirement.text for requirement in spec.requirements if requirement.line]

    return lines


@pytest.fixture
def refusal_of(spec_of: Callable[[str], EnvironmentSpec]) -> Callable[..., str]:
    """Return why entries of conda's list, or of pip's, are refused."""

    def refusal(*entries: str, pip: Sequence[str] = ()) -> str:
        with pytest.raises(ConfigurationError) as error:
            spec_of(_text(entries, pip))
        return str(error.value)

    return refusal


def _text(entries: Sequence[str], pip: Sequence[str]) -> str:
    lines = ["dependencies:", *(f"  - {_quoted(entry)}" for entry in entries)]
    if pip:
        lines += ["  - pip:", *(f"    - {_quoted(entry)}" for entry in pip)]
    return "\n".join(lines) + "\n"


def _quoted(entry: str) -> str:
    return "'{}'".format(entry.replace("'", "''"))


class Index:
    """A package index in a folder. https://packaging.python.org/en/latest/specifications/simple-repository-api/"""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.add("ipykernel", "7.0", A_KERNEL)
        self.add("pip", "26.0")

    @property
    def option(self) -> str:
        return f"--index-url {self.folder.as_uri()}"

    def add(self, name: str, version: str, modules: Mapping[str, str] = {}, requires: Sequence[str] = ()) -> Path:
        """Publish a wheel; a package without modules of its own has one of its name."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        wheel = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        self._write(
            wheel, name, version, modules or {f"{name.replace('-', '_')}.py": f"VERSION = {version!r}\n"}, requires
        )
        self._list(folder)
        return wheel

    def publish(self, name: str, file: Path) -> None:
        """Publish a file that a test has made."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        os.link(file, folder / file.name)
        self._list(folder)

    def _list(self, folder: Path) -> None:
        links = (f'<a href="{file.name}">{file.name}</a><br/>' for file in sorted(folder.iterdir()))
        (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>")

    def _write(self, wheel: Path, name: str, version: str, modules: Mapping[str, str], requires: Sequence[str]) -> None:
        info = f"{name.replace('-', '_')}-{version}.dist-info"
        needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
        files = {
            **modules,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
                archive.writestr(path, text)


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def an_index(tmp_path: Path) -> Index:
    """A package index that has something that plays ipykernel, and pip."""
    return Index(tmp_path / "index")
