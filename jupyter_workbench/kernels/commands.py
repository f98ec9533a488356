"""How a module of ours is run as a program."""

from __future__ import annotations

import sys

# `python -m` would put the folder that it is started in first on sys.path: a `random.py` of the user's project would
# then pass for the module that Python means. (`-P` says the same from Python 3.11 on.)
PROGRAM = "import sys; sys.path[:] = filter(None, sys.path); from {module} import main; main()"


def command_of(module: str) -> list[str]:
    """Return the command that calls ``main`` of ``module`` in the Python that we run in."""
    return [sys.executable, "-c", PROGRAM.format(module=module)]
