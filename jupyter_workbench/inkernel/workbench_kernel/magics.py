"""``%azureml``: the user's switch of the run history."""

from __future__ import annotations

import difflib
import os
import shlex
from typing import Any, Callable, Dict, List, Optional, Sequence

from IPython.core.error import UsageError

from .history import History

_STATES = ("on", "off", "show")
_COMMANDS = ("history", "upload")

commands: Dict[str, Callable[[], None]] = {}
"""Commands of kernels of a kind: `spark` in a PySpark kernel."""


class AzuremlMagic:
    """The run history of this kernel.

    %azureml history on                  every cell from here on is a run, this one included
    %azureml history off                 no longer
    %azureml history show                is it?
    %azureml upload outputs/model.pkl    save files of the outputs folder, as they are now, to the run
    %azureml spark                       what Spark this kernel has, and where its pages are
    """

    def __init__(self, history: History) -> None:
        self._history = history

    def register(self, shell: Any) -> None:
        """Make it known to this shell."""

        def azureml(line: str) -> None:
            self.run(line)

        azureml.__doc__ = type(self).__doc__
        shell.register_magic_function(azureml, "line", "azureml")

    def run(self, line: str) -> None:
        """Do what the line says, or say what it should be (UsageError)."""
        words = _words(line)
        command = words[0] if words else None
        if command == "history":
            self._switch(words[1:])
        elif command == "upload":
            self._upload(words[1:])
        elif command == "spark":
            self._spark(words[1:])
        else:
            raise UsageError(_unknown("%azureml", command, (*_COMMANDS, *commands)))

    def _spark(self, words: List[str]) -> None:
        if words:
            raise UsageError("%azureml spark: expected nothing more, got {!r}".format(" ".join(words)))
        if "spark" not in commands:
            raise UsageError(
                "%azureml spark: this kernel has no Spark - "
                "choose one whose run configuration says `Framework: PySpark`"
            )
        commands["spark"]()

    def _switch(self, words: List[str]) -> None:
        state = words[0] if len(words) == 1 else " ".join(words) or None
        if state not in _STATES:
            raise UsageError(_unknown("%azureml history", state, _STATES))
        if state == "show":
            print("History logging is enabled" if self._history.is_on else "History logging is disabled")
        elif state == "off":
            self._history.turn_off()
            print("History logging disabled")
        else:
            refusal = self._history.refusal()
            if refusal is None:
                self._history.turn_on()
            print(refusal or "History logging enabled")

    def _upload(self, paths: List[str]) -> None:
        if not paths:
            raise UsageError("%azureml upload: expected files in outputs/, got nothing - for example outputs/model.pkl")
        refusal = self._history.refusal_to_save()
        if refusal is not None:
            print(refusal)
            return
        try:
            saved = self._history.upload_files(paths)
        except ValueError as error:
            raise UsageError(str(error)) from error
        except OSError as error:
            reason = error.strerror or error
            raise UsageError("%azureml upload: {} could not be saved: {}".format(" ".join(paths), reason)) from error
        for output in saved:
            print("Saved {} ({})".format(output.name, _size(output.size)))


def _words(line: str) -> List[str]:
    """Split a line into words, quotes removed; on Windows a backslash is part of a path."""
    try:
        words = shlex.split(line, posix=os.name != "nt")
    except ValueError as error:
        raise UsageError("%azureml: expected every quote to be closed, got {!r}".format(line)) from error
    return [word.strip("'\"") for word in words] if os.name == "nt" else words


def _unknown(where: str, given: Optional[str], choices: Sequence[str]) -> str:
    near = difflib.get_close_matches((given or "").lower(), choices, n=1)
    hint = " - did you mean {!r}?".format(near[0]) if near else ""
    got = "nothing" if given is None else repr(given)
    return "{}: expected {}, got {}{}".format(where, " or ".join(repr(choice) for choice in choices), got, hint)


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return "{:.0f} {}".format(size, unit) if unit == "bytes" else "{:.1f} {}".format(size, unit)
        size /= 1000
    return "{:.1f} GB".format(size)
