"""The command of installed kernelspecs: for clients that run no server of ours (nbconvert, papermill, VS Code, ...).

It prepares the kernel as the provisioner does and then becomes it: on POSIX the process itself, so that signals, exit
code and connection file are the kernel's own. For a kernel that runs elsewhere it stays, and passes all that on.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import NoReturn

from jupyter_workbench.kernels.standing_in import EndedBySignal, exit_as, stand_in_for, start_kernel, unless_ended
from jupyter_workbench.kernels.starting import Start, fallback_start, prepare_start, reason_of


def main(argv: list[str] | None = None) -> NoReturn:
    """Start the kernel that the command line names, or the one that says why it cannot start."""
    arguments, rest = _parser().parse_known_args(argv)
    try:
        code, start = asyncio.run(_start(arguments))
        if start is None:
            exit_as(code)
        _become(start, arguments.connection_file, rest)
    except EndedBySignal as ended:
        exit_as(-ended.number)
    except Exception as error:  # a boundary: a process that exits is restarted in silence
        reason = reason_of(error)
        print(reason, file=sys.stderr)  # noqa: T201 - the client's log
        _become(fallback_start(reason, os.environ, arguments.project), arguments.connection_file, rest)


async def _start(arguments: argparse.Namespace) -> tuple[int, Start | None]:
    """Return the start of a process of this machine, or the exit code of a kernel that has run elsewhere."""
    kernel_id, project, name = str(uuid.uuid4()), arguments.project, arguments.run_configuration
    start = await unless_ended(prepare_start(project, name, kernel_id, dict(os.environ)))
    if start.elsewhere is None:
        return 0, start
    try:
        running = await unless_ended(start_kernel(start, kernel_id, Path(arguments.connection_file)))
        return await stand_in_for(running), None
    finally:
        await start.elsewhere.leave(kernel_id)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jupyter_workbench.kernels.launcher", description=__doc__, allow_abbrev=False)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--run-configuration", required=True)
    parser.add_argument("-f", dest="connection_file", required=True)
    return parser


def _become(start: Start, connection_file: str, rest: list[str]) -> NoReturn:
    command = start.command(connection_file) + rest
    os.chdir(start.directory)
    if os.name != "nt":
        os.execve(command[0], command, start.environment)  # noqa: S606 - no shell is wanted
    sys.exit(subprocess.call(command, env=start.environment))
