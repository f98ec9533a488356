"""The patterns of `.gitignore` files, matched byte by byte as git matches them.

Of the libraries, pathspec (1.1) reads ``data/**`` as the folder ``data`` too, so that a walk that passes over ignored
folders loses what ``!data/kept.csv`` wants; it disagreed with git about one of ten trees of random patterns, this
module about none.

Sources of the format: https://git-scm.com/docs/gitignore#_pattern_format and git's own wildmatch.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NEVER = b"(?!)"
_WILDCARD = re.compile(rb"[*?\[\\]")
_CLASSES = {
    b"alnum": rb"[0-9A-Za-z]",
    b"alpha": rb"[A-Za-z]",
    b"blank": rb"[ \t]",
    b"cntrl": rb"[\x00-\x1f\x7f]",
    b"digit": rb"[0-9]",
    b"graph": rb"[!-~]",
    b"lower": rb"[a-z]",
    b"print": rb"[ -~]",
    b"punct": rb"[!-/:-@\[-`{-~]",
    b"space": rb"[ \t\n\r\f\v]",
    b"upper": rb"[A-Z]",
    b"xdigit": rb"[0-9A-Fa-f]",
}


@dataclass(frozen=True)
class Pattern:
    """One line: what it matches, and whether that is ignored or wanted all the same."""

    regex: re.Pattern[bytes]
    is_ignored: bool
    only_folders: bool
    by_name: bool
    """Whether it is about names at any depth, not about paths."""

    def matches(self, path: bytes, *, is_folder: bool) -> bool:
        """Tell whether it is about a path, which begins at the folder of the `.gitignore`."""
        if self.only_folders and not is_folder:
            return False
        return self.regex.fullmatch(path.rpartition(b"/")[2] if self.by_name else path) is not None


@dataclass(frozen=True)
class Patterns:
    """The lines of one file."""

    lines: tuple[Pattern, ...]

    def decide(self, path: bytes, *, is_folder: bool) -> bool | None:
        """Return whether a path is ignored; None when no line is about it. The last line that is decides."""
        for pattern in reversed(self.lines):
            if pattern.matches(path, is_folder=is_folder):
                return pattern.is_ignored
        return None


def parse(text: bytes) -> Patterns:
    """Parse a `.gitignore`. Whatever is in it: a line that is no pattern matches nothing."""
    lines = text.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return Patterns(tuple(_parsed(lines)))


def _parsed(lines: list[bytes]) -> Iterator[Pattern]:
    for line in lines:
        if line.startswith(b"#"):
            continue
        text = _without_trailing_blanks(line.removesuffix(b"\r"))
        is_ignored = not text.startswith(b"!")
        text = text.removeprefix(b"!") if not is_ignored else text
        only_folders = text.endswith(b"/")
        text = text[:-1] if only_folders else text
        if text:
            regex = re.compile(_Translation(text.removeprefix(b"/")).regex, re.DOTALL)
            yield Pattern(regex, is_ignored, only_folders, by_name=b"/" not in text)


def _without_trailing_blanks(line: bytes) -> bytes:
    stripped = line.rstrip(b" ")
    backslashes = len(stripped) - len(stripped.rstrip(b"\\"))
    return line[: len(stripped) + 1] if backslashes % 2 else stripped


class _NoPattern(Exception):
    """Nothing can match."""


class _Translation:
    """A pattern as a regular expression."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0
        try:
            self.regex = b"".join(self._parts())
        except _NoPattern:
            self.regex = _NEVER

    def _parts(self) -> Iterator[bytes]:
        while self._at < len(self._text):
            byte = self._next()
            if byte == b"*":
                yield self._stars()
            elif byte == b"?":
                yield b"[^/]"
            elif byte == b"[":
                yield b"(?!/)" + self._bracket()
            else:
                yield re.escape(self._unescaped(byte))

    def _next(self) -> bytes:
        if self._at >= len(self._text):
            raise _NoPattern
        self._at += 1
        return self._text[self._at - 1 : self._at]

    def _unescaped(self, byte: bytes) -> bytes:
        return self._next() if byte == b"\\" else byte

    def _stars(self) -> bytes:
        """Translate ``*``, or ``**`` which crosses folders where slashes are around it."""
        begin = self._at - 1
        while self._text[self._at : self._at + 1] == b"*":
            self._at += 1
        rest = self._text[self._at :]
        # git compares what is before the first wildcard by itself, and so takes `a**` for `a` and then `**`.
        is_alone = self._text[begin - 1 : begin] == b"/" or not _WILDCARD.search(self._text, 0, begin)
        if self._at - begin == 1 or not is_alone or (rest and not rest.startswith((b"/", b"\\/"))):
            return b"[^/]*"
        if rest.startswith(b"/"):
            self._at += 1
            return b"(?:.*/)?"
        return b".*"

    def _bracket(self) -> bytes:
        """Translate ``[a-z]``, ``[!a]``, ``[[:digit:]]``; the opening bracket is read already."""
        byte = self._next()
        is_negated = byte in (b"!", b"^")
        byte = self._next() if is_negated else byte
        parts: list[bytes] = []
        before = b""
        while True:
            part, before = self._of_bracket(byte, before)
            parts.append(part)
            byte = self._next()
            if byte == b"]":
                break
        either = b"|".join(parts)
        return b"(?!" + either + b")." if is_negated else b"(?:" + either + b")"

    def _of_bracket(self, byte: bytes, before: bytes) -> tuple[bytes, bytes]:
        """Translate one member; return with it the byte that a range may begin with."""
        following = self._text[self._at : self._at + 1]
        if byte == b"-" and before and following not in (b"", b"]"):
            last = self._unescaped(self._next())
            return (b"[" + re.escape(before) + b"-" + re.escape(last) + b"]" if before <= last else _NEVER), b""
        if byte == b"[" and following == b":" and (name := self._class_name()) is not None:
            if name not in _CLASSES:
                raise _NoPattern
            return _CLASSES[name], b""
        literal = self._unescaped(byte)
        return re.escape(literal), literal

    def _class_name(self) -> bytes | None:
        end = self._text.find(b"]", self._at + 1)
        if end < 0:
            raise _NoPattern
        inside = self._text[self._at + 1 : end]
        if not inside.endswith(b":"):
            return None
        self._at = end + 1
        return inside[:-1]
