"""Why an environment could not be built, as the user reads it: the first line says what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_workbench.environments import failures, spark_failures
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.build_output import Failed
from jupyter_workbench.targets.docker.building.build_container import Order

KILLED = 137
TERMINATED = 143
"""Exit codes of a container that was stopped: 128 + the signal."""


class BuilderRemoved(TargetError):
    """The container that built an environment is gone, and said nothing before."""


@dataclass(frozen=True)
class Ended:
    """How a container ended that said nothing about the outcome; no exit code: it is gone."""

    exit_code: int | None
    was_out_of_memory: bool
    log: str

    @property
    def was_stopped(self) -> bool:
        """Whether somebody stopped or removed it."""
        return self.exit_code in (None, KILLED, TERMINATED) and not self.was_out_of_memory


def explain(order: Order, outcome: Failed | Ended) -> TargetError:
    """Return the error of a build that gave no environment."""
    if isinstance(outcome, Failed):
        return _explained(order, outcome)
    if outcome.was_out_of_memory:
        return _error(order, "its builder ran out of memory - give the Docker engine's machine more")
    if outcome.exit_code is None:
        return BuilderRemoved(_text(order, "its container was removed from outside - prepare it again"))
    if outcome.was_stopped:
        code = f"exit code {outcome.exit_code}"
        return _error(order, f"its container was stopped from outside ({code}) - prepare it again")
    said = f"\nIt said:\n{outcome.log}" if outcome.log else ""
    return _error(order, f"the builder ended without a result (exit code {outcome.exit_code}).{said}")


def refused(order: Order, error: Any) -> TargetError:
    """Return the error of an engine (`docker.errors.APIError`) that does not make or start the container."""
    why = str(error.explanation or error)
    if "no space left" in why:
        return _explained(order, Failed("disk", "No space left on device"))
    return _error(order, f"the Docker engine refused its container: {why}")


def _explained(order: Order, failed: Failed) -> TargetError:
    if order.spec.spark is not None and failed.kind.startswith(spark_failures.PREFIX):
        place = f"{spark_failures.IN_AN_IMAGE} {order.image}"
        message = spark_failures.explain(order.spec.spark, failed.kind, failed.words, place)
        return TargetError(f"Spark cannot be prepared: {message}")
    message = failures.explain(order.spec, failed.kind, failed.words).message
    return TargetError(f"The environment cannot be built: {message}")


def _error(order: Order, why: str) -> TargetError:
    return TargetError(_text(order, why))


def _text(order: Order, why: str) -> str:
    return f"The environment of {order.spec.file} cannot be built: {why}"
