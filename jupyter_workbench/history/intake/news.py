"""What happens in the histories of this process, told to whoever listens; from any thread, on the thread that tells."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """Wants to hear; must be cheap."""

    def changed(self, project_dir: str, run_ids: Sequence[str]) -> None:
        """Hear that these runs are not as they were, or are new."""

    def problem(self, project_dir: str, source: str, problem: str | None) -> None:
        """Hear why ``source`` (a stream, a sweep) cannot write the history of a project; None: it can again."""


class News:
    """Passes on what it is told."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` everything from now on, until the function that is returned is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def changed(self, project_dir: str, run_ids: Sequence[str]) -> None:
        """Tell that runs have changed; nothing is told of none."""
        if run_ids:
            self._tell(lambda listener: listener.changed(project_dir, run_ids))

    def problem(self, project_dir: str, source: str, problem: str | None) -> None:
        """Tell why a history cannot be written by ``source``, or that it can again."""
        self._tell(lambda listener: listener.problem(project_dir, source, problem))

    def _tell(self, one: Callable[[Listener], None]) -> None:
        for listener in self._listeners.copy():
            _tell(one, listener)


def _tell(one: Callable[[Listener], None], listener: Listener) -> None:
    try:
        one(listener)
    except Exception:  # a boundary: no record is lost because somebody cannot hear of it
        _log.exception("News of the run history were not told")


SWEEP = "sweep"
"""The source of problems that no stream has any more."""

news = News()
"""That of this process."""
