"""What long cells use: of this process, of its children, of GPUs."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from workbench_kernel import gpus, processes, usage
from workbench_kernel.usage import Meter

BUSY = "import time, sys\nend = time.process_time() + float(sys.argv[1])\nwhile time.process_time() < end: pass\n"


@pytest.fixture
def meter(monkeypatch):
    """One that takes each look, and finds any time worth a record."""
    monkeypatch.setattr(usage, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(usage, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(usage, "PERIOD_SECONDS", 0.1)
    monkeypatch.setattr(usage, "_SHARE", 0)
    return Meter


@pytest.fixture
def spinning():
    """Starts a process that is busy for so many seconds, and then waits for its end."""
    started = []

    def spin(seconds, *, wait):
        code = BUSY + ("sys.stdin.read()" if wait else "")
        started.append(subprocess.Popen([sys.executable, "-c", code, str(seconds)], stdin=subprocess.PIPE))
        return started[-1]

    yield spin
    for process in started:
        process.stdin.close()
        process.wait()


def cpu_of(process):
    return next((child.cpu for child in processes.children() if child.pid == process.pid), 0.0)


def wait_until(condition, *, timeout=30):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_short_cell_has_no_record():
    assert Meter().facts() is None


def test_a_meter_takes_no_look_before_its_time(monkeypatch):
    monkeypatch.setattr(processes, "children", lambda: pytest.fail("too early"))
    Meter().look()


def test_what_a_long_cell_used_is_told(meter):
    measured = meter()
    end = time.process_time() + 0.3
    while time.process_time() < end:
        measured.look()
    facts = measured.facts()
    assert 0.2 <= facts["cpu_seconds"] < 5
    assert 1 < facts["cpu_peak"] < 1000
    assert facts["memory_peak"] > 5_000_000


def test_a_child_that_has_ended_counts(meter, spinning):
    measured = meter()
    spinning(0.3, wait=False).wait()
    assert 0.25 <= measured.facts()["cpu_seconds"] < 3


def test_a_child_that_lives_counts(meter, spinning):
    measured = meter()
    child = spinning(0.3, wait=True)
    wait_until(lambda: cpu_of(child) >= 0.3)
    assert 0.25 <= measured.facts()["cpu_seconds"] < 3


def test_what_a_child_used_before_the_cell_does_not_count(meter, spinning):
    child = spinning(0.5, wait=True)
    wait_until(lambda: cpu_of(child) >= 0.5)
    measured = meter()
    measured.look()
    child.stdin.close()
    child.wait()
    assert measured.facts()["cpu_seconds"] < 0.4


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_memory_that_a_forked_child_shares_is_counted_once(meter):
    block = mmap.mmap(-1, 60_000_000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    block.write(b"x" * 60_000_000)
    begin, end = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.write(begin[1], b".")
        os.read(end[0], 1)
        os._exit(0)
    os.read(begin[0], 1)
    alone, both = processes.memory([]), processes.memory(processes.children())
    os.write(end[1], b".")
    os.waitpid(child, 0)
    assert both < alone + 40_000_000


def test_memory_that_a_child_has_is_counted(spinning):
    code = "block = b'x' * 60_000_000; print(1, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        found = processes.memory(processes.children())
        child.stdin.close()
    assert found > 60_000_000


def test_looking_takes_a_hundredth_of_the_time_at_most(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(usage, "perf_counter", lambda: now[0])
    looks = []

    def slow(**_how):
        looks.append(now[0])
        now[0] += 0.5

    measured = Meter()
    monkeypatch.setattr(measured, "_look_at_processes", slow)
    for _ in range(1200):
        now[0] += 0.1
        measured.look()
    assert 2 <= len(looks) <= 3


def test_elsewhere_psutil_is_asked_when_it_is_there(monkeypatch, spinning):
    psutil = pytest.importorskip("psutil")
    child = spinning(0, wait=True)
    monkeypatch.setattr(processes, "_IS_LINUX", False)
    assert child.pid in [found.pid for found in processes.children()]
    assert processes.memory(processes.children()) > psutil.Process(child.pid).memory_info().rss
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert processes.children() == []
    assert processes.memory([]) is None


class Driver:
    """The driver's library (NVML) with two GPUs; ctypes' references hold what they refer to."""

    def nvmlInit_v2(self):  # noqa: N802 - names of the library
        return 0

    def nvmlDeviceGetCount_v2(self, count):  # noqa: N802
        count._obj.value = 2
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index, handle):  # noqa: N802
        handle._obj.value = index + 1
        return 0

    def nvmlDeviceGetMemoryInfo(self, handle, used):  # noqa: N802
        used[0], used[1], used[2] = 8_000_000_000, 0, handle.value * 1_000_000_000
        return 0

    def nvmlDeviceGetUtilizationRates(self, handle, rates):  # noqa: N802
        rates[0] = handle.value * 30
        return 0


@pytest.fixture
def driver(monkeypatch):
    monkeypatch.setattr(gpus, "_handles", None)
    monkeypatch.setattr(gpus, "_library", None)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    found = SimpleNamespace(library=Driver())
    monkeypatch.setattr(gpus, "_load", lambda _ctypes: found.library)
    return found


@pytest.mark.parametrize(
    ("visible", "busy", "memory"),
    [
        (None, 60.0, 3_000_000_000),
        ("0", 30.0, 1_000_000_000),
        ("1, 0", 60.0, 3_000_000_000),
        ("GPU-1", 60.0, 3_000_000_000),
    ],
)
def test_the_gpus_that_the_kernel_may_use_are_measured(meter, driver, monkeypatch, visible, busy, memory):
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    measured = meter()
    measured.look()
    facts = measured.facts()
    assert (facts["gpu_peak"], facts["gpu_memory_peak"]) == (busy, memory)


@pytest.mark.parametrize("visible", ["", "-1"])
def test_a_kernel_that_may_use_no_gpu_has_no_peak(meter, driver, monkeypatch, visible):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpus.read() is None


def test_without_a_driver_there_is_no_peak(meter, driver):
    driver.library = None
    measured = meter()
    measured.look()
    facts = measured.facts()
    assert (facts["gpu_peak"], facts["gpu_memory_peak"]) == (None, None)


def test_a_driver_that_is_not_as_expected_counts_as_none(driver):
    driver.library = object()
    assert gpus.read() is None
