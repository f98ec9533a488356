"""What a process of MLflow's own Python does for `benchmarks.mlflow_process`; it imports nothing of ours.

One JSON object a line comes in on stdin: ``{"call": name, **arguments}``. One goes out on stdout: the seconds and CPU
seconds of the call (the client is made and warm), and what it returned.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Metric, RunTag

EXPERIMENT = "1"  # the first that is made beside the default one, 0


def serve() -> None:
    """Answer until stdin ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what MLflow prints is no answer
    for line in sys.stdin:
        request = json.loads(line)
        call, client = _CALLS[request.pop("call")], _client(request.pop("uri"))
        began, cpu = time.perf_counter(), time.process_time()
        value = call(client, **request)
        spent = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
        print(json.dumps({**spent, "value": value}), file=answers, flush=True)


@lru_cache
def _client(uri: str) -> MlflowClient:
    return MlflowClient(uri)


def _run_by_calls(client: MlflowClient, metrics: dict[str, float], tags: dict[str, str]) -> str:
    run = client.create_run(EXPERIMENT).info.run_id
    for name, value in metrics.items():
        client.log_metric(run, name, value)
    for key, text in tags.items():
        client.set_tag(run, key, text)
    client.set_terminated(run)
    return str(run)


def _run_in_a_batch(client: MlflowClient, metrics: dict[str, float], tags: dict[str, str]) -> str:
    run = client.create_run(EXPERIMENT).info.run_id
    now = int(time.time() * 1000)
    logged = [Metric(name, value, now, 0) for name, value in metrics.items()]
    client.log_batch(run, logged, tags=[RunTag(key, text) for key, text in tags.items()])
    client.set_terminated(run)
    return str(run)


def _listing(client: MlflowClient, limit: int) -> list[int]:
    """Return how many runs there are in the answer, and how many metrics."""
    runs = client.search_runs([EXPERIMENT], max_results=limit)
    return [len(runs), sum(len(run.data.metrics) for run in runs)]


def _comparing(client: MlflowClient, limit: int, name: str, points: int) -> list[int]:
    """Return how many metrics there are in the answer, and how many points of series."""
    runs = client.search_runs([EXPERIMENT], max_results=limit)
    return [
        sum(len(run.data.metrics) for run in runs),
        _points(client, [run.info.run_id for run in runs], name, points),
    ]


def _series(client: MlflowClient, run: str, name: str, points: int) -> int:
    """Return how many points there are in the answer."""
    return _points(client, [run], name, points)


def _points(client: MlflowClient, runs: list[str], name: str, points: int) -> int:
    """Count what MLflow's server gets for the charts of its pages; the client has no such function."""
    store: Any = client._tracking_client.store
    return len(store.get_metric_history_bulk_interval(runs, name, points, None, None))


_CALLS: dict[str, Callable[..., Any]] = {
    "run by calls": _run_by_calls,
    "run in a batch": _run_in_a_batch,
    "listing": _listing,
    "comparing": _comparing,
    "series": _series,
}
