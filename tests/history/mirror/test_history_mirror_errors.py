"""What a mirror does, and says, when the server or a run is not as it should be."""

from __future__ import annotations

import errno
import sqlite3
import sys
import tempfile
from contextlib import closing
from threading import Event

import pytest
from fake_mlflow import FakeServer, MlflowException
from kernel_on_paper import OTHER_RUN, RUN_ID, ended, logged, started
from mirroring import URI, Kernel, a_mirror

from jupyter_workbench.errors import HistoryError, MirrorError
from jupyter_workbench.history.disk.locks import exclusive
from jupyter_workbench.history.mirror import artifacts, description, left_out, mirror, rounds
from jupyter_workbench.history.mirror.addresses import Address
from jupyter_workbench.history.mirror.progress import Progress
from jupyter_workbench.history.mirror.snapshot import Changed
from jupyter_workbench.history.mirror.tracking import Tracking
from jupyter_workbench.history.reading.queries import list_runs
from jupyter_workbench.history.upkeep import editing, removal

DOWN = MlflowException("API request to http://tracking.example:5000/api failed with exception: connection refused")
NO_ANSWER = (
    "The tracking server http://tracking.example:5000 does not answer (API request to "
    "http://tracking.example:5000/api failed with exception: connection refused)"
)


@pytest.fixture
def server(monkeypatch):
    return FakeServer().install(monkeypatch)


@pytest.fixture
def kernel(store):
    kernel = Kernel(store)
    kernel.writes(started(), logged("Loss", 1.0), ended(), started(OTHER_RUN), ended(OTHER_RUN))
    return kernel


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch):
    monkeypatch.setattr(mirror, "PAUSES_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(mirror, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(mirror, "LONGEST_PAUSE_SECONDS", 0.0)


def raising(error, *names):
    def asked(name, moment):
        if moment == "before" and (not names or name in names):
            raise error

    return asked


def test_without_mlflow_one_sentence_tells_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MirrorError) as raised:
        Tracking(Address.of(URI))
    assert str(raised.value) == 'mlflow is not installed - run `pip install "jupyter_workbench[mirror]"`'


def test_a_server_that_is_down_is_tried_and_then_told(server, kernel, data):
    server.asked, said = raising(DOWN), []
    with pytest.raises(MirrorError) as raised:
        a_mirror(data, said).once()
    assert said == [f"{NO_ANSWER} - trying again for 0 seconds."]
    assert str(raised.value) == f"{NO_ANSWER} - runs that wait: 2; run the command again, or with --follow"


def test_one_that_follows_says_once_that_the_server_is_down_and_once_that_it_answers_again(server, kernel, data):
    stop, said = Event(), []
    steps = iter([lambda: setattr(server, "asked", raising(DOWN)), *[lambda: None] * 5, server_back(server), stop.set])
    a_mirror(data, said, stop=stop).follow(lambda: next(steps)())
    assert said == [
        f"{NO_ANSWER} - the runs wait, and it is tried again until it works.",
        "Runs are mirrored to http://tracking.example:5000 again.",
    ]
    assert len(server.runs) == 2


def server_back(server):
    return lambda: setattr(server, "asked", lambda name, moment: None)


def test_one_that_follows_brings_what_comes_later(server, kernel, data):
    stop = Event()
    later = "c" * 32
    steps = iter([lambda: None, lambda: kernel.writes(started(later), ended(later)), lambda: None, stop.set])
    a_mirror(data, stop=stop).follow(lambda: next(steps)())
    assert len(server.runs) == 3


def test_a_run_that_the_server_refuses_is_told_and_the_others_are_mirrored(server, kernel, data):
    def asked(name, moment):
        if name == "log_batch" and moment == "before" and len(server.runs) == 1:
            raise MlflowException("Invalid value for metric", "INVALID_PARAMETER_VALUE")

    server.asked, said = asked, []
    outcome = a_mirror(data, said).once()
    assert (outcome.done, outcome.refused) == (1, 1)
    assert said == [
        f"The run {RUN_ID} is not mirrored: Invalid value for metric. The others are; it is tried again later."
    ]
    server.asked = lambda name, moment: None
    outcome = a_mirror(data).once()
    assert (outcome.done, outcome.refused) == (1, 0)
    assert [run.status for run in server.runs.values()] == ["FINISHED", "FINISHED"]


