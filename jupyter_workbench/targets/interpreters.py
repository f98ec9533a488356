"""Which Python a local kernel runs in, and whether it can."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

OLDEST = (3, 8)
"""The oldest Python that our in-kernel package runs on."""

PROBE = "import importlib.util as u, sys; print(*sys.version_info[:2], u.find_spec('ipykernel') is not None)"
PROBE_TIMEOUT_SECONDS = 30


class UnusableInterpreter(Exception):
    """An interpreter cannot run a kernel. The message: what was expected, what came - what to do."""


@dataclass(frozen=True)
class Choice:
    """The interpreter of a kernel; ``notice`` says in one line when it is not the one that the user has active."""

    python: Path
    notice: str | None = None


def choose(location: str | None, environment: Mapping[str, str], project: Path) -> Choice:
    """Choose the interpreter for a ``pythonLocation``.

    The bare word ``python``, which nearly every file has, means the Python that is active: VIRTUAL_ENV's, else
    CONDA_PREFIX's, else the server's own; one that cannot run a kernel gives way to the server's. Anything else is
    the user's explicit choice. Blocks for a few hundredths of a second when an interpreter is met for the first time.

    Raises `UnusableInterpreter` for an explicit interpreter that is missing, not executable, too old or without
    ipykernel.
    """
    if location is None or location == "python":
        return _active(environment)
    python = _explicit(location, project)
    check(python)
    return Choice(python)


def check(python: Path) -> None:
    """Raise `UnusableInterpreter` unless ``python`` can run a kernel."""
    if _is_servers_own(python):
        return
    try:
        status = python.stat()
    except OSError:
        raise UnusableInterpreter(
            f"expected a Python interpreter, got {python}, which does not exist - "
            f"name one that does, or `python` for the active one"
        ) from None
    if python.is_dir():
        raise UnusableInterpreter(
            f"expected a Python interpreter, got the folder {python} - name the interpreter in it: {_python_in(python)}"
        )
    _probe(python, status.st_mtime_ns)


def _active(environment: Mapping[str, str]) -> Choice:
    own = Path(sys.executable)
    for python in _active_candidates(environment):
        if _is_servers_own(python):
            return Choice(own)
        try:
            check(python)
        except UnusableInterpreter as error:
            return Choice(own, f"pythonLocation: {error}. This kernel runs in the server's own Python, {own}.")
        return Choice(python)
    return Choice(own)


def _active_candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if prefix := environment.get(variable):
            yield _python_in(Path(prefix))


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
    return project / Path(os.path.expandvars(location)).expanduser()


def _is_servers_own(python: Path) -> bool:
    own = Path(sys.executable)
    if python.parent.absolute() != own.parent.absolute():
        return False
    return os.path.realpath(python) == os.path.realpath(own)


@functools.lru_cache(maxsize=64)
def _probe(python: Path, _changed_ns: int) -> None:
    """Ask an interpreter once what it is; only success is remembered, for as long as the file is the same."""
    command = [str(python), "-c", PROBE]
    try:
        # In the interpreter's own folder: a module of the project must not pass for ipykernel.
        answer = subprocess.run(
            command, cwd=python.parent, capture_output=True, text=True, timeout=PROBE_TIMEOUT_SECONDS, check=True
        ).stdout.split()
        version, has_ipykernel = (int(answer[0]), int(answer[1])), answer[2] == "True"
    except PermissionError:
        raise UnusableInterpreter(
            f"expected a Python interpreter, got {python}, which is not executable - run: chmod +x {python}"
        ) from None
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise UnusableInterpreter(
            f"expected a Python interpreter, got {python}, which did not answer as one "
            f"({_what_happened(error)}) - run: {python} --version"
        ) from None
    if version < OLDEST:
        raise UnusableInterpreter(
            f"expected Python {OLDEST[0]}.{OLDEST[1]} or newer, got {python}, "
            f"which is Python {version[0]}.{version[1]} - name a newer one"
        )
    if not has_ipykernel:
        raise UnusableInterpreter(
            f"expected a Python with ipykernel, got {python}, which has none - run: {python} -m pip install ipykernel"
        )


def _what_happened(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"exit code {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer in {PROBE_TIMEOUT_SECONDS} s"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "unexpected output"
