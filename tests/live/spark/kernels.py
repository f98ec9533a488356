"""Kernels with Spark, started through the folder as a target starts them: without a server, without an engine."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

import jupyter_workbench

INKERNEL = Path(jupyter_workbench.__file__).parent / "inkernel"
sys.path.append(str(Path(__file__).parent.parent.parent / "inkernel"))

from live_kernel import LiveKernel  # noqa: E402

STREAM = "20260101T000000-0123456789abcdef"
NEWEST = "WORKBENCH_TEST_SPARK_PYTHON"
OLDER = "WORKBENCH_TEST_SPARK35_PYTHON"
ANSWER_SECONDS = 120
PAUSE_SECONDS = 0.05

PROMISED_SECONDS = 1.0
"""Until an interrupt is shown: kept by the median of several, since any one may have to wait for a busy processor."""

AT_MOST_SECONDS = 3.0
"""Until any one of them is shown."""

JOBS_PROMISED_SECONDS, JOBS_AT_MOST_SECONDS = 2.0, 10.0
"""Until no job is active after that: by the median, and any time. Those that nobody interrupts take a minute."""


def python_with_spark(variable: str = NEWEST) -> str:
    """The interpreter that has ipykernel and pyspark; skips the test when there is none, or no Java."""
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} names no Python - make one with ipykernel and pyspark, and set it")
    if not shutil.which("java") and "JAVA_HOME" not in os.environ:
        pytest.skip("there is no Java on this machine - apt install openjdk-17-jre-headless")
    return python


class SparkKernel(LiveKernel):
    """A kernel in a folder of its own, whose project has a blank in its name."""

    def __init__(self, folder, python, *, spark=None, env=None, command=()):
        project, spool = folder / "my iris", folder / "spools" / STREAM
        project.mkdir(parents=True)
        spool.mkdir(parents=True)
        facts = {"version": 1, "stream": STREAM, "project": "iris", "run_configuration": "spark", "tracked_run": True}
        (spool / "kernel.json").write_text(json.dumps(facts))
        (spool / "spark.json").write_text(json.dumps({"version": 1, "app_name": "my iris spark", **(spark or {})}))
        argv = [*command, python, str(INKERNEL), "--spool", str(spool), "--spark", "-f", "{connection_file}"]
        super().__init__(argv=argv, spool=spool, project=project, env=env)

    def cell(self, code, timeout=ANSWER_SECONDS):
        """Run a cell to its end: a `Shown`."""
        return self.shown(self.send(code), timeout)

    def shown(self, request, timeout=ANSWER_SECONDS, before=()):
        """What a request that was sent shows until its end, after the messages ``before``."""
        messages = [*before]
        while not _is_end(messages[-1:]):
            messages.append(self._next_of(request, timeout))
        return Shown(messages, self._reply(request, timeout))

    def interrupted(self, code, after=1.0):
        """Run a cell and interrupt it once it has run for so long; also the seconds until the interrupt was shown."""
        request = self.send(code)
        begun = [self._next_of(request, ANSWER_SECONDS)]
        while begun[-1]["msg_type"] != "execute_input":  # before that ipykernel ignores an interrupt
            begun.append(self._next_of(request, ANSWER_SECONDS))
        time.sleep(after)  # there is nothing to be seen at which to wait for the middle of a job
        pressed = time.monotonic()
        self.manager.interrupt_kernel()
        shown = self.shown(request, before=begun)
        return shown, shown.failed - pressed

    def _next_of(self, request, timeout):
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") == request:
                return {**message, "at": time.monotonic()}

    @property
    def pid(self):
        return self.manager.provisioner.process.pid

    def processes(self):
        """The numbers of this kernel's process and of all below it."""
        parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
        family = {self.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return family

    def wait_for_tasks(self, count):
        """Return when so many workers of Python are at work for this kernel."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while len(self.processes()) < 3 + count:  # besides the kernel, Java and the daemon
            assert time.monotonic() < deadline, "no worker has started"
            time.sleep(PAUSE_SECONDS)

    def wait_for_jobs_to_end(self):
        """Return when Spark has no active job, and the seconds that this took; fails after too many."""
        began = time.monotonic()
        while self.cell("print(sc.statusTracker().getActiveJobsIds())").stdout != "[]\n":
            seconds = time.monotonic() - began
            assert seconds < JOBS_AT_MOST_SECONDS, f"Spark still has jobs after {seconds:.1f} s"
        return time.monotonic() - began


class Shown:
    """What one cell shows, as text."""

    def __init__(self, messages, reply):
        self.status = reply["status"]
        self.error = (reply["ename"], reply["evalue"]) if self.status == "error" else None
        self.failed = next((message["at"] for message in messages if message["msg_type"] == "error"), None)
        self.traceback = "\n".join(line for message in messages for line in message["content"].get("traceback", []))
        self.displays = [_text(message) for message in messages if message["msg_type"].endswith("display_data")]
        self.html = [
            message["content"]["data"].get("text/html", "")
            for message in messages
            if message["msg_type"].endswith("display_data")
        ]
        self.result = next((_text(message) for message in messages if message["msg_type"] == "execute_result"), None)
        self.stdout, self.stderr = (
            "".join(message["content"]["text"] for message in messages if message["content"].get("name") == name)
            for name in ("stdout", "stderr")
        )


def wait_until_gone(processes, seconds):
    """Return when all these processes have ended; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while left := [pid for pid in processes if _parent(Path("/proc") / str(pid)) is not None]:
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(PAUSE_SECONDS)


def _parent(process):
    """The parent of a process; None when there is none, or only what its own parent has not yet asked for."""
    try:
        state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else int(parent)


def _is_end(last):
    return any(message["content"].get("execution_state") == "idle" for message in last)


def _text(message):
    return message["content"]["data"]["text/plain"]
