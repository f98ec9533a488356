"""What a tracking server has of a project's runs after they were mirrored, and when it changes."""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import closing, suppress

import pytest
from fake_mlflow import FakeServer
from kernel_on_paper import MORNING, OTHER_RUN, RUN, RUN_ID, STREAM, ended, logged, saved, started
from mirroring import URI, Kernel, a_mirror

from jupyter_workbench.history.mirror.addresses import Address
from jupyter_workbench.history.mirror.postponed import Postponed
from jupyter_workbench.history.mirror.progress import Progress
from jupyter_workbench.history.mirror.run import RunMirror
from jupyter_workbench.history.mirror.tracking import Tracking
from jupyter_workbench.history.store import blobs
from jupyter_workbench.history.upkeep import editing, removal


@pytest.fixture
def server(monkeypatch):
    return FakeServer().install(monkeypatch)


@pytest.fixture
def kernel(store):
    return Kernel(store)


def noted(text, run=RUN):
    return {"e": "note", "t": MORNING + 6, "run": run, "text": text}


def tagged(key, value, run=RUN):
    return {"e": "tag", "t": MORNING + 6, "run": run, "key": key, "value": value}


def moved(name, run=RUN):
    return {"e": "experiment", "t": MORNING + 6, "run": run, "name": name}


def points(run, key):
    return sorted((step, float(value), timestamp) for name, value, timestamp, step in run.points if name == key)


def test_a_run_carries_what_mlflow_shows_at_its_places(server, kernel, data):
    kernel.writes(started(), noted("**good**"), tagged("color", "red"), ended())
    assert a_mirror(data).once().done == 1
    run = server.the_run()
    assert (run.start_time, run.end_time, run.status) == (1504832281117, 1504832286117, "FINISHED")
    shown = {key: value for key, value in run.tags.items() if not key.startswith("workbench.")}
    assert shown == {
        "mlflow.runName": RUN_ID,
        "mlflow.user": "ada",
        "mlflow.note.content": "**good**",
        "mlflow.source.name": "iris.ipynb",
        "mlflow.source.type": "NOTEBOOK",
        "color": "red",
    }
    assert run.tags["workbench.run"] == RUN
    assert run.artifacts["source.py"] == b"train()"


def test_an_experiment_is_named_with_its_project(server, kernel, data):
    kernel.writes(started(), ended(), started(OTHER_RUN), moved("tuning", OTHER_RUN), ended(OTHER_RUN))
    a_mirror(data).once()
    assert server.told().keys() == {"iris/iris.ipynb", "iris/tuning"}


@pytest.mark.parametrize(("ours", "theirs"), [("Completed", "FINISHED"), ("Failed", "FAILED"), ("Canceled", "KILLED")])
def test_a_status_has_its_word_in_mlflow(server, kernel, data, ours, theirs):
    kernel.writes(started(), ended(status=ours, error={"name": "ValueError", "message": "no", "traceback": "Trace"}))
    a_mirror(data).once()
    run = server.the_run()
    assert run.status == theirs
    assert run.tags["workbench.error"] == "ValueError: no"
    assert run.artifacts["logs/traceback.txt"] == b"Trace"


def test_numbers_and_lists_of_numbers_are_metrics_with_their_steps_and_times(server, kernel, data):
    kernel.writes(
        started(),
        logged("Loss", 1.0, t=MORNING + 1), logged("Loss", 0.5, t=MORNING + 2),
        {**logged("Accuracy", 0.9), "step": 10},
        logged("Recall", [0.1, 0.2]), logged("Recall", [0.3]),
    )  # fmt: skip
    a_mirror(data).once()
    run = server.the_run()
    assert points(run, "Loss") == [(0, 1.0, 1504832282117), (1, 0.5, 1504832283117)]
    assert [point[:2] for point in points(run, "Accuracy")] == [(10, 0.9)]
    assert [point[:2] for point in points(run, "Recall")] == [(0, 0.1), (1, 0.2), (2, 0.3)]


def test_numbers_that_are_none_are_metrics_too(server, kernel, data):
    kernel.writes(started(), logged("x", float("nan")), logged("x", float("inf")), logged("x", float("-inf")))
    a_mirror(data).once()
    assert {value for _, value, _, _ in server.the_run().points} == {"nan", "inf", "-inf"}


