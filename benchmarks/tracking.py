"""What the parts of `benchmarks.history` compare: kernels, and the runs of their cells in our store or MLflow's."""

from __future__ import annotations

import ast
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from jupyter_workbench.history.location import project_data

OUR_SETUP = """
from azureml.logging import get_azureml_logger
log = get_azureml_logger().log
"""
MLFLOW_SETUP = """
import mlflow
mlflow.set_tracking_uri({uri!r})
mlflow.set_experiment("myIris")
log = mlflow.log_metric
events = get_ipython().events
def begin(info): mlflow.start_run(tags={{"source": info.raw_cell}})
def end(result): mlflow.end_run()
def mlflow_on():
    events.register("pre_run_cell", begin)
    events.register("post_run_cell", end)
def mlflow_off():
    mlflow.end_run()
    events.unregister("pre_run_cell", begin)
    events.unregister("post_run_cell", end)
"""
MLFLOW_LIST = "import mlflow; print([r.info.run_id for r in mlflow.search_runs(['1'], output_format='list')])"
TIMED = """
from time import perf_counter, process_time
def timed(batches, size):
    means, singles = [], []
    for _ in range(batches):
        began = perf_counter()
        for _ in range(size):
            log("x", 0.5)
        means.append((perf_counter() - began) / size)
    for _ in range(batches * size):
        began = perf_counter()
        log("x", 0.5)
        singles.append(perf_counter() - began)
    return means, sorted(singles)[len(singles) * 99 // 100]
"""


class Notebook:
    """One kernel and the client that runs its cells."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    async def start(cls, manager: AsyncMappingKernelManager, setup: str) -> Notebook:
        """Start a kernel and run its first cell."""
        kernel = manager.get_kernel(await manager.start_kernel(kernel_name="myiris_local"))
        await kernel.ready
        client = kernel.client()
        client.start_channels(stdin=False, hb=False)
        await client.wait_for_ready(timeout=60)
        notebook = cls(client)
        await notebook.run(setup + TIMED)
        return notebook

    async def run(self, code: str) -> tuple[float, float]:
        """Return the seconds until the reply and until the kernel is idle."""
        reply, idle, _ = await self._run(code, {})
        return reply, idle

    async def value(self, expression: str) -> Any:
        """Return the value that an expression has in a cell."""
        _, _, values = await self._run(f"value = {expression}", {"value": "value"})
        return ast.literal_eval(values["value"]["data"]["text/plain"])

    async def _run(self, code: str, expressions: Mapping[str, str]) -> tuple[float, float, Any]:
        began = time.perf_counter()
        request = self._client.execute(code, user_expressions=expressions)
        answer = await self._client.get_shell_msg(timeout=120)
        while answer["parent_header"]["msg_id"] != request:  # of one more question whether the kernel is ready
            answer = await self._client.get_shell_msg(timeout=120)
        reply = time.perf_counter() - began
        assert answer["content"]["status"] == "ok", answer["content"]
        while True:
            message = await self._client.get_iopub_msg(timeout=60)
            is_ours = message["parent_header"].get("msg_id") == request
            if is_ours and message["content"].get("execution_state") == "idle":
                return reply, time.perf_counter() - began, answer["content"]["user_expressions"]


class OurStore:
    """The runs of the project, and the commands that list them."""

    def __init__(self, project: Path) -> None:
        self.database = project_data(project, None).database
        self.environment: dict[str, str] = {}
        ours = (sys.executable, "-m", "jupyter_workbench.cli", "history", "list", "-o", "json")
        self.commands: dict[str, tuple[str, ...]] = {"workbench history list": (*ours, "--project", str(project))}

    def newest(self) -> str | None:
        """Return the newest run, if it has ended."""
        newest = _row(self.database, "SELECT run_id, status FROM runs ORDER BY started DESC, number DESC LIMIT 1")
        return str(newest[0]) if newest and newest[1] == "Completed" else None

    def newest_value(self) -> float | None:
        """Return the value that the newest run logged last."""
        query = "SELECT number FROM metrics WHERE run = (SELECT max(number) FROM runs) ORDER BY position DESC LIMIT 1"
        newest = _row(self.database, query)
        return newest[0] if newest else None

    def count(self, table: str) -> int:
        """Return how many runs or metrics there are."""
        counted = _row(self.database, f"SELECT count(*) FROM {table}")
        return counted[0] if counted else 0


class MlflowStore:
    """A store of MLflow's, and the commands that list its runs."""

    def __init__(self, python: str, database: Path, wal: bool) -> None:
        self.database, self.uri = database, f"sqlite:///{database}"
        self.environment = {"MLFLOW_TRACKING_URI": self.uri}
        make = "import mlflow; assert mlflow.set_experiment('myIris').experiment_id == '1'"
        subprocess.run([python, "-c", make], check=True, env=os.environ | self.environment, stderr=subprocess.PIPE)
        if wal:
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
        self.commands: dict[str, tuple[str, ...]] = {
            "mlflow runs list": (python, "-m", "mlflow", "runs", "list", "--experiment-id", "1"),
            "python -c mlflow.search_runs": (python, "-c", MLFLOW_LIST),
        }

    def newest(self) -> str | None:
        """Return the newest run that ended."""
        query = "SELECT run_uuid FROM runs WHERE status = 'FINISHED' ORDER BY end_time DESC LIMIT 1"
        newest = _row(self.database, query)
        return str(newest[0]) if newest else None

    def newest_value(self) -> float | None:
        """Return the value that was logged last, of values that grow."""
        newest = _row(self.database, "SELECT max(value) FROM latest_metrics")
        return newest[0] if newest else None

    def count(self, table: str) -> int:
        """Return how many runs or metrics there are."""
        counted = _row(self.database, f"SELECT count(*) FROM {table}")
        return counted[0] if counted else 0


AnyStore: TypeAlias = OurStore | MlflowStore


def _row(database: Path, query: str) -> tuple[Any, ...] | None:
    """Ask as any other process would, by a connection of its own."""
    if not database.exists():
        return None
    with closing(sqlite3.connect(database)) as connection:
        row: tuple[Any, ...] | None = connection.execute(query).fetchone()
    return row
