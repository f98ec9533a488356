"""What the server writes for one kernel process and what it holds of it: its lease, its gate, its lock of life."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.base import KernelProcess
from jupyter_workbench.targets.docker.running import transfers
from jupyter_workbench.targets.docker.running.folders import Meeting, meeting_of, unlock
from jupyter_workbench.targets.docker.running.kernel_files import (
    close_gate,
    hold_as_alive,
    mark_fetched,
    mark_unfetched,
    write_kernel_files,
)

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.running.place import Place


@dataclass(eq=False)
class ProcessFiles:
    """The files of a process on this machine; -1 stands for a descriptor that is not open."""

    place: Place
    process: KernelProcess
    _lease: int = -1
    _alive: int = -1
    _gate: int = -1

    def write(self, *, is_gated: bool) -> None:
        """Write everything that the process needs; one that is not gated may take its address at once.

        Raises `TargetError` when this machine refuses.
        """
        folder = self.process.folder
        with self._told():
            write_kernel_files(folder, self.place.built, self.place.variables, self.place.ca_bundle)
            self._lease = self._meeting.open(self.place.engine.endpoint)
            if is_gated:
                self._gate = close_gate(folder)
        if not is_gated:
            self.hand_over()

    def stand_in(self) -> None:
        """Show others what they cannot see of a kernel whose files are in its container: that it lives, and has more.

        Only once its folder was copied into it. Raises `TargetError` when this machine refuses.
        """
        if not self.place.sees_folders:
            with self._told():
                self._alive = hold_as_alive(self.process.folder)
                mark_unfetched(self.process.folder)

    def all_is_fetched(self) -> None:
        """Let the run history finish with what is here."""
        mark_fetched(self.process.folder)

    def hand_over(self) -> None:
        """Make the kernel's address that of this process. Raises `TargetError` when this machine refuses."""
        with self._told():
            self._meeting.hand_over(transfers.connection_text(self.process, self.place.compute.network))

    def open_gate(self) -> None:
        """Let the process take its address; nothing is to be opened once it has ended."""
        gate, self._gate = self._gate, -1
        if gate >= 0:
            unlock(gate)

    def close(self) -> None:
        """Hold nothing any more."""
        self.open_gate()
        held, self._lease, self._alive = (self._lease, self._alive), -1, -1
        for descriptor in held:
            if descriptor >= 0:
                os.close(descriptor)

    @property
    def _meeting(self) -> Meeting:
        return meeting_of(self.process.kernel_id)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what this machine refuses, such as room on its disk."""
        try:
            yield
        except OSError as error:
            raise TargetError(
                f"The files of {self.place.shown_name} cannot be written: {error.filename}: {error.strerror} - "
                "look at the disk and at who owns that folder"
            ) from error
