"""The oldest versions that a kernel of ours runs on, and the oldest Python that anybody still serves."""

from __future__ import annotations

OLDEST_PYTHON = (3, 8)
"""Of kernels, and of the Pythons that uv downloads (https://docs.astral.sh/uv/concepts/python-versions/)."""

OLDEST_IPYKERNEL = (5, 5)
"""The oldest ipykernel that our magics and today's Jupyter work with."""

OLDEST_PIP = (19, 3)
"""The first pip that can install manylinux2014 wheels, the oldest kind that packages still publish."""


def dotted(version: tuple[int, ...]) -> str:
    """Write ``3.8``."""
    return ".".join(map(str, version))
