"""Projects whose kernels run in containers."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_workbench.kernels.preparing import prepare_environment
from jupyter_workbench.targets.docker.building.build import compiled
from jupyter_workbench.targets.progress import quiet

CONDA_FILE = "dependencies:\n- pip:\n  - six\n"


def docker_project(folder: Path, image: str, *, compute: str = "", configuration: str = "", conda: str = "") -> Path:
    """Write a project with the run configuration `docker`; the texts are added to its files."""
    settings = folder / "aml_config"
    settings.mkdir(parents=True)
    (settings / "docker.compute").write_text(
        f"type: localdocker\nbaseDockerImage: {image}\nnativeSharedDirectory: {folder.parent / 'share'}\n{compute}"
    )
    (settings / "docker.runconfig").write_text(f"Target: docker\nFramework: Python\n{configuration}")
    (settings / "conda_dependencies.yml").write_text(conda or CONDA_FILE)
    return folder


async def build(project: Path, name: str = "docker") -> None:
    """Build the environment of a run configuration to the last byte, so that its kernels start at once."""
    await prepare_environment(project, name, dict(os.environ), quiet)
    await compiled()