def test_a_run_on_which_the_server_breaks_three_times_keeps_no_other_out(server, kernel, data):
    def asked(name, moment):
        if name == "log_batch" and moment == "before" and len(server.runs) == 1:
            raise MlflowException("too many 500 error responses")

    server.asked = asked
    outcome = a_mirror(data).once()
    assert (outcome.done, outcome.refused) == (1, 1)


def test_a_run_that_was_left_out_is_tried_again_though_it_does_not_change_and_told_once(
    server, kernel, data, monkeypatch
):
    """The store of the artifacts is away for an hour, and the tracking server is not."""
    monkeypatch.setattr(left_out, "SHORTEST_SECONDS", 0.0)
    monkeypatch.setattr(rounds, "_COARSE_SECONDS", 0.0)  # the history rests
    server.asked, stop, said = raising(MlflowException("too many 500 error responses"), "log_artifact"), Event(), []
    steps = iter([*[lambda: None] * 20, server_back(server), *[lambda: None] * 3, stop.set])
    a_mirror(data, said, stop=stop).follow(lambda: next(steps)())
    assert [run.status for run in server.runs.values()] == ["FINISHED", "FINISHED"]
    assert len([line for line in said if line.startswith("The run ")]) == 2


def test_a_run_is_tried_ever_more_seldom():
    now = 0.0
    refused = left_out.LeftOut(lambda: now)
    one = Changed("a" * 32, 1)
    moments = []
    for now in range(5 * 3600):
        if now == 0 or refused.due():
            moments.append(now)
            refused.add(one, "no")
    assert moments == [0, 60, 180, 420, 900, 1860, 3780, 7380, 10980, 14580]
    assert refused.holds(one)
    assert not refused.holds(Changed(one.run, 2))


def test_a_fault_of_ours_with_one_run_keeps_no_other_out(server, kernel, data, monkeypatch):
    def foresees_nothing(run):
        if run.run_id == RUN_ID:
            raise RecursionError("maximum recursion depth exceeded")
        return {}

    monkeypatch.setattr(description, "tags", foresees_nothing)
    said = []
    outcome = a_mirror(data, said).once()
    assert (outcome.done, outcome.refused) == (1, 1)
    assert said == [
        f"The run {RUN_ID} is not mirrored: this was not foreseen, please report it (RecursionError: maximum recursion "
        "depth exceeded). The others are; it is tried again later."
    ]


