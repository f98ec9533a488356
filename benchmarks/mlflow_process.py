"""A warm process of MLflow's own Python, which does one thing after another and says how long each took."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WORKER = Path(__file__).with_name("mlflow_worker.py")


@dataclass(frozen=True)
class Answer:
    """What a call returned, and what it took of time and of the processor."""

    seconds: float
    cpu: float
    value: Any


class MlflowProcess:
    """Use it as a context manager: the process ends with it."""

    def __init__(self, python: str) -> None:
        serve = f"import runpy; runpy.run_path({str(_WORKER)!r})['serve']()"
        self._process = subprocess.Popen(
            [python, "-c", serve], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __enter__(self) -> MlflowProcess:
        return self

    def __exit__(self, *_failure: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def call(self, what: str, uri: str, **arguments: object) -> Answer:
        """Do one of the things that `benchmarks.mlflow_worker` knows, on the store of that URI."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"call": what, "uri": uri, **arguments}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"MLflow's process ended in {what!r}; its own words are above"
        return Answer(**json.loads(answer))
