"""Holds Ctrl-C back while a record and the state that belongs to it are written."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` wraps at ten times the cost, in every cell
import _thread
import threading
from typing import Any, Optional

_REDELIVERY_SECONDS = 0.005


class Shield:
    """``with Shield() as shield``: an interrupt inside waits. Afterwards ``deliver`` it, or ``deliver_later``.

    Outside the main thread there is nothing to hold back: Python interrupts the main thread only.
    """

    def __init__(self) -> None:
        self.pressed = False
        self._before: Any = None

    def __enter__(self) -> Shield:
        if threading.current_thread() is threading.main_thread():
            before = _signal.getsignal(_signal.SIGINT)
            if callable(before):
                self._before = before
                _signal.signal(_signal.SIGINT, self._hold)
        return self

    def __exit__(self, *_error: object) -> None:
        if self._before is not None:
            _signal.signal(_signal.SIGINT, self._before)

    def deliver(self) -> None:
        """Let the interrupt that was held back act here."""
        if self.pressed:
            self._before(_signal.SIGINT, None)

    def deliver_later(self) -> Optional[threading.Timer]:
        """Let it act when the caller has returned: IPython swallows an interrupt of a hook."""
        if not self.pressed:
            return None
        timer = threading.Timer(_REDELIVERY_SECONDS, _thread.interrupt_main)
        timer.daemon = True
        timer.start()
        return timer

    def _hold(self, *_signal: object) -> None:
        self.pressed = True
