"""Lets a module that asks pyspark for a session while it is imported meet that of the kernel, from the first cell on.

It would start a Java without our settings. For the first seconds of the kernel `builtins.__import__` and
`importlib.import_module` are ours. Not a finder of `sys.meta_path`: those are asked while the locks of the import are
held, and Spark's own thread, for which the import has to wait, needs them.
"""

from __future__ import annotations

import builtins
import importlib
import os
import sys
import threading
from typing import Any, Callable, List, Optional

from . import plain
from .boot import Boot

PATIENCE_SECONDS = 30.0  # then the import goes on: it must not hang for ever


class Imports:
    """The imports of one kernel, until Spark's thread holds the locks of pyspark."""

    def __init__(self, shell: Any, boot: Boot) -> None:
        self._shell = shell
        self._boot = boot
        self._process = os.getpid()
        self._before: Callable[..., Any] = builtins.__import__
        self._before_module: Callable[..., Any] = importlib.import_module
        self._ours: Optional[Callable[..., Any]] = None
        self._our_module: Optional[Callable[..., Any]] = None

    def watch(self) -> None:
        """Look at each import from now on."""
        self._before = builtins.__import__
        self._ours = self._import
        builtins.__import__ = self._ours
        self._before_module = importlib.import_module
        self._our_module = self._import_module
        importlib.import_module = self._our_module

    def leave(self) -> None:
        """Look at none any more, unless somebody else has put himself in front: then ours only passes on."""
        if builtins.__import__ is self._ours:
            builtins.__import__ = self._before
        if importlib.import_module is self._our_module:
            importlib.import_module = self._before_module

    def _import(
        self,
        name: str,
        globals: Any = None,  # noqa: A002  # Python's words
        locals: Any = None,  # noqa: A002
        fromlist: Any = (),
        level: int = 0,
    ) -> Any:
        __tracebackhide__ = True  # IPython leaves this frame out of the user's trace
        self._look(name if level == 0 else None, (globals or {}).get("__name__"))
        try:
            return self._before(name, globals, locals, fromlist, level)
        except ImportError as error:
            self._leave_us_out(error)
            raise

    def _import_module(self, name: str, package: Optional[str] = None) -> Any:
        __tracebackhide__ = True
        self._look(name, sys._getframe(1).f_globals.get("__name__"))
        try:
            return self._before_module(name, package)
        except ImportError as error:
            self._leave_us_out(error)
            raise

    def _look(self, name: Optional[str], importer: Optional[str]) -> None:
        """Wait where ``name`` is of pyspark, and a module outside of it imports it."""
        if self._boot.claimed.is_set() or os.getpid() != self._process:
            self.leave()
        elif _is_of_pyspark(name) and not _is_of_pyspark(importer):
            self._begin()

    def _leave_us_out(self, error: ImportError) -> None:
        """Let IPython show the trace without this file: it hides no frame in which an error was raised."""

        def render() -> List[str]:
            vars(error).pop("_render_traceback_", None)  # once: IPython's own is asked for it
            tb = error.__traceback__
            while tb is not None:
                while tb.tb_next is not None and tb.tb_next.tb_frame.f_code in _OURS:
                    tb.tb_next = tb.tb_next.tb_next
                tb = tb.tb_next
            return list(self._shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__))

        error._render_traceback_ = render  # type: ignore[attr-defined]

    def _begin(self) -> None:
        """Begin Spark; the main thread waits until whoever asks pyspark for a session would wait for that of Spark."""
        if self._boot.is_own_thread():
            return
        self._boot.begin()
        if threading.current_thread() is threading.main_thread():
            try:
                self._boot.claimed.wait(PATIENCE_SECONDS)
            except KeyboardInterrupt:
                raise plain.interruption("Spark goes on starting") from None


_OURS = (Imports._import.__code__, Imports._import_module.__code__)


def _is_of_pyspark(module: Optional[str]) -> bool:
    """Whether it is pyspark or in it. What pyspark imports of itself must not wait: it may hold the import's locks."""
    return module is not None and module.partition(".")[0] == "pyspark"
