"""What a kernel in a container is given by its server: variables that no `inspect` shows, its turn, and a lease."""

from __future__ import annotations

import json
import os
import sys
import threading
import time

VARIABLES_FILE = "variables.json"
PERIOD_SECONDS = 1.0


def take_variables(folder: str) -> None:
    """Set the variables that the server left in the kernel's folder; nobody reads them there again."""
    path = os.path.join(folder, VARIABLES_FILE)
    try:
        with open(path, encoding="utf-8") as file:
            variables = json.load(file)
    except FileNotFoundError:
        return  # a kernel of the server's own machine: it inherited them
    os.unlink(path)
    os.environ.update(variables)


def wait_at(gate: str) -> None:
    """Return once the server lets this kernel take its address: until then the former kernel may still have it."""
    if sys.platform == "win32":
        return
    import fcntl

    with open(gate) as file:
        fcntl.flock(file, fcntl.LOCK_SH)


def end_with_the_server(lease: str) -> None:
    """End this process when the server that holds the lease is gone: nobody else could reach it any more.

    The lock is that of the open file (flock(2)), which the kernel of the machine drops with its last descriptor.
    """
    if sys.platform == "win32":
        return
    import fcntl

    def watch() -> None:
        with open(lease) as file:
            while True:
                time.sleep(PERIOD_SECONDS)
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except OSError:
                    continue
                sys.__stderr__ and sys.__stderr__.write("The server of this kernel is gone, so the kernel ends.\n")
                os._exit(1)

    thread = threading.Thread(target=watch, name="WorkbenchLease", daemon=True)
    thread.pydev_do_not_trace = True  # type: ignore[attr-defined]  # a debugger must not stop it
    thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
    thread.start()
