"""Whatever comes in whatever order, the store ends up the same; and no bytes can make it raise or touch other runs."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from kernel_on_paper import (
    FACTS,
    OTHER_RUN,
    OTHER_STREAM,
    RUN,
    STREAM,
    THIRD_RUN,
    ended,
    everything,
    leave_blob,
    lines,
    logged,
    moved,
    noted,
    opened,
    printed,
    saved,
    started,
    tagged,
    used,
    write,
)

from jupyter_workbench.errors import HistoryError, RunNotFound
from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake.sweep import PROCESS_ENDED, catch_up, sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.filters import Filter
from jupyter_workbench.history.reading.overview import overview
from jupyter_workbench.history.reading.queries import info, list_runs
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.store.store import Store
from jupyter_workbench.history.upkeep import editing, removal
from jupyter_workbench.history.upkeep.repair import repair

FIRST = lines(
    opened(), started(), logged("a", 1), logged("b", "x"), saved("outputs/m", b"model"), tagged("k", "1"),
    logged("a", 2), noted("first"), moved("tuning"), tagged("k", "2"), noted("second"), used(), printed("out", "err"),
    ended(status="Failed", error={"name": "E", "message": "m", "traceback": "t"}), tagged("late", "yes"),
    started(THIRD_RUN, id="iris_5"), logged("a", [1], run=THIRD_RUN),
)  # fmt: skip
SECOND = (
    lines(opened(), started(OTHER_RUN, id="iris_7"), logged("a", 3, run=OTHER_RUN), tagged("k", None, OTHER_RUN))
    + b"rubbish\n"
    + lines(logged("a", 9, run=RUN), tagged("k", "bad", RUN), logged("é", None, run=OTHER_RUN))
    + lines(ended(OTHER_RUN, "Canceled"))
)
CONTENT = {0: FIRST, 1: SECOND}

IDS = ("iris_1504832281117", "iris_5", "iris_7")
CAPTURED = Captured(1.0, "c" * 40, "main", None, True, "the diff", None, ("a==1",))

which = st.sampled_from([0, 1])
where = st.integers(0, max(len(FIRST), len(SECOND)))
actions = st.lists(
    st.one_of(
        st.tuples(st.just("write"), which, st.integers(1, 400), st.just(0)),
        st.tuples(st.just("push"), which, where, where),
        st.tuples(st.just("read"), which, st.just(0), st.just(0)),
        st.tuples(st.just("sweep"), which, st.just(0), st.just(0)),
        st.tuples(st.just("die"), which, st.just(0), st.just(0)),
        st.tuples(st.just("tag"), st.sampled_from(range(3)), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("move_to_bin"), st.sampled_from(range(3)), st.booleans(), st.just(0)),
        st.tuples(st.just("capture"), which, st.just(0), st.just(0)),
        st.tuples(st.just("damage"), st.just(0), st.just(0), st.just(0)),
    ),
    max_size=40,
)


class Kernels:
    """Two kernels that write, push and die as they are told, two servers that take turns, and a user who edits."""

    def __init__(self, data: ProjectData) -> None:
        self.data = data
        self.stores = [Store(data), Store(data)]
        self.spools = {number: data.new_spool(FACTS) for number in CONTENT}
        self.written = dict.fromkeys(CONTENT, 0)
        self.dead: set[str] = set()
        self.tags: dict[str, str] = {}
        self.bin: set[str] = set()
        leave_blob(self.spools[0], b"model")
        for number in CONTENT:
            self.write(number, 0, 0)

    @property
    def store(self) -> Store:
        self.stores.reverse()
        return self.stores[0]

    def write(self, number: int, count: int, _: int) -> None:
        spool = self.spools[number]
        if spool.stream not in self.dead:
            write(spool, CONTENT[number][self.written[number] :][:count])
            self.written[number] = min(self.written[number] + count, len(CONTENT[number]))

    def push(self, number: int, start: int, stop: int) -> None:
        """Whole lines of what is written, from anywhere to anywhere: reordered, doubled, with gaps."""
        written = CONTENT[number][: self.written[number]]
        start, stop = (written.rfind(b"\n", 0, end) + 1 for end in sorted((start, stop)))
        self.store.apply(self.spools[number].stream, start, written[start:stop], FACTS)

    def read(self, number: int, *_: int) -> None:
        catch_up(self.spools[number], self.store)

    def sweep(self, *_: int) -> None:
        dead = self.dead
        with mock.patch.object(Spool, "is_alive", lambda spool: spool.stream not in dead):
            sweep(self.data, self.store)

    def die(self, number: int, *_: int) -> None:
        self.dead.add(self.spools[number].stream)

    def tag(self, number: int, value: int, _: int) -> None:
        try:
            editing.set_tags(self.data, [IDS[number]], {"user": str(value)})
        except RunNotFound:
            return
        self.tags[IDS[number]] = str(value)

    def move_to_bin(self, number: int, into: int, _: int) -> None:
        try:
            (removal.delete if into else removal.undelete)(self.data, [IDS[number]])
        except (RunNotFound, HistoryError):  # not there yet, or still running
            return
        (self.bin.add if into else self.bin.discard)(IDS[number])

    def capture(self, number: int, *_: int) -> None:
        store, stream = self.store, self.spools[number].stream
        store.annotate(stream, store.uncaptured(stream), CAPTURED)

    def damage(self, *_: int) -> None:
        """Lose what the spools still tell."""
        if not all(spool.folder.exists() for spool in self.spools.values()):
            return
        with closing(sqlite3.connect(self.data.database)) as connection:
            captured = "SELECT diff FROM runs WHERE diff NOTNULL UNION SELECT packages FROM runs WHERE packages NOTNULL"
            connection.executescript(
                "DROP TABLE metrics; DELETE FROM outputs; DROP TABLE tails;"
                f" DELETE FROM texts WHERE sha256 NOT IN ({captured})"
            )
        assert repair(self.data).set_aside is not None

    def end(self) -> None:
        for number in CONTENT:
            self.read(number)
            self.capture(number)
            self.die(number)
        self.sweep()
        for store in self.stores:
            store.close()


def outcome(data: ProjectData) -> list[dict[str, Any]]:
    """The runs and their summaries without what depends on who came first."""
    rows = [row for deleted in (False, True) for row in overview(data, Filter(deleted=deleted)).runs]
    runs = [{**info(data, row["run_id"]), "summaries": row["metrics"]} for row in rows]
    return sorted(({**run, "run_number": 0, "revision": 0} for run in runs), key=lambda run: str(run["run_id"]))


def expected(root: Path, kernels: Kernels) -> list[dict[str, Any]]:
    """The outcome of the plainest way: all that was written, at once, then the deaths, then the edits."""
    data = ProjectData(root)
    store = Store(data)
    leave_blob(spool := data.new_spool(FACTS), b"model")
    for number, content in CONTENT.items():
        kernel = spool if number == 0 else data.new_spool(FACTS)
        write(kernel, content[: kernels.written[number]])
        catch_up(kernel, store)
        store.annotate(kernel.stream, store.uncaptured(kernel.stream), CAPTURED)
    sweep(data, store)
    store.close()
    for run_id, value in kernels.tags.items():
        editing.set_tags(data, [run_id], {"user": value})
    removal.delete(data, sorted(kernels.bin))
    return outcome(data)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions)
@example([("write", 0, 400, 0), ("read", 0, 0, 0), *[("write", 0, 400, 0)] * 9, ("damage", 0, 0, 0)])
def test_any_interleaving_of_pushes_reads_sweeps_deaths_edits_and_repairs_gives_the_same_store(
    told: list[tuple[str, int, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = ProjectData(Path(folder) / "data")
        kernels = Kernels(data)
        for action, *arguments in told:
            getattr(kernels, action)(*arguments)
        kernels.end()
        assert list(data.spools.iterdir()) == []
        assert outcome(data) == expected(Path(folder) / "plain", kernels)
        died = [run["error"]["message"] for run in outcome(data) if (run["error"] or {}).get("name") == "KernelDied"]
        assert set(died) <= {PROCESS_ENDED}
        assert not any(run["status"] == "Running" for run in outcome(data))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([RUN, OTHER_RUN, "Failed"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
honest = st.sampled_from(
    [
        opened(), started(), started(OTHER_RUN), logged("a", 1), saved("m", b""), ended(), tagged("k", "v"), noted("n"),
        moved("e"), used(), printed("o", "e"),
    ]
)  # fmt: skip
bent = st.builds(
    lambda record, changes: json.dumps({**record, **changes}).encode() + b"\n",
    honest,
    st.dictionaries(
        st.sampled_from(
            [
                "e",
                "t",
                "run",
                "id",
                "name",
                "value",
                "path",
                "sha256",
                "size",
                "status",
                "error",
                "source",
                "step",
                "kind",
                "key",
                "text",
                "cpu_seconds",
                "memory_peak",
                "stdout",
                "stderr_omitted",
                "variables",
                "experiment",
                "count",
            ]
        ),
        anything,
        max_size=3,
    ),
)
dishonest = st.lists(st.binary() | bent | anything.map(lambda told: json.dumps(told).encode() + b"\n"), max_size=8)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dishonest)
def test_no_bytes_make_the_store_raise_or_touch_the_runs_of_another_stream(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = ProjectData(Path(folder))
        store = Store(data)
        store.apply(STREAM, 0, lines(opened(), started(), logged("a", 1), saved("m", b"x")), FACTS)
        before = {table: rows[:1] for table, rows in everything(data).items() if table != "streams"}
        hostile = b"".join(pieces)
        assert store.apply(OTHER_STREAM, 0, hostile, FACTS) == hostile.rfind(b"\n") + 1
        store.close_stream(OTHER_STREAM, "died")
        store.close()
        after = everything(data)
        assert {table: [row for row in after[table] if row in rows] for table, rows in before.items()} == before
        victim = next(run for run in list_runs(data) if run["run_number"] == 1)
        assert (victim["a"], victim["status"], victim["attachments"]) == (1, "Running", "m")
        overview(data, sort="metric:a")
        for run in list_runs(data):
            assert run["status"] in ("Running", "Completed", "Failed", "Canceled")
            assert info(data, run["run_id"])["run_id"] == run["run_id"]
