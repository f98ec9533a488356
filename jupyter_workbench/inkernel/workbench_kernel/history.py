"""The run history as the user's code meets it: the logger and the magic both speak to this one object."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Tuple
from urllib.parse import quote

from . import complaints, images
from .facts import Facts
from .recorder import Recorder, Run
from .shield import Shield
from .tracker import Tracker
from .uploads import Outputs, Saved
from .values import step_of, text

OFF = "History logging is off, so this cell is no run - turn it on with `%azureml history on`."
LOST = "Run history is off, so what is logged is not kept - turn it on with `%azureml history on`."

_NO_IMAGES = {float, int, str, bool, list, dict, tuple, type(None)}


class History:
    """The history of this kernel, or, when there can be none, the reason."""

    def __init__(self, facts: Facts, tracker: Optional[Tracker], outputs: Outputs, missing: str = "") -> None:
        """``missing``: why there is no tracker, as part of a sentence."""
        self._facts = facts
        self._tracker = tracker
        self.outputs = outputs
        self._missing = missing

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

    def no_run(self) -> Optional[str]:
        """One sentence why there is no run that could be tagged, or None."""
        return self.refusal() or (None if self._run() is not None else OFF)

    def turn_on(self) -> None:
        """Turn it on, where nothing refuses it."""
        if self._tracker is not None:
            self._whole(self._tracker.turn_on)

    def turn_off(self) -> None:
        """End the run of the current cell here."""
        if self._tracker is not None:
            self._whole(self._tracker.turn_off)

    # ---- what a run is given ---------------------------------------------------------------------
    def log(self, name: Any, value: Any, step: Any = None) -> None:
        """Log a value; never raises: a value is not worth a broken cell."""
        try:
            tracker = self._tracker
            run = None if tracker is None else tracker.run()
            if tracker is None or run is None:
                refusal = self.refusal()
                complaints.off(LOST if refusal is None else "Nothing was logged. " + refusal)
                return
            number = None if step is None else _number(step)
            picture = None if type(value) in _NO_IMAGES else images.png(value)
            if picture is None:
                tracker.recorder.log(run, name, value, number)
            else:
                self._log_image(tracker.recorder, run, text(name), picture, number)
        except Exception as error:
            complaints.internal(error)

    def annotate(self, write: Callable[[Recorder, Run], None]) -> Optional[str]:
        """Let ``write`` add records to the current run, all of them; a sentence when there is no run."""
        refusal = self.no_run()
        run = self._run()
        if refusal is None and self._tracker is not None and run is not None:
            recorder = self._tracker.recorder
            self._whole(lambda: write(recorder, run))
        return refusal

    def current(self) -> Optional[Tuple[str, Optional[str]]]:
        """Public id of the current run and its experiment (None: the notebook); None when there is no run."""
        run = self._run()
        return None if run is None or self._tracker is None else (run.public, self._tracker.experiment)

    def page_of(self, public: str) -> Optional[str]:
        """URL path of the page of a run in the JupyterLab that shows this kernel, or None."""
        page = self._facts.page
        return None if page is None else "{}&workbench-run={}".format(page, quote(public, safe=""))

    @property
    def experiment(self) -> Optional[str]:
        """The experiment of the runs from now on; None: the notebook itself is it."""
        return None if self._tracker is None else self._tracker.experiment

    def move(self, experiment: str) -> None:
        """Make runs part of an experiment from here on, and the current one."""
        if self._tracker is not None:
            self._tracker.experiment = experiment
            self.annotate(lambda recorder, run: recorder.experiment(run, experiment))

    # ---- outputs ---------------------------------------------------------------------------------
    def record(self, saved: List[Saved]) -> None:
        """Add outputs to the current run, or else to a run of their own."""
        tracker = self._tracker
        if tracker is not None:
            self._whole(lambda: tracker.outputs(saved))

    def upload_content(self, name: str, content: Any) -> None:
        """Keep a text or bytes as an output of that name (ValueError, TypeError); a refusal is told on stderr, once."""
        refusal = self.refusal_to_save()
        if refusal is not None:
            complaints.off(refusal)
            return
        try:
            self.record([self.outputs.keep_content(name, content)])
        except OSError as error:
            complaints.disk(error)

    # ---- below -----------------------------------------------------------------------------------
    def _log_image(self, recorder: Recorder, run: Run, name: str, picture: bytes, step: Any) -> None:
        if run.images is None:
            run.images = images.Names()
        try:
            saved = self.outputs.keep_content(run.images.choose(name), picture)
        except OSError as error:
            complaints.disk(error)
            return
        recorder.output(run, saved.name, saved.sha256, saved.size)
        recorder.log_of_kind(run, name, saved.name, step, "image")

    def _run(self) -> Optional[Run]:
        return None if self._tracker is None else self._tracker.run()

    def _whole(self, step: Callable[[], None]) -> None:
        with Shield() as shield:
            step()
        shield.deliver()


def _number(step: Any) -> Any:
    try:
        return step_of(step)
    except ValueError as error:
        complaints.without_step(str(error))
        return None
