"""Tells front ends, by a Jupyter event, how far kernels and preparations are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_events import EventLogger

from jupyter_workbench.kernels.progress import KernelProgress
from jupyter_workbench.server.pace import Pace
from jupyter_workbench.server.preparations import Preparation, progress_as_json

SCHEMA = Path(__file__).parent / "event_schemas" / "kernel_progress.v1.yaml"
SCHEMA_ID = "https://jupyter-workbench.dev/events/kernel_progress/v1"


class ProgressEvents:
    """Emits the event for every moment that it is told, as often as a person can follow."""

    def __init__(self, events: EventLogger) -> None:
        events.register_event_schema(SCHEMA)
        self._events = events
        self._pace: Pace[dict[str, Any]] = Pace(self._emit)

    def kernel(self, moment: KernelProgress) -> None:
        """Tell a moment of a kernel."""
        self._pace.take(moment.kernel_id, event_of_kernel(moment), final=moment.state in ("running", "dead"))

    def preparation(self, moment: Preparation) -> None:
        """Tell a moment of a preparation."""
        self._pace.take(moment.id, event_of_preparation(moment), final=moment.state != "running")

    def _emit(self, data: dict[str, Any]) -> None:
        self._events.emit(schema_id=SCHEMA_ID, data=data)


def event_of_kernel(moment: KernelProgress) -> dict[str, Any]:
    """Return what the event says of a kernel."""
    return _event(
        kernel_id=moment.kernel_id,
        project=moment.project,
        project_dir=moment.project_dir,
        run_configuration=moment.run_configuration,
        state=moment.state,
        reason=moment.reason,
        **progress_as_json(moment.progress, moment.elapsed),
    )


def event_of_preparation(moment: Preparation) -> dict[str, Any]:
    """Return what the event says of a preparation."""
    progress = progress_as_json(moment.progress, moment.elapsed)
    return _event(
        preparation_id=moment.id,
        project=moment.project.name,
        project_dir=str(moment.project.directory),
        run_configuration=moment.run_configuration,
        state=moment.state,
        reason=moment.message if moment.state == "failed" else None,
        **(progress if moment.state in ("running", "failed") else {**progress, "message": moment.message}),
    )


def _event(kernel_id: str | None = None, preparation_id: str | None = None, **rest: Any) -> dict[str, Any]:
    return {"kernel_id": kernel_id, "preparation_id": preparation_id, **rest}
