"""One row a compute target: what `workbench computetarget list` and the REST API show."""

from __future__ import annotations

from typing import Any

from jupyter_workbench.config.computes import ComputeFile
from jupyter_workbench.config.containers import memory_text
from jupyter_workbench.config.models import ComputeTarget, DockerCompute, RemoteDockerCompute
from jupyter_workbench.config.project import Project
from jupyter_workbench.targets import TARGETS


def target_row(project: Project, compute: ComputeFile) -> dict[str, Any]:
    """Return a compute target as the JSON contract in `docs/reference` has it."""
    return {
        "name": compute.name,
        "type": compute.type,
        "file": compute.file,
        "status": "problem" if compute.problems else "ready" if compute.type in TARGETS else "unsupported",
        "run_configurations": [entry.name for entry in project.entries if entry.target == compute.name],
        "problems": [problem.as_row() for problem in compute.problems],
    }


def settings_of(compute: ComputeTarget) -> dict[str, Any]:
    """Return every setting that holds, whether the file says it or not, under the keys of the file.

    A password is none of them: what a file holds in its place is never kept.
    """
    settings = compute.model_dump(by_alias=True, exclude={"name"})
    if isinstance(compute, DockerCompute | RemoteDockerCompute):
        settings["baseDockerImage"] = compute.image
        settings["mounts"] = [str(mount) for mount in compute.mounts]
        settings["memory"] = compute.memory and memory_text(compute.memory)
    return settings
