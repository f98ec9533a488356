"""Whether anything was written to a stream of ipykernel's: one to which nothing was need not be flushed.

What was written is in the stream's buffer, or on its way there, when ``write`` calls ``_schedule_flush`` (ipykernel 5
to 7), also where a library put a ``write`` of its own before it. ``_flush_pending`` does not tell: it is False again
while the IOPub thread still sends.
"""

from __future__ import annotations

from typing import Any


class Writes:
    """The writes to one stream; only the first one after `forget` takes longer than without us."""

    def __init__(self, stream: Any) -> None:
        """Count all that was written before; to a stream of another kind something always was."""
        self.stream = stream
        self._schedule_flush = getattr(stream, "_schedule_flush", None)

    @property
    def there_were(self) -> bool:
        """Whether there were any since `forget`."""
        return "_schedule_flush" not in vars(self.stream)

    def forget(self) -> None:
        """Count from here on."""
        if self._schedule_flush is not None:
            self.stream._schedule_flush = self._note

    def _note(self) -> None:
        vars(self.stream).pop("_schedule_flush", None)
        if self._schedule_flush is not None:
            self._schedule_flush()
