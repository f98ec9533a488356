"""Every exception that a user can cause or must read.

A message stands alone: what was expected, what came, what to do. It may have several lines; the first says what
happened.
"""

from __future__ import annotations

from typing import ClassVar


class WorkbenchError(Exception):
    """A mistake that the user can mend, or a state that the user must know."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 400


class ProjectNotFound(WorkbenchError):
    """No folder with ``aml_config/`` at or above the place that was named."""

    http_status = 404


class ConfigurationError(WorkbenchError):
    """A run configuration cannot become a kernel because of problems in its files."""

    http_status = 422


class TargetError(WorkbenchError):
    """A compute target cannot run the kernel: a missing interpreter, engine or package."""

    http_status = 409


class StartCancelled(WorkbenchError):
    """The user shut down a kernel that was still being prepared."""

    http_status = 409


class RunNotFound(WorkbenchError):
    """No run of the project has that id."""

    http_status = 404


class OutputNotFound(WorkbenchError):
    """A run has no output by that path, or its content is not there."""

    http_status = 404


class HistoryError(WorkbenchError):
    """The run history of a project cannot be read or written."""

    http_status = 500


class BadQuestion(HistoryError):
    """A question or a change that the run history cannot understand, whatever it holds."""

    http_status = 400


class NothingLogged(HistoryError):
    """A run has logged nothing by that name."""

    http_status = 404


class RunStillRuns(HistoryError):
    """A run has to end before that can be done to it."""

    http_status = 409


class MirrorError(WorkbenchError):
    """Runs cannot be brought to a tracking server."""

    http_status = 502
