"""A tracking server in memory behind the part of mlflow's client that a mirror uses, which can fail at any call.

It keeps what MLflow's SQL store keeps: equal points once, params for ever, the deleted with a mark.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

STATUSES = {"RESOURCE_DOES_NOT_EXIST": 404, "INVALID_PARAMETER_VALUE": 400, "INTERNAL_ERROR": 500}


class MlflowException(Exception):
    def __init__(self, message: str, error_code: str = "INTERNAL_ERROR", status: int | None = None) -> None:
        super().__init__(message)
        self.error_code = error_code
        self._status = status or STATUSES.get(error_code, 400)

    def get_http_status_code(self) -> int:
        return self._status


@dataclass
class RemoteRun:
    experiment: str
    start_time: int
    tags: dict[str, str]
    params: dict[str, str] = field(default_factory=dict)
    points: set[tuple[str, str, int, int]] = field(default_factory=set)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    status: str = "RUNNING"
    end_time: int | None = None
    stage: str = "active"

    def told(self) -> dict[str, Any]:
        """All but the ids, which are the server's."""
        return {name: value for name, value in vars(self).items() if name != "experiment"}


@dataclass
class FakeServer:
    """``asked`` is called before and after each call with its name; what it raises is what the client sees."""

    asked: Callable[[str, str], None] = lambda name, moment: None
    experiments: dict[str, list[str]] = field(default_factory=lambda: {"0": ["Default", "active"]})
    runs: dict[str, RemoteRun] = field(default_factory=dict)
    models: dict[str, list[SimpleNamespace]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    uris: list[str] = field(default_factory=list)

    def told(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that a user sees, by the name of the experiment."""
        names = {id_: name for id_, (name, _) in self.experiments.items()}
        told: dict[str, list[dict[str, Any]]] = {}
        for run in self.runs.values():
            if run.stage == "active":
                told.setdefault(names[run.experiment], []).append(run.told())
        return {name: sorted(runs, key=repr) for name, runs in told.items()}

    def the_run(self) -> RemoteRun:
        (run,) = (run for run in self.runs.values() if run.stage == "active")
        return run

    def install(self, monkeypatch: Any) -> FakeServer:
        """Let `import mlflow` find this."""
        mlflow, entities = types.ModuleType("mlflow"), types.ModuleType("mlflow.entities")
        for name in ("Metric", "Param", "RunTag"):
            setattr(entities, name, _entity(name))
        entities.ViewType = SimpleNamespace(ALL="all")  # type: ignore[attr-defined]
        mlflow.entities = entities  # type: ignore[attr-defined]
        mlflow.MlflowClient = lambda tracking_uri, registry_uri: FakeClient(self, tracking_uri)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "mlflow", mlflow)
        monkeypatch.setitem(sys.modules, "mlflow.entities", entities)
        return self


def _entity(name: str) -> Callable[..., SimpleNamespace]:
    fields = ("key", "value", "timestamp", "step")
    return lambda *values: SimpleNamespace(kind=name, **dict(zip(fields, values, strict=False)))


class FakeClient:
    def __init__(self, server: FakeServer, uri: str) -> None:
        self._server = server
        server.uris.append(uri)

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return super().__getattribute__(name)
        server, method = self._server, super().__getattribute__(name)

        def call(*arguments: Any, **named: Any) -> Any:
            server.calls.append(name)
            server.asked(name, "before")
            answer = method(*arguments, **named)
            server.asked(name, "after")
            return answer

        return call

    def search_experiments(self, max_results: int) -> list[Any]:
        return []

    def get_experiment(self, id_: str) -> Any:
        if id_ not in self._server.experiments:
            raise MlflowException("No Experiment with id", "RESOURCE_DOES_NOT_EXIST")
        return SimpleNamespace(experiment_id=id_, lifecycle_stage=self._server.experiments[id_][1])

    def get_experiment_by_name(self, name: str) -> Any:
        for id_, (other, stage) in self._server.experiments.items():
            if other == name:
                return SimpleNamespace(experiment_id=id_, lifecycle_stage=stage)
        return None

    def create_experiment(self, name: str) -> str:
        if any(name == other for other, _ in self._server.experiments.values()):
            raise MlflowException("exists", "RESOURCE_ALREADY_EXISTS")
        id_ = str(len(self._server.experiments))
        self._server.experiments[id_] = [name, "active"]
        return id_

    def search_runs(
        self, experiments: list[str], filter_string: str, run_view_type: str, max_results: int
    ) -> list[Any]:
        key, value = filter_string.removeprefix("tags.`").removesuffix("'").split("` = '")
        return [
            self._info(id_)
            for id_, run in self._server.runs.items()
            if run.experiment in experiments and run.tags.get(key) == value
        ]

    def create_run(self, experiment: str, start_time: int, tags: dict[str, str], run_name: str) -> Any:
        id_ = f"remote-{len(self._server.runs):04}"
        self._server.runs[id_] = RemoteRun(experiment, start_time, {**tags, "mlflow.runName": run_name})
        return self._info(id_)

    def get_run(self, id_: str) -> Any:
        self._run(id_)
        return self._info(id_)

    def log_batch(self, id_: str, metrics: Any = (), params: Any = (), tags: Any = ()) -> None:
        run = self._active(id_)
        assert len(metrics) <= 1000
        assert max(len(params), len(tags)) <= 100
        for param in params:
            if run.params.setdefault(param.key, param.value) != param.value:
                raise MlflowException("Changing param values is not allowed", "INVALID_PARAMETER_VALUE")
        run.points.update((point.key, repr(point.value), point.timestamp, point.step) for point in metrics)
        run.tags.update({tag.key: tag.value for tag in tags})

    def delete_tag(self, id_: str, key: str) -> None:
        if key not in self._active(id_).tags:
            raise MlflowException("No tag with name", "RESOURCE_DOES_NOT_EXIST")
        del self._active(id_).tags[key]

    def log_artifact(self, id_: str, local_path: str, artifact_path: str | None) -> None:
        path = "/".join(part for part in (artifact_path, Path(local_path).name) if part)
        self._active(id_).artifacts[path] = Path(local_path).read_bytes()

    def update_run(self, id_: str, status: str) -> None:
        self._active(id_).status = status

    def set_terminated(self, id_: str, status: str, end_time: int) -> None:
        print("🏃 View run at: http://user:secret@box")  # noqa: T201 - as mlflow does
        run = self._active(id_)
        run.status, run.end_time = status, end_time

    def delete_run(self, id_: str) -> None:
        self._active(id_).stage = "deleted"

    def restore_run(self, id_: str) -> None:
        self._run(id_).stage = "active"

    def create_registered_model(self, name: str) -> None:
        if name in self._server.models:
            raise MlflowException("exists", "RESOURCE_ALREADY_EXISTS")
        self._server.models[name] = []

    def search_model_versions(self, filter_string: str) -> list[Any]:
        run = filter_string.removeprefix("run_id = '").removesuffix("'")
        return [each for versions in self._server.models.values() for each in versions if each.run_id == run]

    def create_model_version(self, name: str, source: str, run_id: str, tags: dict[str, str]) -> Any:
        versions = self._server.models[name]
        versions.append(SimpleNamespace(name=name, version=len(versions) + 1, source=source, run_id=run_id, tags=tags))
        return versions[-1]

    def _run(self, id_: str) -> RemoteRun:
        if id_ not in self._server.runs:
            raise MlflowException(f"Run with id={id_} not found", "RESOURCE_DOES_NOT_EXIST")
        return self._server.runs[id_]

    def _active(self, id_: str) -> RemoteRun:
        if self._run(id_).stage != "active":
            raise MlflowException(f"The run {id_} must be in the 'active' state.", "INVALID_PARAMETER_VALUE")
        return self._server.runs[id_]

    def _info(self, id_: str) -> Any:
        run = self._server.runs[id_]
        info = SimpleNamespace(run_id=id_, lifecycle_stage=run.stage, artifact_uri=f"mlflow-artifacts:/{id_}/artifacts")
        return SimpleNamespace(info=info, data=SimpleNamespace(tags=run.tags))
