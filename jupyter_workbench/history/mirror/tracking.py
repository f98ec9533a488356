"""The border to mlflow: the few calls that a mirror needs, each safe to repeat, with errors of four kinds.

mlflow is imported when a `Tracking` is made, and no sooner.
"""

from __future__ import annotations

import io
import logging
import os
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_workbench.errors import MirrorError
from jupyter_workbench.history.mirror.description import RUN_KEY
from jupyter_workbench.history.mirror.failures import Gone, Refused, failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from jupyter_workbench.history.mirror.addresses import Address
    from jupyter_workbench.history.mirror.points import Point

MOST_POINTS = 1000
_MOST_ENTRIES = 100  # params, or tags, in one request
_INSTALL = 'run `pip install "jupyter_workbench[mirror]"`'
_SETTINGS = {
    # A request that is repeated without a look creates a run twice: we look first, and repeat ourselves.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
_THERE = ("RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS")


class _Nowhere(io.TextIOBase):
    """Takes prints away; threads that redirect at once may leave it in place."""

    def write(self, text: str) -> int:
        return len(text)


class Found(NamedTuple):
    """A run on the server."""

    remote: str
    is_deleted: bool


class Tracking:
    """One tracking server. Every method may raise `Unreachable`, `Forbidden` and `Refused`.

    To be used in a process of its own: it sets environment variables that mlflow reads, and takes mlflow's prints away.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        with self._asking():
            os.environ.update(_SETTINGS)
            for name in ("mlflow", "urllib3", "alembic"):
                logging.getLogger(name).setLevel(logging.CRITICAL)  # what they log names the URI
            try:
                import mlflow
                from mlflow import entities
            except ImportError as error:
                why = "is not installed" if error.name == "mlflow" else f"cannot be imported ({error})"
                raise MirrorError(f"mlflow {why} - {_INSTALL}") from error
            self._client = mlflow.MlflowClient(tracking_uri=address.uri, registry_uri=address.uri)
            self._entities = entities

    def ping(self) -> None:
        """Ask for next to nothing."""
        with self._asking():
            self._client.search_experiments(max_results=1)

    def experiment_named(self, name: str) -> Found | None:
        """Find an experiment by its name."""
        with self._asking():
            found = self._client.get_experiment_by_name(name)
        return None if found is None else Found(found.experiment_id, found.lifecycle_stage == "deleted")

    def experiment(self, remote: str) -> Found | None:
        """Find an experiment by its id; None when there is none."""
        try:
            with self._asking():
                found = self._client.get_experiment(remote)
        except Gone:
            return None
        return Found(remote, found.lifecycle_stage == "deleted")

    def create_experiment(self, name: str) -> str:
        """Create an experiment, or find the one that somebody created meanwhile."""
        try:
            with self._asking():
                return str(self._client.create_experiment(name))
        except Refused:
            found = self.experiment_named(name)
            if found is None:
                raise
            return found.remote

    def runs_of(self, experiment: str, run: str) -> list[Found]:
        """Find what carries the key of a run; those in the bin too, and last."""
        with self._asking():
            found = self._client.search_runs(
                [experiment],
                f"tags.`{RUN_KEY}` = '{run}'",
                run_view_type=self._entities.ViewType.ALL,
                max_results=_MOST_ENTRIES,
            )
        told = [Found(each.info.run_id, each.info.lifecycle_stage == "deleted") for each in found]
        return sorted(told, key=lambda each: (each.is_deleted, each.remote))

    def create_run(self, experiment: str, name: str, started: int, tags: Mapping[str, str]) -> str:
        """Create a run; ``started`` in milliseconds. NOT safe to repeat: see `run.py`."""
        with self._asking():
            created = self._client.create_run(experiment, start_time=started, tags=dict(tags), run_name=name)
        return str(created.info.run_id)

    def log(
        self,
        remote: str,
        points: Sequence[Point] = (),
        params: Iterable[tuple[str, str]] = (),
        tags: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Log at most ``MOST_POINTS`` points, and any number of params and tags."""
        make = self._entities
        metrics = [make.Metric(point.key, point.value, point.timestamp, point.step) for point in points]
        with self._asking():
            if metrics:
                self._client.log_batch(remote, metrics=metrics)
            for some in _batches([make.Param(key, value) for key, value in params]):
                self._client.log_batch(remote, params=some)
            for some in _batches([make.RunTag(key, value) for key, value in tags]):
                self._client.log_batch(remote, tags=some)

    def remove_tag(self, remote: str, key: str) -> None:
        """Remove a tag, whether it is there or not."""
        with self._asking():
            if key in self._client.get_run(remote).data.tags:
                self._client.delete_tag(remote, key)

    def upload(self, remote: str, file: Path, folder: str) -> None:
        """Save a file as an artifact ``folder/<its name>``, in the place of an older one."""
        with self._asking():
            self._client.log_artifact(remote, str(file), folder or None)

    def set_status(self, remote: str, status: str, ended: int | None) -> None:
        """Set one of MLflow's statuses; ``ended`` in milliseconds."""
        with self._asking():
            if ended is None:
                self._client.update_run(remote, status=status)
            else:
                self._client.set_terminated(remote, status, ended)

    def delete_run(self, remote: str) -> None:
        """Put a run into the server's bin, whether it is there already or not."""
        with self._asking():
            if not self._is_deleted(remote):
                self._client.delete_run(remote)

    def restore_run(self, remote: str) -> None:
        """Take a run out of the server's bin."""
        with self._asking():
            if self._is_deleted(remote):
                self._client.restore_run(remote)

    def is_deleted(self, remote: str) -> bool:
        """Whether a run is in the server's bin. Raises `Gone`."""
        with self._asking():
            return self._is_deleted(remote)

    def register(self, name: str, remote: str, path: str, tags: Mapping[str, str]) -> str:
        """Make an artifact a version of a registered model, once; returns the version. ``tags`` tell it from others."""
        with self._asking():
            try:
                self._client.create_registered_model(name)
            except Exception as error:
                if getattr(error, "error_code", None) not in _THERE:
                    raise
            for version in self._client.search_model_versions(f"run_id = '{remote}'"):
                if version.name == name and tags.items() <= dict(version.tags).items():
                    return str(version.version)
            source = f"{self._client.get_run(remote).info.artifact_uri}/{path}"
            return str(self._client.create_model_version(name, source, run_id=remote, tags=dict(tags)).version)

    def _is_deleted(self, remote: str) -> bool:
        return bool(self._client.get_run(remote).info.lifecycle_stage == "deleted")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Nothing is printed, and what goes wrong is one of our errors, without credentials."""
        try:
            with redirect_stdout(_Nowhere()):
                yield
        except MirrorError:
            raise
        except Exception as error:  # the client raises its own, those of requests and of each artifact store
            raise failure(error, self.address) from None


def _batches(entries: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(entries), _MOST_ENTRIES):
        yield entries[start : start + _MOST_ENTRIES]
