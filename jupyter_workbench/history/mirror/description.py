"""A run in the words of MLflow: its tags, its status, and the files that its texts become."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jupyter_workbench.history.mirror import names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from jupyter_workbench.history.mirror.snapshot import Snapshot

RUN_KEY = "workbench.run"
"""The tag by which a run is found on the server."""

STATUS = {"Running": "RUNNING", "Completed": "FINISHED", "Failed": "FAILED", "Canceled": "KILLED"}
TABLES = "mlflow.loggedArtifacts"
"""The tag that `mlflow.log_table` sets."""

_FILES = {
    "source": "source.py",
    "diff": "diff.patch",
    "packages": "requirements.txt",
    "traceback": "logs/traceback.txt",
    "stdout": "logs/stdout.txt",
    "stderr": "logs/stderr.txt",
}


def tags(run: Snapshot) -> dict[str, str]:
    """Every tag but those of logged texts. The first ones are MLflow's own, which its pages show at their places.

    https://mlflow.org/docs/latest/tracking/tracking-api/#system-tags
    """
    told = {
        "mlflow.runName": run.run_id,
        "mlflow.user": run.user,
        "mlflow.note.content": run.note or None,
        "mlflow.source.name": run.notebook or run.experiment,
        "mlflow.source.type": "NOTEBOOK" if (run.notebook or "").endswith(".ipynb") else "LOCAL",
        "mlflow.source.git.commit": run.commit_id,
        "mlflow.source.git.branch": run.branch,
        "mlflow.source.git.repoURL": run.git_remote,
        "mlflow.source.git.dirty": None if run.dirty is None else str(bool(run.dirty)).lower(),
        RUN_KEY: run.run,
        "workbench.project": run.project,
        "workbench.run_configuration": run.run_configuration,
        "workbench.target": run.target,
        "workbench.framework": run.framework,
        "workbench.environment": run.environment,
        "workbench.python": run.python,
        "workbench.host": run.host,
        "workbench.cell": run.cell,
        "workbench.execution_count": None if run.execution_count is None else str(run.execution_count),
        "workbench.error": _error(run),
    }
    own = {key: names.text(value, names.MAX_TAG) for key, value in told.items() if value}
    return {**own, **{names.tag(key): names.text(value, names.MAX_TAG) for key, value in run.tags.items()}}


def files(run: Snapshot) -> dict[str, str]:
    """``{path: content}`` of what is known as text."""
    return {path: run.texts[which] for which, path in _FILES.items() if which in run.texts}


def beside(path: str, outputs: Collection[str]) -> str:
    """Return the path for a file of ours: below ``workbench/`` where an output of the user needs the place."""
    for output in outputs:
        if output == path or output.startswith(f"{path}/") or path.startswith(f"{output}/"):
            return f"workbench/{path}"
    return path


def tables(paths: Iterable[str]) -> dict[str, str]:
    """Return the tag that offers artifacts as tables; the last ones are left out when there are too many for a tag."""
    listed = [{"path": path, "type": "table"} for path in sorted(paths)]
    while len(text := json.dumps(listed)) > names.MAX_TAG:
        listed.pop()
    return {TABLES: text} if listed else {}


def _error(run: Snapshot) -> str | None:
    return ": ".join(part for part in (run.error_name, run.error_message) if part) or None
