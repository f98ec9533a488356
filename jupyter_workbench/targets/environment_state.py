"""What there is to say of the environment of a run configuration before a kernel needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Engine = Literal["running", "stopped", "failed"]
Prepared = Literal["prepared", "stale", "missing", "unneeded", "unknown"]


@dataclass(frozen=True)
class EnvironmentState:
    """``stale``: it was prepared, and its files have changed since; ``changes`` says what, a sentence each.

    ``message`` says why nobody knows or why it is missing; ``engine`` whether the engine of the compute target answers:
    a stopped one does not, a failed one refuses; None where there is none.
    """

    run_configuration: str
    state: Prepared
    message: str | None = None
    fingerprint: str | None = None
    changes: tuple[str, ...] = ()
    engine: Engine | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as `docs/reference/rest.md` has it."""
        return {**vars(self), "changes": list(self.changes)}
