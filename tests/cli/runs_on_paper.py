"""Two runs of one notebook, as two kernels left them."""

from __future__ import annotations

from contextlib import closing

from kernel_on_paper import (
    FACTS,
    MORNING,
    OTHER_RUN,
    RUN,
    RUN_ID,
    ended,
    leave_blob,
    lines,
    logged,
    opened,
    saved,
    started,
    write,
)

from jupyter_workbench.history.intake.sweep import catch_up, sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.store.store import Store

BEST = RUN_ID
WORST = "iris_1504832341117"
COMMIT = "4e1243bd22c66e76c2ba9eddc1f91394e57f9f83"
MODEL = b"\x80model\xff"
REPORT = "größe: 5\n\x1b[31mred\n".encode()


def leave_two_runs(data: ProjectData) -> None:
    best = data.new_spool(FACTS)
    for content in (MODEL, REPORT, b"png"):
        leave_blob(best, content)
    write(
        best,
        lines(
            opened(),
            started(source="rate = 0.1\ntrain()"),
            *(logged(name, value) for name, value in (("Accuracy", 0.75), ("loss", 1.0), ("loss", 0.5))),
            *(logged(name, value) for name, value in (("ids", [1, 2]), ("Cell", "Load Data"))),
            {"e": "tag", "t": MORNING, "run": RUN, "key": "stage", "value": "review"},
            {"e": "note", "t": MORNING, "run": RUN, "text": "the one to keep"},
            saved("images/roc.png", b"png"),
            {**logged("roc", "images/roc.png"), "kind": "image"},
            saved("outputs/model.pkl", MODEL),
            saved("outputs/report.txt", REPORT),
            {"e": "tail", "t": MORNING, "run": RUN, "stdout": "epoch 1\nepoch 2\n", "stdout_omitted": 0, "stderr": "",
             "stderr_omitted": 0},
            ended(),
        ),
    )  # fmt: skip
    captured = Captured(MORNING, COMMIT, "main", "https://example.com/iris.git", dirty=True, diff="--- a\n+++ b\n+x\n",
                        packages=("numpy==1.0", "pandas==2.0"))  # fmt: skip
    _take(data, best, RUN, captured)
    worst = data.new_spool(FACTS)
    error = {"name": "ValueError", "message": "no rows", "traceback": "line 2, in train"}
    write(
        worst,
        lines(
            opened(),
            started(OTHER_RUN, t=MORNING + 60, id=WORST, source="rate = 0.2\ntrain()"),
            logged("Accuracy", 0.5, run=OTHER_RUN),
            saved("outputs/lost.pkl", b"lost", run=OTHER_RUN),
            ended(OTHER_RUN, status="Failed", error=error, t=MORNING + 65),
        ),
    )
    _take(data, worst, OTHER_RUN, Captured(MORNING + 60, packages=("numpy==1.1", "scipy==1.0")))


def _take(data: ProjectData, spool, run: str, captured: Captured) -> None:
    with closing(Store(data)) as store:
        catch_up(spool, store)
        store.annotate(spool.stream, [run], captured)
        sweep(data, store)


def leave_output(data: ProjectData, run: str, id_: str, path: str, content: bytes) -> None:
    """Leave a run with one output and nothing else; its public id begins as ``id_``."""
    spool = data.new_spool(FACTS)
    leave_blob(spool, content)
    write(spool, lines(opened(), started(run, id=id_), saved(path, content, run), ended(run)))
