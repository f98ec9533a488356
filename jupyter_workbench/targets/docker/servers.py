"""Which process something of ours belongs to, so that it can be told later whether that process still lives."""

from __future__ import annotations

import os
import socket
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def this_server() -> str:
    """Return ``<host>/<boot>/<namespace>/<pid>/<start>`` of this process; the start in ticks since the boot (proc(5)).

    Neither the wall clock nor a process id alone would do: clocks are set, and ids are used again.
    """
    return f"{socket.gethostname()}/{_boot()}/{_namespace()}/{os.getpid()}/{_start_of(os.getpid())}"


def is_gone(server: str) -> bool:
    """Tell whether a process is certainly gone. Of another host's, or another container's, nothing is certain."""
    try:
        host, boot, namespace, pid, start = server.split("/")
        number = int(pid)
    except ValueError:
        return True  # not a name of ours: nobody can still own it
    if host != socket.gethostname():
        return False
    if boot != _boot():
        return True
    return namespace == _namespace() and start != _start_of(number)


def _namespace() -> str:
    """Return which processes this one sees (pid_namespaces(7)): numbers of others mean nothing here."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _start_of(pid: int) -> str:
    """Return when a process started; of no process that is nothing, and nothing can be told without ``/proc``."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "" if Path("/proc/self/stat").exists() or not _runs(pid) else "unknown"
    return text.rpartition(")")[2].split()[19]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
