"""``%azureml``: the user's switch of the run history, and what a cell says about its run."""

from __future__ import annotations

import difflib
from typing import Any, Callable, Dict, List, Optional, Sequence

from IPython.core.error import UsageError

from . import remarks, saving
from .history import History
from .words import split

_STATES = ("on", "off", "show")
_COMMANDS = ("history", "upload", "run", "experiment", "tag", "note")

commands: Dict[str, Callable[[], None]] = {}
"""Commands of kernels of a kind: `spark` in a PySpark kernel."""


class AzuremlMagic:
    """The run history of this kernel.

    %azureml history on                  every cell from here on is a run, this one included
    %azureml history off                 no longer
    %azureml history show                is it?
    %azureml upload outputs/model.pkl    save files of the outputs folder, as they are now, to the run;
                                         also outputs/*.png, outputs/plots (a folder), and several of them
    %azureml run                         which run this cell is
    %azureml experiment NAME             runs from here on, and this one, belong to this experiment;
                                         without NAME: which one it is (at first the notebook)
    %azureml tag key=value other=2       tag this run; key= takes a tag away
    %azureml note TEXT                   note this at the run, in place of what was noted; "" takes it away
    %azureml spark                       what Spark this kernel has, and where its pages are
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._shell: Any = None

    def register(self, shell: Any) -> None:
        """Make it known to this shell."""
        self._shell = shell

        def azureml(line: str) -> None:
            self.run(line)

        azureml.__doc__ = type(self).__doc__
        shell.register_magic_function(azureml, "line", "azureml")

    def run(self, line: str) -> None:
        """Do what the line says, or say what it should be (UsageError)."""
        command, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if command == "history":
            self._switch(split(line)[1:])
        elif command == "upload":
            saving.upload(self._history, self._shell, split(line)[1:])
        elif command == "run":
            remarks.run(self._history, self._shell, rest)
        elif command == "spark":
            self._spark(rest)
        elif command in remarks.COMMANDS:
            remarks.COMMANDS[command](self._history, rest)
        else:
            raise UsageError(_unknown("%azureml", command or None, (*_COMMANDS, *commands)))

    def _spark(self, rest: str) -> None:
        if rest:
            raise UsageError("%azureml spark: expected nothing more, got {!r}".format(rest))
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


def _unknown(where: str, given: Optional[str], choices: Sequence[str]) -> str:
    near = difflib.get_close_matches((given or "").lower(), choices, n=1)
    hint = " - did you mean {!r}?".format(near[0]) if near else ""
    got = "nothing" if given is None else repr(given)
    return "{}: expected {}, got {}{}".format(where, " or ".join(repr(choice) for choice in choices), got, hint)
