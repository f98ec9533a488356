"""Maven repositories of a test's own: folders with packages of a few bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path


def publish(repository: Path, coordinate: str, *needs: str) -> None:
    """Put a package (``group:artifact:version``) into a repository; its jar has one file of its name."""
    group, artifact, version = coordinate.split(":")
    folder = Path(repository, *group.split("."), artifact, version)
    folder.mkdir(parents=True)
    (folder / f"{artifact}-{version}.pom").write_text(_pom(coordinate, needs))
    with zipfile.ZipFile(folder / f"{artifact}-{version}.jar", "w") as jar:
        jar.writestr(f"{artifact}.txt", coordinate)


def _pom(coordinate: str, needs: Sequence[str]) -> str:
    dependencies = "".join(f"<dependency>{_xml(need)}</dependency>" for need in needs)
    return (
        f"<project><modelVersion>4.0.0</modelVersion>{_xml(coordinate)}"
        f"<dependencies>{dependencies}</dependencies></project>"
    )


def _xml(coordinate: str) -> str:
    group, artifact, version = coordinate.split(":")
    return f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