def test_texts_are_params_and_the_newest_of_several_is_a_tag(server, kernel, data):
    kernel.writes(started(), logged("Cell", "Load"), logged("flag", True), logged("Cell", "Train"))
    a_mirror(data).once()
    run = server.the_run()
    assert run.params == {"Cell": "Load", "flag": "True"}
    assert run.tags["latest.Cell"] == "Train"
    assert [row[2] for row in json.loads(run.artifacts["texts/Cell.json"])["data"]] == ["Load", "Train"]


def test_a_text_that_changes_later_leaves_its_param_alone(server, kernel, data):
    kernel.writes(started(), logged("Cell", "Load"))
    a_mirror(data).once()
    kernel.writes(logged("Cell", "Train"), ended())
    a_mirror(data).once()
    assert server.the_run().params == {"Cell": "Load"}
    assert server.the_run().tags["latest.Cell"] == "Train"
    kernel.writes(noted("later"))
    a_mirror(data).once()
    assert server.the_run().tags["latest.Cell"] == "Train"


def test_a_long_text_is_cut_in_its_param_and_whole_in_an_artifact(server, kernel, data):
    kernel.writes(started(), logged("Report", "x" * 501))
    a_mirror(data).once()
    assert server.the_run().params["Report"] == "x" * 499 + "…"
    assert server.the_run().artifacts["texts/Report.txt"] == b"x" * 501


def test_dicts_and_tables_are_tables_that_mlflow_offers(server, kernel, data):
    frame = {**logged("frame", {"x": [1, 2], "y": ["a", None]}), "kind": "table"}
    kernel.writes(started(), logged("best", {"C": 1, "loss": float("nan")}), logged("best", {"C": 2}), frame, frame)
    a_mirror(data).once()
    run = server.the_run()
    assert json.loads(run.artifacts["dicts/best.json"]) == {"columns": ["C", "loss"], "data": [[1, None], [2, None]]}
    assert json.loads(run.artifacts["tables/frame.json"]) == {"columns": ["x", "y"], "data": [[1, "a"], [2, None]]}
    assert run.artifacts["tables/frame/2.json"] == run.artifacts["tables/frame.json"]
    assert [table["path"] for table in json.loads(run.tags["mlflow.loggedArtifacts"])] == [
        "dicts/best.json", "tables/frame.json", "tables/frame/2.json",
    ]  # fmt: skip


def test_outputs_are_artifacts_at_their_paths_once_their_content_has_come(server, kernel, data, store):
    kernel.writes(started(), saved("outputs/model.pkl", b"model"), saved("source.py", b"model"), ended())
    a_mirror(data).once()
    assert server.the_run().artifacts == {"source.py": b"train()"}
    sha256 = hashlib.sha256(b"model").hexdigest()
    blobs.keep(data, io.BytesIO(b"model"), sha256, 5)
    store.settle_output(STREAM, (sha256, 5), None)
    a_mirror(data).once()
    assert server.the_run().artifacts == {
        "outputs/model.pkl": b"model", "source.py": b"model", "workbench/source.py": b"train()",
    }  # fmt: skip


def test_names_that_mlflow_refuses_are_made_safe_and_stay_two(server, kernel, data):
    kernel.writes(started(), logged("a%", 1), logged("a$", 2), logged("test accuracy:", 3))
    a_mirror(data).once()
    assert {key for key, *_ in server.the_run().points} == {"a_-2213d4cc", "a_-3c2ca893", "test accuracy:"}


def test_a_running_run_is_there_and_goes_on_with_what_is_new_only(server, kernel, data):
    kernel.writes(started(), logged("Loss", 1.0))
    a_mirror(data).once()
    assert server.the_run().status == "RUNNING"
    server.calls.clear()
    kernel.writes(logged("Loss", 0.5), ended())
    a_mirror(data).once()
    assert [point[:2] for point in points(server.the_run(), "Loss")] == [(0, 1.0), (1, 0.5)]
    assert server.the_run().status == "FINISHED"
    assert server.calls == ["log_batch", "set_terminated"]


def test_texts_of_a_loop_are_not_sent_whole_with_every_step(server, kernel, data):
    now = 1000.0
    tracking = Tracking(Address.of(URI))
    kernel.writes(started())
    with closing(Progress(data, tracking.address.name)) as progress:
        mirror = RunMirror(data, tracking, progress, lambda: now)
        for step in range(100):
            kernel.writes(logged("Cell", f"step {step}"), logged("Loss", 1.0, t=MORNING + step))
            with suppress(Postponed):
                mirror.bring(RUN)
            now += 0.1
        times = server.calls.count("log_artifact")
        assert len(server.the_run().points) == 100
        kernel.writes(ended())
        mirror.bring(RUN)
    assert times == 2  # of ten seconds: source.py with the first text, and texts/Cell.json with those of five seconds
    assert json.loads(server.the_run().artifacts["texts/Cell.json"])["data"][-1][2] == "step 99"


