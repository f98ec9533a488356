"""The kernels of `benchmarks.history`, and where the runs of their cells are kept."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from benchmarks.tracking import MLFLOW_SETUP, OUR_SETUP, AnyStore, MlflowStore, Notebook, OurStore
from jupyter_workbench.kernels.managers import with_workbench_kernels
from jupyter_workbench.kernels.specs import with_workbench_specs

LOGS, MLFLOW_LOGS = (100, 1000), (10, 50)  # batches, calls in a batch; then as many calls one by one
OURS_OFF, OFF_AGAIN, OURS_ON = "history off", "history off, again", "history on"
MLFLOWS = ("MLflow", "MLflow, WAL")


@dataclass(frozen=True)
class Candidate:
    """One way to have a history of runs, or none; ``off`` leaves the kernel as the next candidate wants it."""

    notebook: Notebook
    on: str
    off: str
    logs: tuple[int, int]


class Tracked:
    """Every candidate in a kernel that is warm; ``stores`` has those that keep runs."""

    def __init__(self, root: Path, mlflow_python: str | None) -> None:
        self.project = _project(root, mlflow_python or sys.executable)
        self.mlflow_python = mlflow_python
        self.stores: dict[str, AnyStore] = {OURS_ON: OurStore(self.project)}
        for name in MLFLOWS if mlflow_python else ():
            self.stores[name] = MlflowStore(mlflow_python or "", root / f"{name}.db", wal="WAL" in name)
        self.candidates: dict[str, Candidate] = {}
        specs = with_workbench_specs(KernelSpecManager)()
        self._manager: Any = with_workbench_kernels(AsyncMappingKernelManager)(
            kernel_spec_manager=specs, root_dir=str(self.project)
        )

    async def start(self) -> None:
        """Start the kernels; history off, and off again, and on, is one kernel."""
        ours = await self.another(OURS_ON)
        for name in (OURS_OFF, OFF_AGAIN):
            self.candidates[name] = Candidate(ours.notebook, ours.off, ours.off, ours.logs)
        self.candidates[OURS_ON] = ours
        for name in list(self.stores)[1:]:
            self.candidates[name] = await self.another(name)

    async def another(self, name: str) -> Candidate:
        """Start one more kernel whose runs go to the store of that name; its history is off."""
        store = self.stores[name]
        if isinstance(store, OurStore):
            notebook = await Notebook.start(self._manager, OUR_SETUP)
            return Candidate(notebook, "%azureml history on", "%azureml history off", LOGS)
        notebook = await Notebook.start(self._manager, MLFLOW_SETUP.format(uri=store.uri))
        return Candidate(notebook, "mlflow_on()", "mlflow_off()", MLFLOW_LOGS)

    async def stop(self) -> None:
        """End every kernel."""
        await self._manager.shutdown_all(now=True)


def shuffled(names: Iterable[str], number: int) -> list[str]:
    """Return the names in an order that belongs to the round: none always follows the same one."""
    ordered = list(names)
    return random.Random(number).sample(ordered, len(ordered))


def _project(root: Path, python: str) -> Path:
    """Make a project whose only kernel is local, and work in it."""
    configuration = root / "myIris" / "aml_config"
    configuration.mkdir(parents=True)
    (configuration / "local.compute").write_text(
        f"type: local\npythonLocation: {python}\nnativeSharedDirectory: {root / 'share'}\n"
    )
    (configuration / "local.runconfig").write_text("ArgumentVector:\n- $file\nTarget: local\nFramework: Python\n")
    os.chdir(configuration.parent)
    return configuration.parent
