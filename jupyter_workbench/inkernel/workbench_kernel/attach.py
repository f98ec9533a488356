"""Puts the parts together and gives them to a kernel's shell."""

from __future__ import annotations

import os
from typing import Any, Optional, Tuple

from . import assets, complaints, logger
from . import facts as told
from .facts import Facts
from .history import History
from .hooks import Hooks
from .magics import AzuremlMagic
from .recorder import Recorder
from .spool import Spool
from .tails import Tails
from .tracker import Tracker
from .transport import Transport
from .uploads import Outputs


def attach(app: Any, folder: Optional[str]) -> History:
    """Give the shell of an initialised kernel its history; without a usable spool folder, one that says why not."""
    return attach_to_shell(app.shell, app.kernel, folder)


def attach_to_shell(shell: Any, kernel: Any, folder: Optional[str]) -> History:
    """As ``attach``; ``kernel`` may be None, then nothing is sent."""
    facts = told.read(folder or "")
    tracker, missing = _tracker(shell, kernel, facts, folder)
    history = History(facts, tracker, Outputs(os.getcwd(), folder or ""), missing)
    logger.serve(history)
    assets.serve(os.getcwd(), folder)
    AzuremlMagic(history).register(shell)
    Hooks(tracker, facts.notice).register(shell)
    if not hasattr(shell, "magic"):  # gone in IPython 9; notebooks of 2017 that became scripts call it
        shell.magic = lambda line: shell.run_line_magic(*(line.partition(" ")[::2]))
    complaints.forget()
    return history


def _tracker(shell: Any, kernel: Any, facts: Facts, folder: Optional[str]) -> Tuple[Optional[Tracker], str]:
    if folder is None:
        return None, "this kernel was started without a spool folder (--spool)"
    try:
        spool = Spool(folder)
    except OSError as error:
        return None, "the spool folder {} cannot be used ({})".format(folder, error.strerror or error)
    transport = Transport(kernel, spool, facts.stream)
    return Tracker(shell, facts, Recorder(spool, facts.project), transport, Tails.of(kernel)), ""
