"""An output becomes a version of a registered model, once."""

from __future__ import annotations

import hashlib
import io

import pytest
from fake_mlflow import FakeServer, MlflowException
from kernel_on_paper import RUN, RUN_ID, STREAM, ended, saved, started
from mirroring import URI, Kernel, a_mirror

from jupyter_workbench.errors import MirrorError, RunNotFound
from jupyter_workbench.history.disk.locks import exclusive
from jupyter_workbench.history.mirror import models
from jupyter_workbench.history.mirror.addresses import Address
from jupyter_workbench.history.mirror.mirror import lock_of
from jupyter_workbench.history.mirror.tracking import Tracking
from jupyter_workbench.history.store import blobs
from jupyter_workbench.history.upkeep import removal

MODEL = "outputs/model.pkl"


@pytest.fixture
def server(monkeypatch):
    return FakeServer().install(monkeypatch)


@pytest.fixture
def tracking(server):
    return Tracking(Address.of(URI))


@pytest.fixture
def kernel(store, data):
    kernel = Kernel(store)
    kernel.writes(started(), ended())
    save(kernel, store, data, b"model")
    return kernel


def save(kernel, store, data, content):
    sha256 = hashlib.sha256(content).hexdigest()
    blobs.keep(data, io.BytesIO(content), sha256, len(content))
    kernel.writes(saved(MODEL, content))
    store.settle_output(STREAM, (sha256, len(content)), None)


def test_the_run_is_mirrored_and_its_output_is_the_first_version(server, tracking, kernel, data):
    assert models.register(data, tracking, RUN_ID, MODEL, "iris") == "1"
    assert server.the_run().artifacts[MODEL] == b"model"
    (version,) = server.models["iris"]
    assert version.source == "mlflow-artifacts:/remote-0000/artifacts/outputs/model.pkl"
    assert version.tags == {
        "workbench.run": RUN, "workbench.path": MODEL, "workbench.sha256": hashlib.sha256(b"model").hexdigest(),
    }  # fmt: skip


def test_the_same_output_is_the_same_version_however_often(server, tracking, kernel, data):
    assert [models.register(data, tracking, RUN_ID, MODEL, "iris") for _ in range(3)] == ["1", "1", "1"]
    assert len(server.runs) == 1


def test_another_content_is_another_version(server, tracking, kernel, store, data):
    models.register(data, tracking, RUN_ID, MODEL, "iris")
    save(kernel, store, data, b"better")
    assert models.register(data, tracking, RUN_ID, MODEL, "iris") == "2"


def test_a_run_that_is_mirrored_already_is_not_mirrored_twice(server, tracking, kernel, data):
    a_mirror(data).once()
    models.register(data, tracking, RUN_ID, MODEL, "iris")
    assert len(server.runs) == 1


def test_while_another_process_mirrors_the_run_that_it_brought_is_used(server, tracking, kernel, data):
    a_mirror(data).once()
    with exclusive(lock_of(data, tracking)):
        assert models.register(data, tracking, RUN_ID, MODEL, "iris") == "1"


def test_a_run_that_another_process_could_not_bring_whole_is_not_used(server, tracking, kernel, data, monkeypatch):
    def asked(name, moment):
        if name == "log_artifact":
            raise MlflowException("no such bucket", "INVALID_PARAMETER_VALUE")

    server.asked = asked
    assert a_mirror(data).once().refused == 1
    monkeypatch.setattr(models, "PATIENCE_SECONDS", 0.0)
    with exclusive(lock_of(data, tracking)), pytest.raises(MirrorError):
        models.register(data, tracking, RUN_ID, MODEL, "iris")
    assert server.models == {}


def test_a_run_that_another_process_never_comes_to_is_told(server, tracking, kernel, data, monkeypatch):
    monkeypatch.setattr(models, "PATIENCE_SECONDS", 0.0)
    with exclusive(lock_of(data, tracking)), pytest.raises(MirrorError) as raised:
        models.register(data, tracking, RUN_ID, MODEL, "iris")
    assert str(raised.value) == (
        f"{RUN_ID}: another process mirrors this project to {URI} and has not come to this run - try again later"
    )


def test_a_path_that_the_run_has_not_is_told_with_those_that_it_has(server, tracking, kernel, data):
    with pytest.raises(MirrorError) as raised:
        models.register(data, tracking, RUN_ID, "outputs/nothing", "iris")
    assert str(raised.value) == f"-ap: expected an output of the run {RUN_ID} (outputs/model.pkl), got outputs/nothing"


def test_a_run_in_the_bin_is_not_registered(server, tracking, kernel, data):
    removal.delete(data, [RUN_ID])
    with pytest.raises(RunNotFound):
        models.register(data, tracking, RUN_ID, MODEL, "iris")
