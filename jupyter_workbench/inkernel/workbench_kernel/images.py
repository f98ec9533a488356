"""Images that a user logs: figures of matplotlib, images of PIL, and whatever shows itself as PNG in a notebook.

They are known by what their class can do: neither library is imported.
"""

from __future__ import annotations

import base64
import io
import os
import threading
from typing import Any, Callable, Dict, Optional, Set, Tuple

_PNG = b"\x89PNG\r\n\x1a\n"
_MAX_NAME_BYTES = 150  # of 255 that file systems allow, so that a number and a process fit behind
_NOT_IN_A_NAME = set('\\/:*?"<>|')  # what some system allows in no file name


def png(value: Any) -> Optional[bytes]:
    """Return the PNG of a value; None when it is no image, or cannot be drawn."""
    kind = type(value)
    for method, draw in _WAYS:
        if getattr(kind, method, None) is not None:
            try:
                content = draw(value)
            except Exception:  # noqa: S112 - an object may fail in any way: then it is logged as what it says of itself
                continue
            if isinstance(content, bytes) and content.startswith(_PNG):
                return content
    return None


class Names:
    """The paths of the images of one run: ``images/<name>.png``, with a number when a name is logged again."""

    def __init__(self) -> None:
        self._taken: Set[str] = set()  # as file systems compare them that do not tell cases apart
        self._last: Dict[str, int] = {}
        self._lock = threading.Lock()
        self._process = os.getpid()

    def choose(self, name: str) -> str:
        """Return a path that no other image of the run has; a forked child cannot know those of the others."""
        base = _file_name(name)
        if os.getpid() != self._process:
            base = "{}-p{}".format(base, os.getpid())
        with self._lock:
            number = self._last.get(base, 0) + 1
            while _path(base, number).casefold() in self._taken:
                number += 1
            self._last[base] = number
            self._taken.add(_path(base, number).casefold())
        return _path(base, number)


def _path(base: str, number: int) -> str:
    return "images/{}{}.png".format(base, "" if number == 1 else "-{}".format(number))


def _file_name(name: str) -> str:
    shown = "".join("_" if char in _NOT_IN_A_NAME or not char.isprintable() else char for char in name)
    cut = shown.encode("utf-8")[:_MAX_NAME_BYTES].decode("utf-8", "ignore")
    return cut.strip(". ") or "image"


def _of_figure(figure: Any) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def _of_axes(axes: Any) -> bytes:
    return _of_figure(axes.get_figure())


def _of_itself(value: Any) -> Optional[bytes]:
    """As IPython asks for it: bytes or base64, alone or with metadata."""
    shown = value._repr_png_()
    content = shown[0] if isinstance(shown, tuple) else shown
    return base64.b64decode(content) if isinstance(content, str) else content


def _of_pil(image: Any) -> bytes:
    """For the modes of PIL that PNG does not have, as CMYK and F."""
    content = io.BytesIO()
    image.convert("RGB").save(content, format="PNG")
    return content.getvalue()


_WAYS: Tuple[Tuple[str, Callable[[Any], Optional[bytes]]], ...] = (
    ("savefig", _of_figure),
    ("get_figure", _of_axes),
    ("_repr_png_", _of_itself),
    ("getbands", _of_pil),
)
