"""An open output: what it is, how browsers are told so, and its bytes, piece by piece."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

PIECE_BYTES = 1 << 18
IMAGES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}
"""What a page may show with <img>; none of them can hold a program."""
ANYTHING = "application/octet-stream"


class ShortFile(Exception):
    """The disk has less than it should."""


@dataclass(frozen=True)
class Content:
    """An open output."""

    file: BinaryIO
    size: int
    sha256: str
    path: str

    @property
    def etag(self) -> str:
        """Return what names this content and no other."""
        return f'"{self.sha256}"'

    @property
    def type(self) -> str:
        """Return what browsers are told that it is."""
        name = self.path.lower()
        return next((kind for ending, kind in IMAGES.items() if name.endswith(ending)), ANYTHING)

    def piece(self, first: int, length: int) -> bytes:
        """Read some bytes. Raises ShortFile and OSError."""
        self.file.seek(first)
        read = self.file.read(min(length, PIECE_BYTES))
        if not read:
            raise ShortFile(f"expected {self.size} bytes, got {first}")
        return read


def attachment(name: str) -> str:
    """Return the `Content-Disposition` of a file to be stored by that name: RFC 6266, RFC 8187."""
    plain = re.sub(r"[^A-Za-z0-9 ._()+,=@-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='!#$&+.^`|')}"
