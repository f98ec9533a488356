"""The mirror of a Jupyter server, in a process of its own: mlflow sets up its process, and weighs a hundred megabytes.

Its input says what to do, one JSON object a line: first ``{"tracking_uri", "experiments"}``, then one
``{"data", "project"}`` for each project. It ends when its input does, so it never outlives the server. Its output says
what happens, one ``{"level", "text"}`` a line. An exit code of `CANNOT` means that it makes no sense to try again.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from jupyter_workbench.errors import MirrorError
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.mirror.addresses import Address
from jupyter_workbench.history.mirror.mirror import Mirror
from jupyter_workbench.history.mirror.rounds import Told
from jupyter_workbench.history.mirror.tracking import Tracking

CANNOT = 4

Say = Callable[[str, str], None]


def run(orders: TextIO, say: Say) -> int:
    """Mirror the projects that are named until the orders end; returns the exit code."""
    settings = json.loads(orders.readline() or "{}")
    try:
        address = Address.of(settings["tracking_uri"])
        Tracking(address)  # tells now, and once, that mlflow is missing
    except MirrorError as error:
        say("warning", str(error))
        return CANNOT
    for line in orders:
        project = json.loads(line)
        arguments = (address, ProjectData(Path(project["data"])), project["project"], settings["experiments"], say)
        threading.Thread(target=_follow, args=arguments, daemon=True).start()
    return 0


def _follow(address: Address, data: ProjectData, project: str, experiments: Sequence[str], say: Say) -> None:
    told = Told(lambda text: say("warning", f"{project}: {text}"), lambda *_: None)
    try:
        Mirror(data, Tracking(address), told, experiments).follow()
    except Exception as error:  # the others go on
        reason = address.without_secrets(f"{type(error).__name__}: {error}")
        say("error", f"{project}: its runs are not mirrored any more, please report this ({reason})")


def main() -> None:
    """Read orders from stdin until it ends."""
    output, sys.stdout = sys.stdout, sys.stderr  # what anybody prints must not be taken for a message
    lock = threading.Lock()

    def say(level: str, text: str) -> None:
        with lock:
            output.write(json.dumps({"level": level, "text": text}) + "\n")
            output.flush()

    code = run(sys.stdin, say)
    output.flush()
    os._exit(code)  # a run that is under way is brought to its end by the next mirror


if __name__ == "__main__":
    main()
