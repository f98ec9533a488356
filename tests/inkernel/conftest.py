"""Kernels of ours, as anybody else starts them: through the folder, without a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_workbench

INKERNEL = Path(jupyter_workbench.__file__).parent / "inkernel"
if str(INKERNEL) not in sys.path:
    sys.path.append(str(INKERNEL))  # as in a kernel: behind everything else

from live_kernel import LiveKernel  # noqa: E402
from quiet_shell import QuietShell  # noqa: E402

PYTHONS = [path for path in os.environ.get("WORKBENCH_TEST_PYTHONS", "").split(os.pathsep) if path]
STREAM = "20260101T000000-0123456789abcdef"


def _name(python: str) -> str:
    return "this" if python == sys.executable else Path(python).parent.parent.name


@pytest.fixture(params=[sys.executable, *PYTHONS], ids=_name)
def python(request):
    """The interpreter of this test run, and each one that WORKBENCH_TEST_PYTHONS names."""
    return request.param


@pytest.fixture(scope="session")
def python_versions():
    """Python version -> version of its ipykernel, of the interpreters that this test run covers."""
    ask = "import sys, ipykernel; print('%d.%d' % sys.version_info[:2], ipykernel.__version__)"
    told = [
        subprocess.run([path, "-c", ask], capture_output=True, text=True, check=False)
        for path in [sys.executable, *PYTHONS]
    ]
    return dict(done.stdout.split() for done in told if done.returncode == 0)


@pytest.fixture
def inkernel():
    """The folder that is shipped into kernels."""
    return INKERNEL


@pytest.fixture
def a_project(tmp_path):
    """An empty project folder."""
    folder = tmp_path / "iris"
    (folder / "outputs").mkdir(parents=True)
    return folder


@pytest.fixture
def make_spool(tmp_path):
    """Makes the spool folder as the server does before it starts a kernel."""

    def make(**facts):
        folder = tmp_path / "spools" / STREAM
        folder.mkdir(parents=True)
        told = {"version": 1, "stream": STREAM, "project": "iris", "run_configuration": "local", "tracked_run": True}
        (folder / "kernel.json").write_text(json.dumps({**told, **facts}))
        return folder

    return make


@pytest.fixture
def start_kernel(a_project, python):
    """Starts kernels in the project; all of them are gone at the end of the test."""
    started = []

    def start(spool, *, argv=None, env=None):
        argv = argv or [python, str(INKERNEL), "--spool", str(spool), "-f", "{connection_file}"]
        kernel = LiveKernel(argv=argv, spool=spool, project=a_project, env=env)
        started.append(kernel)
        return kernel.started()

    yield start
    for kernel in started:
        kernel.stop()


@pytest.fixture
def a_kernel(start_kernel, make_spool):
    """A kernel with history off."""
    return start_kernel(make_spool())


@pytest.fixture
def make_shell(a_project, make_spool, monkeypatch):
    """Makes an IPython shell of this process with the run history attached, in the project folder."""
    monkeypatch.chdir(a_project)
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # a shell puts its own there
    monkeypatch.setattr("workbench_kernel.logger._history", None)
    monkeypatch.setattr("workbench_kernel.complaints._said", set())
    monkeypatch.setenv("JPY_SESSION_NAME", "")

    def make(spool=None, **facts):
        return QuietShell(spool or make_spool(**facts))

    return make


@pytest.fixture
def a_shell(make_shell):
    """Such a shell, history off."""
    return make_shell()
