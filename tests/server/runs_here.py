"""A project with a run history, made as a kernel and its server would make it."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from pathlib import Path
from typing import Any

from jupyter_workbench.history.disk.spool import KernelFacts
from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.store import blobs
from jupyter_workbench.history.store.store import Store
from jupyter_workbench.history.upkeep import removal

STREAM = "20261121T134602-0123456789abcdef"
NOON = 1795268762.0  # 2026-11-21T13:46:02Z
GOOD, BAD, RUNNING, BINNED = (f"myIris_{1795268762000 + minute * 60_000}" for minute in range(4))
MODEL = bytes(range(256)) * 4
EMPTY = b""
MODEL_PATH = "outputs/model.pkl"
NAMED_PATH = 'outputs/größe "π" 100%, \U0001f600; x.csv'
LOST_PATH = "outputs/lost.bin"
IMAGE_PATH = "images/confusion.png"
EMPTY_PATH = "outputs/nothing.txt"
ANY_NAME = "Größe / \U0001f600\x07 %2e"
KEPT = {MODEL_PATH: MODEL, NAMED_PATH: b"a,b\n", IMAGE_PATH: b"\x89PNG", EMPTY_PATH: EMPTY}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Kernel:
    """Writes the records of one process, one moment after the other."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.run = 0

    def tell(self, e: str, **told: Any) -> None:
        self.records.append({"e": e, "t": NOON + self.run * 60 + 1, "run": self.key, **told})

    @property
    def key(self) -> str:
        return f"{self.run:032x}"

    def start(self, run_id: str, source: str, **told: Any) -> None:
        milliseconds = int(run_id.rpartition("_")[2])
        self.run = (milliseconds - 1795268762000) // 60_000
        more = {"count": self.run + 1, "cell": f"cell-{self.run}", "notebook": "iris.ipynb", **told}
        self.tell("start", id=run_id, source=source, **more)
        self.records[-1]["t"] = milliseconds / 1000

    def log(self, name: str, value: Any, **more: Any) -> None:
        self.tell("log", name=name, value=value, **more)

    def save(self, path: str, content: bytes) -> None:
        self.tell("output", path=path, sha256=sha256(content), size=len(content))

    def end(self, status: str = "Completed", error: dict[str, str] | None = None) -> None:
        self.tell("end", status=status, duration=2.5, error=error)


def _a_good_run(kernel: Kernel) -> None:
    kernel.start(GOOD, "train()\nprint('done')\n", experiment="baseline")
    for step, loss in enumerate([1.0, 0.5, float("nan"), 0.25, float("inf")]):
        kernel.log("Loss", loss, step=step)
    kernel.log("Accuracy", 0.9)
    kernel.log("Cell", "Train")
    kernel.log("Worst", float("-inf"))
    kernel.log("Precision", [0.5, float("nan"), 1.0])
    kernel.log("Best", {"C": 0.1, "scores": [float("inf")]})
    kernel.log("Confusion", {"yes": [1, 2], "no": [3, 4]}, kind="table")
    kernel.log("Converged", value=True)
    kernel.log("Nothing", None)
    kernel.log(ANY_NAME, 1)
    for path, content in KEPT.items():
        kernel.save(path, content)
    kernel.save(LOST_PATH, b"gone")
    kernel.log("Plot", IMAGE_PATH, kind="image")
    kernel.tell("tag", key="stage", value="final")
    kernel.tell("usage", cpu_seconds=1.5, cpu_peak=99.5, memory_peak=1 << 20, gpu_peak=None, gpu_memory_peak=None)
    kernel.tell("tail", stdout="done\n", stdout_omitted=7, stderr="", stderr_omitted=0)
    kernel.end()


def _a_bad_run(kernel: Kernel) -> None:
    kernel.start(BAD, "train(2)\n")
    kernel.log("Accuracy", 0.1)
    kernel.tell("note", text="why?")
    kernel.end("Failed", {"name": "ValueError", "message": "no", "traceback": "Traceback ...\nValueError: no"})


def write_runs(project: Path) -> ProjectData:
    """Write four runs: one good, one that failed, one that runs, one in the bin; return where they are."""
    kernel = Kernel()
    kernel.records = [
        {"e": "open", "t": NOON, "v": 1, "pid": 1, "python": "3.11.7", "user": "ada", "host": "box"}
        | {"ipykernel": "7.4.0", "variables": ["HOME"]}
    ]
    _a_good_run(kernel)
    _a_bad_run(kernel)
    kernel.start(RUNNING, "wait()\n")
    kernel.start(BINNED, "oops()\n")
    kernel.end("Canceled")
    data = project_data(project, None)
    facts = KernelFacts("myIris", str(project), "local", "local", "local", "Python", kernel_id="k", environment="e")
    with closing(Store(data)) as store:
        lines = "".join(json.dumps(record) + "\n" for record in kernel.records)
        store.apply(STREAM, 0, lines.encode(), facts)
        for content in KEPT.values():
            keep(data, content)
            store.settle_output(STREAM, (sha256(content), len(content)), None)
        store.settle_output(STREAM, (sha256(b"gone"), 4), "the kernel left no content")
        for run, packages in (0, ("numpy==1", "pandas==1")), (1, ("numpy==2", "torch==1")):
            git = Captured(
                NOON + 60, "c" * 40, "main", "https://example.com/x.git", True, "--- a\n+++ b\n", None, packages
            )
            store.annotate(STREAM, [f"{run:032x}"], git)
    removal.delete(data, [BINNED])
    return data


def keep(data: ProjectData, content: bytes) -> Path:
    """Put a content where the outputs are kept; return its file."""
    kept = blobs.blob_path(data.blobs, sha256(content))
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(content)
    return kept
