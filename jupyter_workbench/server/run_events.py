"""Tells front ends, by Jupyter events, which runs have changed and whether the history of a project can be written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jupyter_events import EventLogger

from jupyter_workbench.server.pace import Pace

SCHEMAS = Path(__file__).parent / "event_schemas"
RUNS_CHANGED = "https://jupyter-workbench.dev/events/runs_changed/v1"
HISTORY_PROBLEM = "https://jupyter-workbench.dev/events/history_problem/v1"

MOST_IDS = 1000
"""Of one event; a front end that is told of more looks at everything again anyway."""


class RunEvents:
    """Satisfies `history.news.Listener` from any thread; emits on the event loop, as often as a person can follow."""

    def __init__(self, events: EventLogger, loop: asyncio.AbstractEventLoop) -> None:
        for name in ("runs_changed", "history_problem"):
            events.register_event_schema(SCHEMAS / f"{name}.v1.yaml")
        self._events, self._loop = events, loop
        self._pace: Pace[str] = Pace(self._emit_changes)
        self._changed: dict[str, dict[str, None]] = {}
        """Ids that were not told yet, by project."""
        self._problems: dict[str, dict[str, str]] = {}
        """By project and by who has it."""

    def changed(self, project_dir: str, run_ids: Sequence[str]) -> None:
        """Tell that runs of the project in this folder began, changed or are gone. Cheap."""
        self._on_the_loop(lambda: self._take(project_dir, run_ids))

    def problem(self, project_dir: str, source: str, problem: str | None) -> None:
        """Tell the first problem that a project has, and when the last one is gone."""
        self._on_the_loop(lambda: self._note(project_dir, source, problem))

    def problem_of(self, project_dir: str) -> str | None:
        """Return why the history of a project cannot be written now; None when nobody told of a problem."""
        return next(iter(self._problems.get(project_dir, {}).values()), None)

    def _on_the_loop(self, what: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what)

    def _take(self, project_dir: str, run_ids: Sequence[str]) -> None:
        self._changed.setdefault(project_dir, {}).update(dict.fromkeys(run_ids))
        self._pace.take(project_dir, project_dir, final=False)

    def _emit_changes(self, project_dir: str) -> None:
        run_ids = self._changed.pop(project_dir, {})
        told = list(run_ids) if len(run_ids) <= MOST_IDS else None
        self._emit(RUNS_CHANGED, {"project_dir": project_dir, "run_ids": told})

    def _note(self, project_dir: str, source: str, problem: str | None) -> None:
        problems = self._problems.setdefault(project_dir, {})
        was_well = not problems
        if problem is None:
            problems.pop(source, None)
        else:
            problems[source] = problem
        if was_well != (not problems):
            self._emit(HISTORY_PROBLEM, {"project_dir": project_dir, "problem": problem})

    def _emit(self, schema_id: str, data: dict[str, Any]) -> None:
        self._events.emit(schema_id=schema_id, data=data)
