"""Which Python a local kernel runs in, and whether it can."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OLDEST = (3, 8)
"""The oldest Python that our in-kernel package runs on."""

PROBE = "import importlib.util as u, sys; print(*sys.version_info[:2], u.find_spec('ipykernel') is not None)"
PROBE_TIMEOUT_SECONDS = 30

_usable: set[tuple[Path, int]] = set()
"""Interpreters that passed `check`, each with the time of its last change in ns; failures are always asked again."""


class UnusableInterpreter(Exception):
    """An interpreter cannot run a kernel. The message: what was expected, what came - what to do."""


@dataclass(frozen=True)
class Choice:
    """The interpreter of a kernel; ``notice`` says in one line when it is not the one that the user has active."""

    python: Path
    notice: str | None = None


async def choose(location: str | None, environment: Mapping[str, str], project: Path) -> Choice:
    """Choose the interpreter for a ``pythonLocation``.

    The bare word ``python``, which nearly every file has, means the Python that is active: VIRTUAL_ENV's, else
    CONDA_PREFIX's, else the server's own; one that cannot run a kernel gives way to the server's. Anything else is
    the user's explicit choice, which begins at the ``project`` when it is a relative path.

    Raises `UnusableInterpreter` for an explicit interpreter that is missing, not executable, too old or without
    ipykernel.
    """
    if location is not None and location != "python":
        python = await asyncio.to_thread(_explicit, location, project)
        await check(python)
        return Choice(python)
    python, own = _active(environment), Path(sys.executable)
    try:
        await check(python)
    except UnusableInterpreter as error:
        return Choice(own, f"pythonLocation: {error}. This kernel runs in the server's own Python, {own}.")
    return Choice(python)


async def check(python: Path) -> None:
    """Raise `UnusableInterpreter` unless ``python`` can run a kernel."""
    changed = await asyncio.to_thread(_changed_ns, python)
    if changed is None or (python, changed) in _usable:
        return
    version, has_ipykernel = await _ask(python)
    if version < OLDEST:
        raise UnusableInterpreter(
            f"expected Python {OLDEST[0]}.{OLDEST[1]} or newer, got {python}, "
            f"which is Python {version[0]}.{version[1]} - name a newer one"
        )
    if not has_ipykernel:
        raise UnusableInterpreter(
            f"expected a Python with ipykernel, got {python}, which has none - run: {python} -m pip install ipykernel"
        )
    _usable.add((python, changed))


def _active(environment: Mapping[str, str]) -> Path:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if prefix := environment.get(variable):
            return _python_in(Path(prefix))
    return Path(sys.executable)


def _python_in(prefix: Path) -> Path:
    if os.name != "nt":
        return prefix / "bin" / "python"
    conda, virtual = prefix / "python.exe", prefix / "Scripts" / "python.exe"
    return conda if conda.exists() else virtual


def _explicit(location: str, project: Path) -> Path:
    if os.sep not in location and "/" not in location:
        found = shutil.which(location)
        if found is None:
            raise UnusableInterpreter(
                f"expected a Python interpreter, got {location}, which is not on the PATH - "
                f"write its whole path, or `python` for the active one"
            )
        return Path(found)
    # Not resolved: a virtual environment's python is a link, and following it would leave the environment.
    return project / os.path.expanduser(os.path.expandvars(location))  # noqa: PTH111 - pathlib's raises for ~nobody


def _changed_ns(python: Path) -> int | None:
    """Return when the file changed last, or None for the server's own Python, which has all that a kernel needs."""
    if _is_servers_own(python):
        return None
    try:
        changed = python.stat().st_mtime_ns
    except OSError:
        raise UnusableInterpreter(
            f"expected a Python interpreter, got {python}, which does not exist - "
            f"name one that does, or `python` for the active one"
        ) from None
    if python.is_dir():
        raise UnusableInterpreter(
            f"expected a Python interpreter, got the folder {python} - name the interpreter in it: {_python_in(python)}"
        )
    return changed


def _is_servers_own(python: Path) -> bool:
    own = Path(sys.executable)
    if python.parent.absolute() != own.parent.absolute():
        return False
    return os.path.realpath(python) == os.path.realpath(own)


async def _ask(python: Path) -> tuple[tuple[int, int], bool]:
    """Ask an interpreter for its version and whether it has ipykernel."""
    try:
        answer = await asyncio.wait_for(_output(python), PROBE_TIMEOUT_SECONDS)
        major, minor, has_ipykernel = answer.split()
        return (int(major), int(minor)), has_ipykernel == b"True"
    except PermissionError:
        raise UnusableInterpreter(
            f"expected a Python interpreter, got {python}, which is not executable - run: chmod +x {python}"
        ) from None
    except asyncio.TimeoutError:
        what = f"no answer in {PROBE_TIMEOUT_SECONDS} s"
    except ValueError as error:
        what = str(error) if isinstance(error, _Failed) else "unexpected output"
    except OSError as error:
        what = error.strerror or type(error).__name__
    raise UnusableInterpreter(
        f"expected a Python interpreter, got {python}, which did not answer as one ({what}) - run: {python} --version"
    )


class _Failed(ValueError):
    """An interpreter ended with an error."""


async def _output(python: Path) -> bytes:
    # In the interpreter's own folder: a module of the project must not pass for ipykernel.
    process = await asyncio.create_subprocess_exec(
        str(python),
        *("-c", PROBE),
        cwd=python.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            _kill(process)
    if process.returncode:
        raise _Failed(f"exit code {process.returncode}")
    return output


def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill a probe and what it started: an interpreter may be a shell script around the real one."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
