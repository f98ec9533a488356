"""One output of a cell that changes while the cell runs, from whichever thread."""

from __future__ import annotations

import itertools
import os
from typing import Any, Dict, Optional

_numbers = itertools.count()


class Place:
    """Made while the cell runs; it is empty until something is shown in it."""

    def __init__(self, kernel: Any, parent: Optional[Dict[str, Any]]) -> None:
        """``parent``: the request that runs the cell, to which outputs belong. Without a kernel nothing is shown."""
        self._kernel = kernel
        self._parent = parent
        self._id = "workbench-spark-{}-{}".format(os.getpid(), next(_numbers))
        self.is_shown = False

    def show(self, text: str, html: str) -> None:
        """Show this instead of what was there."""
        if self._kernel is None:
            return
        content = {
            "data": {"text/plain": text, "text/html": html},
            "metadata": {},
            "transient": {"display_id": self._id},
        }
        kind = "update_display_data" if self.is_shown else "display_data"
        self.is_shown = True
        kernel = self._kernel
        kernel.session.send(kernel.iopub_socket, kind, content, parent=self._parent, ident=b"display_data")

    def clear(self) -> None:
        """Leave nothing of it."""
        if self.is_shown:
            self.show("", "")
