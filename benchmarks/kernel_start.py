"""Start to first result: `<project> local` beside a bare ipykernel, through the same manager in the same run.

    python -m benchmarks.kernel_start [ROUNDS]

Goal: at most 1.15 times the bare kernel.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager

from benchmarks.measure import Candidate, report, side_by_side
from jupyter_workbench.kernels.managers import with_workbench_kernels
from jupyter_workbench.kernels.specs import with_workbench_specs


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as root:
        project = _project(Path(root))
        os.environ["JUPYTER_WORKBENCH_DATA_DIR"] = str(Path(root) / "data")
        os.chdir(project)
        manager = _manager(project)
        candidates = {"bare ipykernel": _start(manager, "python3"), "myIris local": _start(manager, "myiris_local")}
        report("start to first result", side_by_side(candidates, rounds))


def _project(root: Path) -> Path:
    configuration = root / "myIris" / "aml_config"
    configuration.mkdir(parents=True)
    (configuration / "local.compute").write_text(
        f"type: local\npythonLocation: python\nnativeSharedDirectory: {root / 'share'}\n"
    )
    (configuration / "local.runconfig").write_text("ArgumentVector:\n- $file\nTarget: local\nFramework: Python\n")
    return configuration.parent


def _manager(project: Path) -> AsyncMappingKernelManager:
    specs = with_workbench_specs(KernelSpecManager)()
    return with_workbench_kernels(AsyncMappingKernelManager)(kernel_spec_manager=specs, root_dir=str(project))


def _start(manager: AsyncMappingKernelManager, name: str) -> Candidate:
    async def start_and_shut_down() -> float:
        before = time.perf_counter()
        kernel_id = await manager.start_kernel(kernel_name=name)
        await _first_result(manager.get_kernel(kernel_id))
        seconds = time.perf_counter() - before
        await manager.shutdown_kernel(kernel_id, now=True)
        return seconds

    return start_and_shut_down


async def _first_result(kernel: ServerKernelManager) -> None:
    await kernel.ready
    client = kernel.client()
    client.start_channels(iopub=False, stdin=False, hb=False)
    client.execute("1 + 1")
    reply = await client.get_shell_msg(timeout=60)
    assert reply["content"]["status"] == "ok"
    client.stop_channels()


if __name__ == "__main__":
    main()
