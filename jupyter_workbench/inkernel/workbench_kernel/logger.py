"""What ``azureml.logging`` gives to the user."""

from __future__ import annotations

from typing import Any, Optional, Union

from . import complaints
from .history import History

_history: Optional[History] = None


def serve(history: History) -> None:
    """Let loggers, those that were made before too, write into this history."""
    global _history  # a logger is pickled and copied: it must hold nothing itself
    _history = history


class LogRequest:
    """What ``log`` and ``upload`` return: the record is already on disk, so there is nothing to wait for."""

    __slots__ = ()

    def wait(self, timeout: Optional[float] = None) -> None:
        """Return at once."""

    def __repr__(self) -> str:
        return ""

    def _ipython_display_(self) -> None:
        """Show nothing below a cell that ends with ``logger.log(...)``."""


_DONE = LogRequest()


class Logger:
    """Logs into the run of the cell that runs now; while history is off ``log`` says once that nothing is kept."""

    __slots__ = ()

    def log(self, name: Any, value: Any, step: Union[int, float, None] = None) -> LogRequest:
        """Log a number, a text, a list, a dict, an array, a data frame or an image under a name.

        A name that is logged again in a run makes a series; ``step``, a number, is the place of the value in it.
        An image is a figure of matplotlib, an image of PIL, or whatever shows itself as PNG in a notebook.
        """
        if _history is not None:
            _history.log(name, value, step)
        else:
            complaints.not_the_kernel()
        return _DONE

    def upload(self, artifact: str, content: Union[str, bytes]) -> LogRequest:
        """Save ``content`` (text is kept as UTF-8) as the output ``artifact``, a relative path.

        Outside of a tracked cell it makes a run of its own.
        """
        if _history is not None:
            _history.upload_content(artifact, content)
        else:
            complaints.not_the_kernel()
        return _DONE


def get_azureml_logger() -> Logger:
    """Return the logger of this kernel."""
    return Logger()
