"""The run history as the user's code meets it: the logger and the magic both speak to this one object."""

from __future__ import annotations

import sys
from typing import Any, List, Optional

from . import complaints
from .facts import Facts
from .shield import Shield
from .tracker import Tracker
from .uploads import Outputs, Saved


class History:
    """The history of this kernel, or, when there can be none, the reason."""

    def __init__(self, facts: Facts, tracker: Optional[Tracker], outputs: Outputs, missing: str = "") -> None:
        """``missing``: why there is no tracker, as part of a sentence."""
        self._facts = facts
        self._tracker = tracker
        self._outputs = outputs
        self._missing = missing
        self._told = False  # that content was not saved

    @property
    def is_on(self) -> bool:
        """Whether cells become runs."""
        return self._tracker is not None and self._tracker.on

    def refusal(self) -> Optional[str]:
        """One sentence why nothing can be tracked here, or None."""
        if not self._facts.tracked_run:
            return "The run configuration '{}' forbids history logging (TrackedRun: false).".format(
                self._facts.run_configuration
            )
        if self._tracker is None:
            return "History logging is not available: {} - restart the kernel once that is mended.".format(
                self._missing
            )
        return None

    def refusal_to_save(self) -> Optional[str]:
        """Say that nothing was saved, and why nothing can be; None where it can."""
        refusal = self.refusal()
        return None if refusal is None else "Nothing was saved. " + refusal

    def turn_on(self) -> None:
        """Turn it on, where nothing refuses it."""
        if self._tracker is not None:
            with Shield() as shield:
                self._tracker.turn_on()
            shield.deliver()

    def turn_off(self) -> None:
        """End the run of the current cell here."""
        if self._tracker is not None:
            with Shield() as shield:
                self._tracker.turn_off()
            shield.deliver()

    def log(self, name: Any, value: Any) -> None:
        """Log a value; never raises: a value is not worth a broken cell."""
        try:
            if self._tracker is not None:
                self._tracker.log(name, value)
        except Exception as error:
            complaints.internal(error)

    def upload_files(self, paths: List[str]) -> List[Saved]:
        """Snapshot files below ``outputs/``: all of them, or none when one is refused (ValueError)."""
        files = [self._outputs.find(path) for path in paths]
        saved = [self._outputs.keep_file(file) for file in files]
        self._record(saved)
        return saved

    def upload_content(self, name: str, content: Any) -> None:
        """Keep a text or bytes as an output of that name (ValueError, TypeError); a refusal is told on stderr, once."""
        refusal = self.refusal_to_save()
        if refusal is None:
            self._record([self._outputs.keep_content(name, content)])
        elif not self._told:
            self._told = True
            print(refusal, file=sys.stderr)

    def _record(self, saved: List[Saved]) -> None:
        if self._tracker is None:
            return
        with Shield() as shield:
            self._tracker.outputs(saved)
        shield.deliver()
