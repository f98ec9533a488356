"""How kernels are named: as notebooks of 2017 recorded it, made valid, unique and stable."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from jupyter_workbench.config.project import Project

UNSAFE = re.compile(r"[^a-z0-9._-]")


def kernel_name(display_name: str) -> str:
    """Return the kernel name of a display name: lower case, blanks as ``_``.

    Real notebooks recorded ``myiris_docker-python`` for ``myIris docker-python``. What Jupyter does not allow in a
    name (`[a-z0-9._-]` is allowed) loses its accent or becomes ``-``, and a short digest of the display name tells
    such names apart.
    """
    plain = display_name.lower().replace(" ", "_")
    safe = UNSAFE.sub("-", _without_accents(plain))
    return safe if safe == plain else f"{safe.lstrip('-_.') or 'kernel'}-{_digest(display_name)}"


def unique_kernel_name(display_name: str, directory: Path, taken: Collection[str]) -> str:
    """Return the kernel name, with a digest of where the project is when another kernel has that name already."""
    name = kernel_name(display_name)
    return name if name not in taken else f"{name}-{_digest(f'{directory} {display_name}')}"


def project_labels(projects: Sequence[Project]) -> dict[Path, str]:
    """Return how each project is called in display names: its name, and its folder too where names are the same."""
    count = Counter(project.name for project in projects)
    return {
        project.directory: project.name if count[project.name] == 1 else f"{project.name} ({_place(project, projects)})"
        for project in projects
    }


def _place(project: Project, projects: Sequence[Project]) -> str:
    """Return the shortest tail of the project's path that no namesake shares."""
    namesakes = [other.directory for other in projects if other.name == project.name and other is not project]
    parts = project.directory.parts
    for length in range(1, len(parts) + 1):
        tail = parts[-length:]
        if all(other.parts[-length:] != tail for other in namesakes):
            return "/".join(tail)
    return str(project.directory)


def _without_accents(text: str) -> str:
    return "".join(
        character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character)
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:6]
