"""Debugging that costs nothing until a debugger asks: importing debugpy takes a quarter of a kernel's start.

ipykernel imports it with ``ipykernel.debugger``, before the kernel answers. A module that stands in for that one knows
only whether debugpy is there; the real one comes with the first request of a debugger, which JupyterLab sends once the
kernel runs.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Iterator, Optional

NAME = "ipykernel.debugger"
_NO_WARNING = "PYDEVD_DISABLE_FILE_VALIDATION"


def postpone() -> None:
    """Put the stand-in in place. Called before ipykernel is imported; without debugpy nothing is to be gained."""
    real = find_spec(NAME)  # imports ipykernel, which does not import its debugger
    if real is None or NAME in sys.modules or find_spec("debugpy") is None:
        return
    package, _, name = NAME.rpartition(".")
    sys.modules[NAME] = StandIn(real)
    setattr(sys.modules[package], name, sys.modules[NAME])  # as an import does


class StandIn(ModuleType):
    """What ipykernel asks of its debugger module while a kernel starts; everything else is that module's own."""

    _is_debugpy_available = True

    def __init__(self, real: ModuleSpec) -> None:
        super().__init__(real.name)
        self.__spec__ = real
        self.__file__ = real.origin  # the debugger does not step into files that it is told of
        self.Debugger = PostponedDebugger

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(load(), name)


class PostponedDebugger:
    """What ipykernel makes in place of its ``Debugger``, which it becomes when it is used."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Take the arguments of ``ipykernel.debugger.Debugger``."""
        self._made_of = arguments, named
        self._debugger: Any = None
        self._is_used: Optional[asyncio.Event] = None

    async def process_request(self, message: Any) -> Any:
        """Answer a request of a debugger. ipykernel calls this in its control thread."""
        try:
            debugger = self._real()
        except Exception as error:  # it is there and cannot be imported; the debugger waits for an answer
            return _refusal(message, error)
        if self._is_used is not None:
            self._is_used.set()
        return await debugger.process_request(message)

    async def handle_stopped_event(self) -> None:
        """Wait for the next stop. ipykernel calls this again and again in its control thread, from the start."""
        if self._debugger is None:
            self._is_used = asyncio.Event()
            await self._is_used.wait()
        await self._debugger.handle_stopped_event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def _real(self) -> Any:
        if self._debugger is None:
            arguments, named = self._made_of
            self._debugger = load().Debugger(*arguments, **named)
        return self._debugger


def load() -> Any:
    """Return the module itself, which is imported now. Raises ImportError when debugpy cannot be."""
    if isinstance(sys.modules.get(NAME), StandIn):
        del sys.modules[NAME]
    with _without_warnings():
        module = importlib.import_module(NAME)
    if not getattr(module, "_is_debugpy_available", True):  # ipykernel 6.9.2 and newer say so
        importlib.import_module("debugpy.server.api")  # says why
        raise ImportError("debugpy cannot be used in this process")
    return module


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Let debugpy not warn of frozen modules: by now that would be shown in a cell."""
    before = os.environ.get(_NO_WARNING)
    os.environ[_NO_WARNING] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_NO_WARNING]
        else:
            os.environ[_NO_WARNING] = before


def _refusal(message: Any, error: Exception) -> Any:
    """Return a failed response of the Debug Adapter Protocol.

    https://microsoft.github.io/debug-adapter-protocol/specification#Base_Protocol_Response
    """
    return {
        "type": "response",
        "seq": message["seq"],
        "request_seq": message["seq"],
        "command": message["command"],
        "success": False,
        "message": "This kernel cannot be debugged: {}".format(error),
    }
