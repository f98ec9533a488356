"""What runs in a kernel: one function a framework, from an interpreter to the command that starts the kernel.

Pure: nothing is started here and nothing is read. `{connection_file}` in a command is filled in by whoever starts it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TypeAlias

INKERNEL = Path(__file__).parent / "inkernel"
"""The folder that is shipped into kernels; a Python runs it like a script (it has a ``__main__.py``)."""


def python_kernel(python: PurePath, inkernel: PurePath, spool: PurePath) -> list[str]:
    """Return the command of an IPython kernel with our magics inside.

    ``python`` is the interpreter, ``inkernel`` our in-kernel package, and ``spool`` the folder that this kernel process
    writes its records to, all as the compute target sees them.
    """
    return [str(python), str(inkernel), "--spool", str(spool), "-f", "{connection_file}"]


def pyspark_kernel(python: PurePath, inkernel: PurePath, spool: PurePath) -> list[str]:
    """Return the command of the same kernel with Spark, which `spark.json` in ``spool`` describes."""
    command = python_kernel(python, inkernel, spool)
    return [*command[:2], "--spark", *command[2:]]


Framework: TypeAlias = Callable[[PurePath, PurePath, PurePath], list[str]]

FRAMEWORKS: Mapping[str, Framework] = MappingProxyType({"Python": python_kernel, "PySpark": pyspark_kernel})
"""Every framework that can become a kernel today, by the name that `Framework:` gives it."""
