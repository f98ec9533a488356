"""Errors of Spark in a cell: its message and the user's own lines, without Java's trace and without pyspark's.

IPython hands them over before anybody else sees them. What results of an interrupt is one: py4j tells of the connection
that it lost, and Spark of the job that was cancelled.
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, List, Optional, Tuple, Type

from . import causes, plain, wording
from .boot import Boot
from .interrupts import Interrupts
from .memory import ResultTooLarge

_OF_PY4J = ("Py4JNetworkError", "Py4JError")
_OF_CONNECTIONS = (OSError, EOFError)  # when Java has gone, beside py4j's own
_SPARKS_CODE = re.compile(r"[/\\](?:pyspark|py4j)[/\\]|py4j-[\d.]+-src\.zip|pyspark\.zip")


class Failures:
    """Shows the errors of one kernel."""

    def __init__(self, shell: Any, boot: Boot, interrupts: Interrupts) -> None:
        self._shell = shell
        self._boot = boot
        self._interrupts = interrupts
        self._asked_for: Tuple[Type[BaseException], ...] = ()
        self._ask_for((KeyboardInterrupt,))

    def register(self) -> None:
        """Be asked about errors of Spark."""
        self._ask_for((KeyboardInterrupt, *_classes()))

    def _ask_for(self, classes: Tuple[Type[BaseException], ...]) -> None:
        """Be asked about these errors; a user who has told IPython to ask him is not disturbed."""
        if self._shell.custom_exceptions in ((), self._asked_for):
            self._shell.set_custom_exc(classes, self._show)
            self._asked_for = classes

    def _show(self, shell: Any, _etype: Any, value: BaseException, tb: Any, tb_offset: Any = None) -> None:
        if isinstance(value, KeyboardInterrupt):
            tb = _of_the_user(tb)
        elif self._interrupts.pressed and _is_of_spark(value, tb):
            self._replace(value, plain.interruption())
            return
        elif (message := self._message(value, tb)) is not None and not _tidy(value, message, shell, tb):
            self._replace(value, plain.SparkEnded(message))
            return
        shell.showtraceback((type(value), value, tb), tb_offset=tb_offset, running_compiled_code=True)

    def _replace(self, value: BaseException, interruption: BaseException) -> None:
        """Let the cell end with another error, for everybody who asks how it did."""
        result = getattr(self._shell.displayhook, "exec_result", None)
        if result is not None and result.error_in_exec is value:
            result.error_in_exec = interruption
        self._shell.showtraceback((type(interruption), interruption, None))

    def _message(self, error: BaseException, tb: Optional[TracebackType]) -> Optional[str]:
        """Return what to show instead of the error's own message; None when the error is not Spark's."""
        if not _is_of_spark(error, tb):
            return None
        lost = self._connection_is_lost(error)
        if lost is not None:
            return lost
        if isinstance(error, _OF_CONNECTIONS):
            return None
        if isinstance(error, ResultTooLarge):
            return "The rows do not fit into the memory of this kernel. " + causes.fewer_rows()
        self._boot.doubtful = True
        try:
            message = wording.without_java(str(error))
        except Exception as unknown:  # py4j asks Java for it
            message = "Java does not answer ({})".format(unknown)
        help_ = causes.of_cell(message, self._boot.settings)
        return message if help_ is None else "{}\n{}".format(message, help_)

    def _connection_is_lost(self, error: BaseException) -> Optional[str]:
        session = self._boot.session
        if session is None or not (isinstance(error, _OF_CONNECTIONS) or type(error).__name__ in _OF_PY4J):
            return None
        ended = self._boot.end_of(session.gateway)
        if ended is None:
            return None
        return (
            "{}. The next cell that names `spark` gets a new session; "
            "DataFrames that were made before are lost.".format(ended)
        )


def _classes() -> Tuple[Type[BaseException], ...]:
    from py4j.protocol import Py4JError

    try:
        from pyspark.errors import PySparkException
    except ImportError:  # before 3.4
        from pyspark.sql.utils import CapturedException as PySparkException
    return (Py4JError, PySparkException, ResultTooLarge, *_OF_CONNECTIONS)


def _is_of_spark(error: BaseException, tb: Optional[TracebackType]) -> bool:
    """Whether an error is Spark's own, or one of a connection that pyspark has used: files have such errors, too."""
    if not isinstance(error, _OF_CONNECTIONS):
        return True
    while tb is not None:
        if _SPARKS_CODE.search(tb.tb_frame.f_code.co_filename):
            return True
        tb = tb.tb_next
    return False


def _tidy(error: BaseException, message: str, shell: Any, tb: Optional[TracebackType]) -> bool:
    """Give the object another message, wherever it is read: the notebook, the run history, `papermill`.

    False for one of a class of Python's own, which takes none.
    """
    etype = type(error)

    def shown(_self: BaseException) -> str:
        return message

    def render(self: BaseException) -> List[str]:
        del type(self)._render_traceback_  # type: ignore[attr-defined]  # once: IPython's own is asked for the rest
        return list(shell.InteractiveTB.structured_traceback(type(self), self, _of_the_user(tb)))

    tidy = type(etype.__name__, (etype,), {"__str__": shown, "_render_traceback_": render})
    tidy.__module__ = etype.__module__
    try:
        error.__class__ = tidy
    except TypeError:
        return False
    error.__suppress_context__ = error.__cause__ is None
    return True


def _of_the_user(tb: Optional[TracebackType]) -> Optional[TracebackType]:
    """Return the trace without the lines that are Spark's or py4j's own."""
    frames: List[TracebackType] = []
    while tb is not None:
        if not (frames and _is_sparks(tb)):
            frames.append(tb)
        tb = tb.tb_next
    kept = None
    for frame in reversed(frames):
        kept = TracebackType(kept, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return kept


def _is_sparks(tb: TracebackType) -> bool:
    return wording.is_sparks_own(tb.tb_frame.f_code.co_filename)
