"""``%azureml upload``: saves files to the run, and shows how far it is when that takes long."""

from __future__ import annotations

import html
import os
import uuid
from time import monotonic
from typing import Any, List

from IPython.core.error import UsageError

from .history import History
from .uploads import Output, Saved

QUIET_SECONDS = 1.0
PERIOD_SECONDS = 0.25
_NAMED = 5  # files; more of them are one line
_BAR = (
    '<div style="display: flex; align-items: center; gap: 0.6em; opacity: 0.85">'
    '<progress style="width: 12em" value="{}" max="{}"></progress><span>{}</span></div>'
)
_LINES = '<span style="opacity: 0.6">{}</span>'


def upload(history: History, shell: Any, paths: List[str]) -> None:
    """Save all the files that are named, or none when one is refused (UsageError) or the user interrupts."""
    if not paths:
        raise UsageError("%azureml upload: expected files in outputs/, got nothing - for example outputs/model.pkl")
    refusal = history.refusal_to_save()
    if refusal is not None:
        print(refusal)
        return
    try:
        files = history.outputs.find(paths)
        progress = Progress(shell, files)
        saved = _save(history, files, progress)
    except ValueError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        reason = error.strerror or error
        raise UsageError("%azureml upload: {} could not be saved: {}".format(" ".join(paths), reason)) from error
    progress.end(_told(saved))


def _save(history: History, files: List[Output], progress: Progress) -> List[Saved]:
    try:
        saved = history.outputs.keep_files(files, progress.add)
    except BaseException:
        progress.end(["Nothing was saved"], only_if_shown=True)
        raise
    history.record(saved)
    return saved


class Progress:
    """One output of the cell, which is there after a second, changes in place and ends as quiet lines."""

    def __init__(self, shell: Any, files: List[Output]) -> None:
        self._shell = shell
        self._what = files[0].name if len(files) == 1 else "{} files".format(len(files))
        self._total = sum(os.path.getsize(file.path) for file in files)
        self._done = 0
        self._next = monotonic() + QUIET_SECONDS
        self._id = "workbench-upload-" + uuid.uuid4().hex
        self._is_shown = False

    def add(self, count: int) -> None:
        """Take note that so many bytes more are saved."""
        self._done += count
        if monotonic() < self._next:
            return
        self._next = monotonic() + PERIOD_SECONDS
        total = max(self._total, self._done, 1)  # the file may grow meanwhile
        text = "Saving {}: {} % of {}".format(self._what, 100 * self._done // total, size_of(total))
        self._show(text, _BAR.format(self._done, total, html.escape(text)))

    def end(self, lines: List[str], *, only_if_shown: bool = False) -> None:
        """Say what came of it: in the place of the bar, or else as text."""
        if self._is_shown:
            self._show("\n".join(lines), _LINES.format("<br>".join(html.escape(line) for line in lines)))
        elif not only_if_shown:
            print("\n".join(lines))

    def _show(self, text: str, as_html: str) -> None:
        self._shell.display_pub.publish(
            data={"text/plain": text, "text/html": as_html},
            transient={"display_id": self._id},
            update=self._is_shown,
        )
        self._is_shown = True


def _told(saved: List[Saved]) -> List[str]:
    if len(saved) > _NAMED:
        return ["Saved {} files ({})".format(len(saved), size_of(sum(output.size for output in saved)))]
    return ["Saved {} ({})".format(output.name, size_of(output.size)) for output in saved]


def size_of(count: int) -> str:
    """Return a size as people read it."""
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return "{:.0f} {}".format(size, unit) if unit == "bytes" else "{:.1f} {}".format(size, unit)
        size /= 1000
    return "{:.1f} GB".format(size)
