"""The table of names, and the lists beside it."""

from __future__ import annotations

import inspect
import re

import pytest

from jupyter_workbench.environments import names
from jupyter_workbench.environments.conda_only import (
    CONDA_ONLY,
    LIBRARIES,
    STANDARD_LIBRARY,
    is_library,
    only_conda,
)
from jupyter_workbench.environments.names import PYPI_NAMES

NORMALISED = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def test_the_table_is_sorted_and_has_each_name_once():
    rows = re.findall(r'^ +"([^"]+)": "', inspect.getsource(names), re.MULTILINE)
    assert rows == sorted(set(rows))
    assert len(rows) == len(PYPI_NAMES)


def test_names_are_normalised():
    assert [name for name in PYPI_NAMES if not NORMALISED.fullmatch(name)] == []
    assert [name for name in PYPI_NAMES.values() if not NORMALISED.fullmatch(name.split("[")[0])] == []
    assert [name for name in {*CONDA_ONLY, *LIBRARIES} if not NORMALISED.fullmatch(name)] == []


def test_no_name_means_two_things():
    assert PYPI_NAMES.keys() & CONDA_ONLY.keys() == set()
    assert PYPI_NAMES.keys() & LIBRARIES == set()
    assert CONDA_ONLY.keys() & LIBRARIES == set()


def test_no_module_of_the_standard_library_is_taken_for_a_package():
    assert PYPI_NAMES.keys() & STANDARD_LIBRARY == set()


@pytest.mark.parametrize(
    ("conda", "pypi"),
    [
        ("pytorch", "torch"),
        ("matplotlib-base", "matplotlib"),
        ("opencv", "opencv-python-headless"),
        ("py-xgboost", "xgboost"),
        ("msgpack-python", "msgpack"),
        ("pytables", "tables"),
        ("tensorflow-gpu", "tensorflow[and-cuda]"),
        ("dask-core", "dask"),
        ("python-graphviz", "graphviz"),
        ("pyyaml", "pyyaml"),
        ("iris", "scitools-iris"),
        ("faiss", "faiss-cpu"),
    ],
)
def test_a_package_may_have_another_name_on_pypi(conda, pypi):
    assert PYPI_NAMES[conda] == pypi


@pytest.mark.parametrize("name", ["zlib", "openssl", "mkl", "libgcc-ng", "libopenblas", "xorg-libx11"])
def test_libraries_in_c_come_with_wheels(name):
    assert is_library(name)


@pytest.mark.parametrize(
    "name", ["r-base", "r-ggplot2", "cudatoolkit", "cuda-nvcc", "openjdk", "gcc-linux-64", "graphviz"]
)
def test_what_only_conda_has_is_known_with_a_reason(name):
    assert only_conda(name)


def test_of_what_is_not_known_nothing_is_said():
    assert only_conda("numpy") is None
