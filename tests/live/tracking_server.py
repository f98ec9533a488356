"""A real MLflow tracking server in a process of its own, and MLflow's own client to look into it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEADLINE_SECONDS = 120
SETTINGS = {
    # Without jobs it is two processes instead of ten.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_TRACKING_URI": "",
}

READER = """
import json, sys
from mlflow import MlflowClient
client = MlflowClient(sys.argv[1])

def artifacts(run, folder=None):
    for found in client.list_artifacts(run, folder):
        if found.is_dir:
            yield from artifacts(run, found.path)
        else:
            yield found.path, found.file_size

told = []
for experiment in client.search_experiments():
    for run in client.search_runs([experiment.experiment_id], max_results=1000):
        id = run.info.run_id
        told.append({
            "experiment": experiment.name, "id": id, "name": run.info.run_name, "status": run.info.status,
            "start_time": run.info.start_time, "end_time": run.info.end_time, "user": run.info.user_id,
            "params": run.data.params, "tags": run.data.tags, "artifacts": dict(artifacts(id)),
            "metrics": {
                key: sorted([point.step, point.value, point.timestamp] for point in client.get_metric_history(id, key))
                for key in run.data.metrics
            },
        })
models = [
    {"name": version.name, "version": str(version.version), "source": version.source, "run": version.run_id}
    for version in client.search_model_versions()
]
print(json.dumps({"runs": told, "models": models}))
"""


@dataclass
class TrackingServer:
    """With SQLite, and artifacts that it takes itself, as most have it."""

    python: str
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [
            self.python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1",
            "--backend-store-uri", f"sqlite:///{self.folder / 'mlflow.db'}",
            "--artifacts-destination", str(self.folder / "artifacts"),
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, env={**os.environ, **SETTINGS}, start_new_session=True
            )
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """End all its processes at once, whatever they do."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def read(self) -> dict[str, Any]:
        """Return everything that MLflow's own client finds."""
        done = subprocess.run([self.python, "-c", READER, self.uri], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.uri}/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False


@contextlib.contextmanager
def tracking_server(python: str, folder: Path) -> Iterator[TrackingServer]:
    """Run one on a free port."""
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = TrackingServer(python, folder, free.getsockname()[1])
    try:
        server.start()
        yield server
    finally:
        server.kill()