def test_what_did_not_change_is_not_asked_for_again(server, kernel, data):
    kernel.writes(started(), ended())
    a_mirror(data).once()
    server.calls.clear()
    assert a_mirror(data).once().done == 0
    assert server.calls == []


def test_tags_and_notes_follow_when_they_change_and_when_they_go(server, kernel, data):
    kernel.writes(started(), ended(), tagged("color", "red"), tagged("size", "10"), noted("first"))
    a_mirror(data).once()
    editing.set_tags(data, [RUN_ID], {"color": None, "size": "11"})
    editing.set_note(data, RUN_ID, "")
    a_mirror(data).once()
    tags = server.the_run().tags
    assert (tags.get("color"), tags["size"], tags.get("mlflow.note.content")) == (None, "11", None)


def test_a_run_in_the_bin_is_in_the_servers_bin_and_comes_out_again(server, kernel, data):
    kernel.writes(started(), logged("Loss", 1.0), ended())
    a_mirror(data).once()
    before = server.told()
    removal.delete(data, [RUN_ID])
    a_mirror(data).once()
    assert server.told() == {}
    removal.undelete(data, [RUN_ID])
    a_mirror(data).once()
    assert server.told() == before
    assert len(server.runs) == 1


def test_a_run_that_was_deleted_before_it_was_mirrored_never_gets_there(server, kernel, data):
    kernel.writes(started(), ended())
    removal.delete(data, [RUN_ID])
    a_mirror(data).once()
    assert server.runs == {}


def test_a_run_that_moves_to_another_experiment_is_deleted_in_the_first(server, kernel, data):
    kernel.writes(started(), logged("Loss", 1.0))
    a_mirror(data).once()
    before = server.told()["iris/iris.ipynb"]
    kernel.writes(moved("tuning"))
    a_mirror(data).once()
    assert server.told()["iris/tuning"][0]["points"] == before[0]["points"]
    kernel.writes(moved("iris.ipynb"))
    a_mirror(data).once()
    assert server.told() == {"iris/iris.ipynb": before}


def test_only_the_experiments_that_are_named_are_mirrored(server, kernel, data):
    kernel.writes(started(), ended(), started(OTHER_RUN), moved("tuning", OTHER_RUN), ended(OTHER_RUN))
    a_mirror(data, experiments=["tuning"]).once()
    assert server.told().keys() == {"iris/tuning"}
    a_mirror(data).once()
    assert server.told().keys() == {"iris/iris.ipynb", "iris/tuning"}


def test_two_servers_get_the_same(server, kernel, data, monkeypatch):
    kernel.writes(started(), logged("Loss", 1.0), ended())
    a_mirror(data).once()
    other = FakeServer().install(monkeypatch)
    a_mirror(data, uri="http://other.example").once()
    assert other.told() == server.told()


def test_a_server_that_was_emptied_gets_everything_again(server, kernel, data):
    kernel.writes(started(), logged("Loss", 1.0), ended())
    a_mirror(data).once()
    before = server.told()
    server.runs.clear()
    del server.experiments["1"]
    editing.set_note(data, RUN_ID, "again")
    a_mirror(data).once()
    assert server.told()["iris/iris.ipynb"][0]["points"] == before["iris/iris.ipynb"][0]["points"]


def test_without_mirror_db_the_runs_are_found_on_the_server(server, kernel, data):
    kernel.writes(started(), logged("Loss", 1.0), ended())
    a_mirror(data).once()
    before = server.told()
    (data.root / "mirror.db").unlink()
    a_mirror(data).once()
    assert (server.told(), len(server.runs)) == (before, 1)


def test_of_two_computers_that_mirrored_a_run_at_once_one_run_stays(server, kernel, data):
    kernel.writes(started(), ended())
    a_mirror(data).once()
    twin = server.the_run()
    server.runs["remote-twin"] = type(twin)(twin.experiment, twin.start_time, dict(twin.tags))
    (data.root / "mirror.db").unlink()
    a_mirror(data).once()
    assert [run.stage for run in server.runs.values()] == ["active", "deleted"]


def test_mlflow_prints_nothing(server, kernel, data, capsys):
    kernel.writes(started(), ended())
    a_mirror(data).once()
    assert capsys.readouterr() == ("", "")