def test_a_disk_without_room_is_told_and_waited_for(server, kernel, data, monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(artifacts.tempfile, "TemporaryDirectory", full)
    with pytest.raises(MirrorError) as raised:
        a_mirror(data).once()
    assert str(raised.value) == f"{tempfile.gettempdir()}: nothing can be written there (No space left on device)"


def test_one_that_follows_waits_for_a_mirror_db_that_cannot_be_opened(server, kernel, data):
    stop, said = Event(), []
    (data.root / "mirror.db").write_bytes(b"no database" * 100)

    def say(text):
        said.append(text)
        (data.root / "mirror.db").unlink()

    following = a_mirror(data, stop=stop)
    following._told = mirror.Told(say, lambda done, total: None)
    steps = iter([lambda: None, stop.set])
    following.follow(lambda: next(steps)())
    assert said == [
        f"{data.root / 'mirror.db'}: what was mirrored cannot be read or written (file is not a database) - when it is "
        "damaged, remove it: the runs are then looked for on the tracking server - the runs wait, and it is tried "
        "again until it works."
    ]
    assert len(server.runs) == 2


def test_a_server_that_lets_nobody_in_says_what_to_set(server, kernel, data):
    server.asked = raising(MlflowException("Unauthorized", "UNAUTHENTICATED", 401))
    with pytest.raises(MirrorError) as raised:
        a_mirror(data).once()
    assert str(raised.value) == (
        "The tracking server http://tracking.example:5000 does not let us in (Unauthorized) - set "
        "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
    )


def test_credentials_are_in_nothing_that_is_said_or_written(server, kernel, data, monkeypatch, capfd, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t0ken")
    uri = "http://ada:s%20cret@tracking.example:5000/?key=k3y"
    server.asked, said = raising(MlflowException(f"API request to {uri}/api failed: s cret, t0ken")), []
    with pytest.raises(MirrorError) as raised:
        a_mirror(data, said, uri=uri).once()
    assert server.uris == [uri]
    written = b"".join(path.read_bytes() for path in data.root.glob("mirror*"))
    everything = str((raised.value, said, caplog.text, capfd.readouterr(), written, list(data.root.iterdir())))
    assert [secret for secret in ("cret", "t0ken", "k3y", "ada:") if secret in everything] == []


def test_a_run_that_somebody_deleted_on_the_server_is_left_alone(server, kernel, data):
    a_mirror(data).once()
    first, _ = server.runs.values()
    first.stage = "deleted"
    editing.set_note(data, RUN_ID, "changed")
    said = []
    assert a_mirror(data, said).once().refused == 1
    assert said == [
        f"The run {RUN_ID} is not mirrored: it was deleted on the tracking server. The others are; it is tried again "
        "later."
    ]
    assert (first.stage, len(server.runs)) == ("deleted", 2)


def test_an_experiment_that_was_deleted_on_the_server_is_named(server, kernel, data):
    server.experiments["1"] = ["iris/iris.ipynb", "deleted"]
    said = []
    assert a_mirror(data, said).once().refused == 2
    assert said[0] == (
        f"The run {RUN_ID} is not mirrored: its experiment iris/iris.ipynb is deleted there - restore it with "
        "`mlflow experiments restore -x 1`. The others are; it is tried again later."
    )


def test_an_experiment_that_was_renamed_on_the_server_is_still_the_same(server, kernel, data):
    a_mirror(data).once()
    server.experiments["1"][0] = "renamed"
    kernel.writes(started("c" * 32), ended("c" * 32))
    a_mirror(data).once()
    assert len(server.told()["renamed"]) == 3


def test_a_second_mirror_waits_for_the_first(server, kernel, data):
    stop, said = Event(), []

    def say(text):
        said.append(text)
        stop.set()

    waiting = a_mirror(data, stop=stop)
    with exclusive(mirror.lock_of(data, Tracking(Address.of(URI)))):
        waiting._told = mirror.Told(say, lambda done, total: None)
        waiting.once()
    assert said == ["Another process mirrors this project to http://tracking.example:5000: waiting for it."]
    assert server.runs == {}


def test_while_a_jupyter_server_mirrors_a_command_ends_when_everything_is_there(server, kernel, data):
    a_mirror(data).once()
    removal.delete(data, [RUN_ID])
    kernel.writes(started("c" * 32), ended("c" * 32))
    removal.delete(data, [list_runs(data)[0]["run_id"]])  # never gets there
    stop = FewPauses(lambda: rounds_of_another(data))
    with exclusive(mirror.lock_of(data, Tracking(Address.of(URI)))):
        outcome = a_mirror(data, stop=stop).once()
    assert (outcome.done, stop.pauses) == (0, 2)


def rounds_of_another(data):
    """What the process that has the lock does meanwhile."""
    tracking = Tracking(Address.of(URI))
    with closing(Progress(data, tracking.address.name)) as progress:
        rounds.Rounds(data, tracking, progress, rounds.Told(print, lambda *_: None), (), Event()).round()


class FewPauses:
    """Lets the other process work in the second pause, and does not wait for ever."""

    def __init__(self, work):
        self.pauses, self._work = 0, work

    def is_set(self):
        return self.pauses > 5

    def wait(self, seconds):
        self.pauses += 1
        if self.pauses == 2:
            self._work()


@pytest.mark.parametrize("uri", ["mlruns", "file:///tmp/mlruns", "./mlruns"])
def test_a_folder_is_no_tracking_server(uri):
    with pytest.raises(MirrorError) as raised:
        Address.of(uri)
    assert str(raised.value) == (
        "--tracking-uri: expected the URI of a tracking server such as http://localhost:5000, got a folder - start one "
        "with `mlflow server`"
    )


def test_a_mirror_db_that_is_damaged_says_that_it_may_go(server, kernel, data):
    (data.root / "mirror.db").write_bytes(b"no database" * 100)
    with pytest.raises(HistoryError) as raised:
        a_mirror(data).once()
    assert str(raised.value) == (
        f"{data.root / 'mirror.db'}: what was mirrored cannot be read or written (file is not a database) - when it is "
        "damaged, remove it: the runs are then looked for on the tracking server"
    )


def test_a_mirror_db_of_a_newer_version_is_left_alone(server, kernel, data):
    with sqlite3.connect(data.root / "mirror.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(HistoryError) as raised:
        a_mirror(data).once()
    assert str(raised.value) == (
        f"{data.root / 'mirror.db'}: written by a newer jupyter_workbench - upgrade with "
        "`pip install --upgrade jupyter_workbench`"
    )
