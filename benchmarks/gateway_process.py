"""Runs in the environment of gateway_provisioners: reads `start`, `restart` or `shut_down`, prints the seconds."""

from __future__ import annotations

import asyncio
import json
import sys

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from benchmarks.kernels import Subject

KERNEL = "gp_docker"


def main() -> None:
    """Answer each line until the last one."""
    asyncio.run(_answer())


async def _answer() -> None:
    # Its own launcher writes to stdout.
    answers, sys.stdout = sys.stdout, sys.stderr
    subject = Subject(AsyncMappingKernelManager(), KERNEL)
    while line := await asyncio.to_thread(sys.stdin.readline):
        seconds = await getattr(subject, line.strip())()
        print(json.dumps(seconds), file=answers, flush=True)
