"""Tells front ends, by a Jupyter event, that the compute targets of a project are not as they were."""

from __future__ import annotations

from pathlib import Path

from jupyter_events import EventLogger

SCHEMA = Path(__file__).parent / "event_schemas" / "targets_changed.v1.yaml"
SCHEMA_ID = "https://jupyter-workbench.dev/events/targets_changed/v1"


class TargetEvents:
    """For one event loop."""

    def __init__(self, events: EventLogger) -> None:
        events.register_event_schema(SCHEMA)
        self._events = events

    def changed(self, directory: Path) -> None:
        """Tell that targets of the project in this folder were started or stopped, or environments removed."""
        self._events.emit(schema_id=SCHEMA_ID, data={"project_dir": str(directory)})
