"""Whatever comes in whatever order, the store ends up the same; and no bytes can make it raise or touch other runs."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
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
    opened,
    saved,
    started,
    write,
)

from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.queries import info, list_runs
from jupyter_workbench.history.spool import Spool
from jupyter_workbench.history.store import Store
from jupyter_workbench.history.sweep import PROCESS_ENDED, catch_up, sweep

FIRST = lines(
    opened(), started(), logged("a", 1), logged("b", "x"), saved("outputs/m", b"model"), logged("a", 2), ended()
) + lines(started(THIRD_RUN, id="iris_5"), logged("a", [1], run=THIRD_RUN))
SECOND = (
    lines(opened(), started(OTHER_RUN, id="iris_7"), logged("a", 3, run=OTHER_RUN))
    + b"rubbish\n"
    + lines(logged("a", 9, run=RUN), logged("é", None, run=OTHER_RUN), ended(OTHER_RUN, "Canceled"))
)
CONTENT = {0: FIRST, 1: SECOND}

which = st.sampled_from([0, 1])
where = st.integers(0, max(len(FIRST), len(SECOND)))
actions = st.lists(
    st.one_of(
        st.tuples(st.just("write"), which, st.integers(1, 400), st.just(0)),
        st.tuples(st.just("push"), which, where, where),
        st.tuples(st.just("read"), which, st.just(0), st.just(0)),
        st.tuples(st.just("sweep"), which, st.just(0), st.just(0)),
        st.tuples(st.just("die"), which, st.just(0), st.just(0)),
    ),
    max_size=40,
)


class Kernels:
    """Two kernels that write, push and die as they are told."""

    def __init__(self, data: ProjectData, store: Store) -> None:
        self.data, self.store = data, store
        self.spools = {number: data.new_spool(FACTS) for number in CONTENT}
        self.written = dict.fromkeys(CONTENT, 0)
        self.dead: set[str] = set()
        leave_blob(self.spools[0], b"model")
        for number in CONTENT:
            self.write(number, 0, 0)

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

    def end(self) -> None:
        for number in CONTENT:
            self.die(number)
        self.sweep()


def outcome(data: ProjectData) -> list[dict[str, Any]]:
    """The runs without what depends on who came first."""
    runs = [info(data, run["run_id"]) for run in list_runs(data)]
    return sorted(({**run, "run_number": 0} for run in runs), key=lambda run: str(run["run_id"]))


def expected(root: Path, written: dict[int, int]) -> list[dict[str, Any]]:
    """The outcome of the plainest way: all that was written, at once, then the death."""
    data = ProjectData(root)
    store = Store(data)
    leave_blob(spool := data.new_spool(FACTS), b"model")
    write(spool, CONTENT[0][: written[0]])
    write(data.new_spool(FACTS), CONTENT[1][: written[1]])
    sweep(data, store)
    store.close()
    return outcome(data)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions)
def test_any_interleaving_of_pushes_reads_sweeps_and_deaths_gives_the_same_store(
    told: list[tuple[str, int, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = ProjectData(Path(folder) / "data")
        store = Store(data)
        kernels = Kernels(data, store)
        for action, *arguments in told:
            getattr(kernels, action)(*arguments)
        kernels.end()
        assert list(data.spools.iterdir()) == []
        store.close()
        assert outcome(data) == expected(Path(folder) / "plain", kernels.written)
        failed = [run["error"]["message"] for run in outcome(data) if run["status"] == "Failed"]
        assert set(failed) <= {PROCESS_ENDED}
        assert not any(run["status"] == "Running" for run in outcome(data))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([RUN, OTHER_RUN, "Failed"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
honest = st.sampled_from([opened(), started(), started(OTHER_RUN), logged("a", 1), saved("m", b""), ended()])
bent = st.builds(
    lambda record, changes: json.dumps({**record, **changes}).encode() + b"\n",
    honest,
    st.dictionaries(
        st.sampled_from(
            ["e", "t", "run", "id", "name", "value", "path", "sha256", "size", "status", "error", "source"]
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
        for run in list_runs(data):
            assert run["status"] in ("Running", "Completed", "Failed", "Canceled")
            assert info(data, run["run_id"])["run_id"] == run["run_id"]
