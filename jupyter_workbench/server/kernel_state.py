"""What there is to say of one kernel of ours: what the server knows of it, and what its provisioner told last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel

from jupyter_workbench.kernels.progress import KernelProgress, State, board
from jupyter_workbench.kernels.specs import MARK
from jupyter_workbench.server.preparations import progress_as_json

NAMES = ("project", "project_dir", "run_configuration", "target", "target_type", "framework")
"""What the kernelspec says of the run configuration, and so does the answer."""


@dataclass(frozen=True)
class KernelState:
    """One moment of a kernel; ``moment`` is None when nothing was told of its start. ``names`` are those of `NAMES`."""

    id: str
    name: str
    state: State
    reason: str | None
    moment: KernelProgress | None
    names: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return it as `docs/reference/rest.md` has it."""
        progress = None if self.moment is None else progress_as_json(self.moment.progress, self.moment.elapsed)
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "reason": self.reason,
            "progress": progress,
            **self.names,
        }


def state_of(kernel_id: str, kernel: Any) -> KernelState:
    """Look at the server's manager of a kernel that is ours; it knows the id itself only once it starts."""
    moment = board.of(kernel_id)
    state, reason = _state_and_reason(kernel, moment)
    return KernelState(kernel_id, kernel.kernel_name, state, reason, moment, _names(kernel))


def _names(kernel: Any) -> dict[str, Any]:
    try:
        stanza = kernel.kernel_spec.metadata[MARK]
    except NoSuchKernel:  # its run configuration went away before it started
        stanza = {}
    return {name: stanza.get(name) for name in NAMES}


def _state_and_reason(kernel: Any, moment: KernelProgress | None) -> tuple[State, str | None]:
    told = moment.reason if moment is not None else None
    if getattr(kernel, "execution_state", None) == "dead":
        return "dead", getattr(kernel, "reason", None) or told
    if moment is not None:
        return moment.state, told
    return ("running" if kernel.ready.done() else "preparing"), None
