"""A process that is started for Spark ends with the kernel that has started it, whatever it is just doing."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

import pytest
from workbench_kernel.spark.tying import Tied

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="not run: Linux alone can tie processes")

END_SECONDS = 10
PARENT = """
import os, subprocess, sys
from workbench_kernel.spark.tying import Tied
arguments = Tied(stdin=subprocess.PIPE)
arguments["preexec_fn"] = lambda: os.write(1, b"pyspark's own")
subprocess.Popen(["sleep", "60"], **arguments)
print(flush=True)
sys.stdin.read()
"""


def test_a_process_is_gone_when_its_kernel_was_killed(inkernel):
    inner, outer = os.pipe()  # the sleeping process holds its end of it as long as it lives
    environment = {**os.environ, "PYTHONPATH": str(inkernel)}
    kernel = subprocess.Popen(
        [sys.executable, "-c", PARENT], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=outer
    )
    os.close(outer)
    assert kernel.stdout.readline() == b"pyspark's own\n"
    kernel.send_signal(signal.SIGKILL)
    readable, _, _ = select.select([inner], [], [], END_SECONDS)
    assert readable, "the process is still there"
    assert os.read(inner, 1) == b""
    os.close(inner)
    kernel.communicate()


def test_what_else_a_process_is_started_with_stays():
    arguments = Tied(stdout=3)
    arguments["env"] = {"A": "1"}
    assert arguments == {"stdout": 3, "env": {"A": "1"}}
