"""The packages of Jupyter that we build on, against the versions that our own metadata asks for."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from jupyter_workbench.doctor.check import Check

SHOWN = ("jupyter-server", "jupyterlab", "jupyter-client", "ipykernel")


def checks(_: Path) -> Iterator[Check]:
    """Look at each package."""
    required = [Requirement(text) for text in importlib.metadata.requires("jupyter_workbench") or ()]
    for requirement in required:
        if canonicalize_name(requirement.name) in SHOWN:
            yield _installed(requirement)


def _installed(requirement: Requirement) -> Check:
    fix = f'{sys.executable} -m pip install --upgrade "{requirement}"'
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return Check.failure(requirement.name, "is not installed", fix)
    if not requirement.specifier.contains(version, prereleases=True):
        return Check.failure(requirement.name, f"{version} is older than what is needed, {requirement.specifier}", fix)
    return Check.ok(requirement.name, version)
