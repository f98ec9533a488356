"""What a cell says about its run: ``%azureml run``, ``experiment``, ``tag`` and ``note``.

Each either does it, or refuses it whole: a UsageError for a line that is wrong, a sentence where there is no run, so
that a notebook also runs through where history is off.
"""

from __future__ import annotations

import html
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from IPython.core.error import UsageError

from .history import OFF, History
from .recorder import Recorder, Run
from .words import split, unquoted

MAX_KEY = 250
MAX_VALUE = 5000
MAX_NAME = 250
MAX_NOTE = 50_000

_LINK = 'To see it: <a href="{}" target="_blank" rel="noopener">open the page of this run</a>, or <code>{}</code>'


def run(history: History, shell: Any, rest: str) -> None:
    """Tell which run this cell is, and how to see it: its page, where a JupyterLab shows it."""
    if rest:
        raise UsageError("%azureml run: expected nothing more, got {!r}".format(rest))
    current = history.current()
    if current is None:
        print(history.refusal() or OFF)
        return
    public, experiment = current
    print("Run {}, {}".format(public, _belongs(experiment)))
    command = "workbench history info -r {}".format(public)
    page = history.page_of(public)
    if page is None:
        print("To see it: " + command)
    else:
        as_html = _LINK.format(*(html.escape(part, quote=True) for part in (page, command)))
        shell.display_pub.publish({"text/plain": "To see it: " + command, "text/html": as_html})


def experiment(history: History, rest: str) -> None:
    """Tell the experiment, or change it."""
    refusal = history.refusal()
    if refusal is not None:
        print(refusal)
        return
    if rest:
        history.move(_name(unquoted(rest)))
    print("Runs are {}".format(_belongs(history.experiment)))
    if not history.is_on:
        print("History logging is off - turn it on with `%azureml history on`.")


def tag(history: History, rest: str) -> None:
    """Tag the current run, or take tags away: all of them, or none when one is wrong."""
    tags = _tags(split(rest))

    def write(recorder: Recorder, run: Run) -> None:
        for key, value in tags.items():
            recorder.tag(run, key, value)

    refusal = history.annotate(write)
    print(_tagged(tags) if refusal is None else "Nothing was tagged. " + refusal)


def note(history: History, rest: str) -> None:
    """Replace the note of the current run; an empty text in quotes takes it away."""
    if not rest:
        raise UsageError('%azureml note: expected a text, got nothing - "" takes the note away')
    text = unquoted(rest)
    if len(text) > MAX_NOTE:
        raise UsageError(
            "%azureml note: expected at most {} characters, got {} - save a longer text as an output with "
            "`logger.upload`".format(MAX_NOTE, len(text))
        )
    refusal = history.annotate(lambda recorder, run: recorder.note(run, text))
    if refusal is not None:
        print("Nothing was noted. " + refusal)
    else:
        print("Noted" if text else "Note taken away")


COMMANDS: Dict[str, Callable[[History, str], None]] = {"experiment": experiment, "tag": tag, "note": note}


def _belongs(name: Optional[str]) -> str:
    return "part of the experiment of this notebook" if name is None else "part of the experiment {!r}".format(name)


def _name(name: str) -> str:
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise UsageError(
            "%azureml experiment: expected a name of 1 to {} printable characters, got {!r}".format(MAX_NAME, name)
        )
    return name


def _tags(words: List[str]) -> Mapping[str, Optional[str]]:
    if not words:
        raise UsageError("%azureml tag: expected key=value, got nothing - key= takes a tag away")
    return dict(_pair(word) for word in words)


def _pair(word: str) -> Tuple[str, Optional[str]]:
    key, equals, value = word.partition("=")
    if not equals or not key.strip():
        raise UsageError(
            "%azureml tag: expected key=value, got {!r} - put quotes around a value with spaces: {}".format(
                word, "key='two words'"
            )
        )
    if len(key) > MAX_KEY:
        raise UsageError("%azureml tag: expected a key of at most {} characters, got {}".format(MAX_KEY, len(key)))
    if len(value) > MAX_VALUE:
        raise UsageError(
            "%azureml tag: {}: expected a value of at most {} characters, got {} - note a longer text with "
            "`%azureml note`".format(key, MAX_VALUE, len(value))
        )
    return key, value or None


def _tagged(tags: Mapping[str, Optional[str]]) -> str:
    added = ["{}={}".format(key, value) for key, value in tags.items() if value is not None]
    removed = [key for key, value in tags.items() if value is None]
    parts = (["Tagged " + ", ".join(added)] if added else []) + (["Untagged " + ", ".join(removed)] if removed else [])
    return "\n".join(parts)
