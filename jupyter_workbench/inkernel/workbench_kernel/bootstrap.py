"""Starts ipykernel as ``python -m ipykernel_launcher`` does, with the run history attached to its shell.

What goes wrong before the kernel is ready is written to ``start-error.txt`` in the spool: nobody reads our stderr.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any, Callable, List, NoReturn, Optional, Tuple

from . import complaints, debugging, importing, outside

_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main(arguments: List[str]) -> None:
    """Run a kernel until it is shut down; ``arguments`` as in the docstring of ``__main__``."""
    spool, rest = _split(arguments, "--spool")
    lease, rest = _split(rest, "--lease")
    gate, rest = _split(rest, "--gate")
    spark = "--spark" in rest
    _move_folder_to_the_end()
    try:
        if spool is not None:
            outside.take_variables(spool)
        if lease is not None:
            outside.end_with_the_server(lease)
        app, attach = _kernel([argument for argument in rest if argument != "--spark"], gate)
    except SystemExit as error:
        if error.code not in (None, 0):
            _fail(spool, error)
        raise
    except BaseException as error:
        _fail(spool, error)
    try:
        importing.install(os.path.join(_FOLDER, "azureml"))
        attach(app, spool)
        if spark:
            from .spark.cells import attach as attach_spark

            attach_spark(app, spool)
    except Exception as error:
        complaints.internal(error)
    app.start()


def _split(arguments: List[str], option: str) -> Tuple[Optional[str], List[str]]:
    """Take an option of ours out: the path that it names, and the rest."""
    rest = list(arguments)
    if option not in rest[:-1]:
        return None, rest
    position = rest.index(option)
    path = os.path.abspath(rest[position + 1])
    del rest[position : position + 2]
    return path, rest


def _move_folder_to_the_end() -> None:
    """Python put our folder first; there it could hide a module of the user. Spawned children inherit ``sys.path``."""
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != _FOLDER or not entry]
    sys.path.append(_FOLDER)


def _kernel(arguments: List[str], gate: Optional[str]) -> Tuple[Any, Callable[[Any, Optional[str]], object]]:
    """Make the kernel, once its gate is open; returns what attaches the history too.

    That is imported before, since the kernel's debugger does not step into modules that are older than the kernel.
    """
    import ipykernel

    debugging.postpone()
    from ipykernel.kernelapp import IPKernelApp

    from .attach import attach

    # Libraries look here to learn that they run in a notebook.
    launcher = os.path.join(
        os.path.dirname(os.path.dirname(os.path.abspath(ipykernel.__file__))), "ipykernel_launcher.py"
    )
    sys.argv[:] = [launcher, *arguments]
    app: Any = IPKernelApp.instance()
    if gate is not None:
        outside.wait_at(gate)
    app.initialize(arguments)
    return app, attach


def _fail(spool: Optional[str], error: BaseException) -> NoReturn:
    """Tell why there is no kernel, in the spool and on stderr, and end."""
    text = "{}\n\n{}".format(
        _sentence(error), "".join(traceback.format_exception(type(error), error, error.__traceback__))
    )
    if spool is not None:
        try:
            with open(os.path.join(spool, "start-error.txt"), "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError as unwritable:
            text += "\n(start-error.txt could not be written: {})\n".format(unwritable)
    sys.stderr.write(text)
    sys.exit((isinstance(error, SystemExit) and isinstance(error.code, int) and error.code) or 1)


def _sentence(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name == "ipykernel":
        return "{} has no ipykernel - install it with `{} -m pip install ipykernel`.".format(
            sys.executable, sys.executable
        )
    if isinstance(error, SystemExit):
        return "The kernel ended before it was ready (exit code {}).".format(error.code)
    return "The kernel could not start: {}: {}.".format(type(error).__name__, error)
