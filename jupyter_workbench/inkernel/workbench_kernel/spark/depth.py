"""Tells a cell of the notebook from those that it runs itself (``get_ipython().run_cell``), and from other threads'."""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict, Optional


class Depth:
    """How deep the cell of the main thread is nested; one that never ended does not count once another begins."""

    def __init__(self, shell: Any) -> None:
        self._get_parent: Callable[[], Any] = getattr(shell, "get_parent", lambda: None)
        self._request: Optional[str] = None
        self._depth = 0

    def begins(self) -> bool:
        """Whether the cell that begins is one of the notebook. Subshells have threads of their own."""
        if threading.current_thread() is not threading.main_thread():
            return False
        parent: Dict[str, Any] = self._get_parent() or {}
        request = (parent.get("header") or {}).get("msg_id")
        nested = request is not None and request == self._request and self._depth > 0
        self._request = request
        self._depth = self._depth + 1 if nested else 1
        return not nested

    def ends(self) -> bool:
        """Whether the cell that ends is one of the notebook."""
        if threading.current_thread() is not threading.main_thread() or self._depth == 0:
            return False
        self._depth -= 1
        return self._depth == 0
