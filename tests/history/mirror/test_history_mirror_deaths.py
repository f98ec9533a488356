"""Whatever dies between any two calls: every run is on the server once, and complete."""

from __future__ import annotations

import hashlib
import io
import random
from contextlib import closing

import pytest
from fake_mlflow import FakeServer, MlflowException
from kernel_on_paper import MORNING, OTHER_RUN, RUN, STREAM, ended, logged, saved, started
from mirroring import URI, Kernel, a_mirror

from jupyter_workbench.history.mirror import mirror, presence, rounds, run
from jupyter_workbench.history.mirror.addresses import Address
from jupyter_workbench.history.mirror.failures import Unreachable
from jupyter_workbench.history.mirror.postponed import Postponed
from jupyter_workbench.history.mirror.progress import Progress
from jupyter_workbench.history.mirror.tracking import Tracking
from jupyter_workbench.history.store import blobs


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@pytest.fixture
def server(monkeypatch):
    return FakeServer().install(monkeypatch)


@pytest.fixture
def two_runs(store, data):
    """Of everything something: series above one request, texts, tables, an output, tags, an experiment to move from."""
    kernel = Kernel(store)
    sha256 = hashlib.sha256(b"model").hexdigest()
    kernel.writes(
        started(),
        *(logged("Loss", 1 / (number + 1), t=MORNING + number) for number in range(1500)),
        logged("Recall", [0.1, 0.2]), logged("Cell", "Load"), logged("Cell", "Train"), logged("best", {"C": 1}),
        saved("outputs/model.pkl", b"model"),
        {"e": "tag", "t": MORNING, "run": RUN, "key": "color", "value": "red"},
        ended(),
        started(OTHER_RUN), logged("Loss", 2.0, OTHER_RUN), ended(OTHER_RUN, status="Failed"),
    )  # fmt: skip
    blobs.keep(data, io.BytesIO(b"model"), sha256, 5)
    store.settle_output(STREAM, (sha256, 5), None)
    return kernel


@pytest.fixture
def at_once(monkeypatch):
    """No request outlives who sent it, and nobody waits."""
    monkeypatch.setattr(presence, "GRACE_SECONDS", 0.0)
    monkeypatch.setattr(mirror, "PAUSES_SECONDS", (0.0, 0.0, 0.0))


def failing_at(server, moments, error):
    """Let the server's calls of those numbers (two for each call: before and after it) raise."""
    count = -1

    def asked(name, moment):
        nonlocal count
        count += 1
        if count in moments:
            raise error

    server.asked = asked


def mirrored(data):
    a_mirror(data).once()


def what_it_should_be(data, monkeypatch):
    server = FakeServer().install(monkeypatch)
    a_mirror(data, uri="http://reference.example").once()
    return server.told(), 2 * len(server.calls)


@pytest.mark.timeout(300)
def test_a_mirror_that_is_killed_before_or_after_any_call_goes_on_as_if_it_had_not(
    two_runs, data, monkeypatch, at_once
):
    expected, moments = what_it_should_be(data, monkeypatch)
    assert moments > 30
    for moment in range(moments):
        server = FakeServer().install(monkeypatch)
        failing_at(server, {moment}, Killed())
        with pytest.raises(Killed):
            mirrored(data)
        mirrored(data)
        assert server.told() == expected, f"killed at {moment}: {server.calls}"
        assert len(server.runs) == 2
        (data.root / "mirror.db").unlink()


@pytest.mark.parametrize("seed", range(5))
def test_one_that_is_killed_over_and_over_comes_to_the_same_end(two_runs, data, monkeypatch, at_once, seed):
    expected, moments = what_it_should_be(data, monkeypatch)
    chance = random.Random(seed)
    server = FakeServer().install(monkeypatch)
    for _ in range(20):
        failing_at(server, {chance.randrange(moments // 4)}, Killed())
        try:
            mirrored(data)
        except Killed:
            continue
    failing_at(server, (), Killed())
    mirrored(data)
    assert (server.told(), len(server.runs)) == (expected, 2)


@pytest.mark.timeout(300)
def test_answers_that_never_arrive_change_nothing(two_runs, data, monkeypatch, at_once):
    """The request was sent, and the connection broke: the server may have done it or not."""
    expected, moments = what_it_should_be(data, monkeypatch)
    for moment in range(moments):
        server = FakeServer().install(monkeypatch)
        failing_at(server, {moment}, MlflowException("API request failed with exception: connection reset"))
        mirrored(data)
        assert (server.told(), len(server.runs)) == (expected, 2), f"no answer at {moment}: {server.calls}"
        (data.root / "mirror.db").unlink()


def test_a_run_that_may_still_be_created_for_somebody_who_died_is_waited_for(store, data, server, monkeypatch):
    """The dead mirror's request is still under way when the next mirror looks for its run."""
    Kernel(store).writes(started(), logged("Loss", 1.0), ended())
    requests = []
    create = server_creates_later(server, requests, monkeypatch)
    with pytest.raises(Killed):
        mirrored(data)
    monkeypatch.setattr(rounds.RunMirror, "__init__", with_clock(lambda: requests[0] + 29))
    assert a_mirror(data, stop=StopAfterOneRound()).once().done == 0
    create()
    mirrored(data)
    assert len(server.runs) == 1
    assert server.the_run().status == "FINISHED"


def test_after_that_time_it_is_created(store, data, server, monkeypatch):
    Kernel(store).writes(started(), logged("Loss", 1.0), ended())
    requests = []
    server_creates_later(server, requests, monkeypatch)
    with pytest.raises(Killed):
        mirrored(data)
    monkeypatch.setattr(rounds.RunMirror, "__init__", with_clock(lambda: requests[0] + 31))
    mirrored(data)
    assert server.the_run().status == "FINISHED"


def test_a_run_that_was_asked_for_in_vain_for_minutes_may_still_be_created(store, data, server):
    """The server was frozen: when it is back it does what it was asked for, whether anybody waits for that or not."""
    Kernel(store).writes(started(), ended())
    now = 1000.0

    def asked(name, moment):
        nonlocal now
        if name == "create_run" and moment == "before":
            now += 120
            raise MlflowException("API request failed with exception: Read timed out")

    server.asked = asked
    tracking = Tracking(Address.of(URI))
    with closing(Progress(data, tracking.address.name)) as progress:
        mirror = run.RunMirror(data, tracking, progress, lambda: now)
        with pytest.raises(Unreachable):
            mirror.bring(RUN)
        server.asked = lambda name, moment: None
        now += 29
        with pytest.raises(Postponed):
            mirror.bring(RUN)
        now += 2
        mirror.bring(RUN)
    assert server.the_run().status == "FINISHED"


class StopAfterOneRound:
    """Ends a mirror instead of letting it wait."""

    def __init__(self):
        self._is_set = False

    def is_set(self):
        return self._is_set

    def wait(self, seconds):
        self._is_set = True
        return True


def with_clock(clock):
    make = run.RunMirror.__init__
    return lambda self, data, tracking, progress: make(self, data, tracking, progress, clock)


def server_creates_later(server, requests, monkeypatch):
    """Kill the mirror that asks for a run, keep its request, and return what carries it out."""
    import time

    from fake_mlflow import FakeClient

    create = FakeClient.create_run
    kept = []

    def later(self, *arguments, **named):
        requests.append(time.time())
        kept.append((self, arguments, named))
        monkeypatch.setattr(FakeClient, "create_run", create)
        raise Killed

    monkeypatch.setattr(FakeClient, "create_run", later)

    def carry_out():
        (client, arguments, named), *_ = kept
        create(client, *arguments, **named)

    return carry_out
