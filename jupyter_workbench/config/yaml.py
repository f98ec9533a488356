"""Text -> plain data that remembers its lines. A JSON file is read as the YAML that it is.

Values stay text, as they were written (``1.10``, ``yes``, ``0x1F`` and ``2018-01-01`` included): what a value means is
decided by the field that it is for. Nothing is ever constructed from a tag, and no text makes ``parse`` raise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from jupyter_workbench.config.problems import Problem, printable
from jupyter_workbench.config.syntax import TAG, explain

MAX_DEPTH = 32
"""Lists in lists in mappings: real files stop at 4."""

MAX_VALUES = 10_000
"""Values of one file once its aliases are followed: real files stop at 200."""

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: ``("EnvironmentVariables", "HOME")``, ``("dependencies", 2)``."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS = ("bool", "float", "int", "map", "null", "seq", "str", "timestamp")
_PLAIN_TAGS = frozenset({None, "!", *(f"tag:yaml.org,2002:{name}" for name in _TAGS)})
_TAB_BEFORE_COMMENT = re.compile(r"^\t[ \t]*(?=#|\r?$)", re.MULTILINE)

_NO_KEY = "expected a name as key, got a bracket - put text that contains brackets in quotes"
_SECOND_DOCUMENT = "expected one document, got a second one after `---` - keep one of the two"
_TOO_DEEP = f"expected at most {MAX_DEPTH} levels of brackets and lists, got more - check the brackets"
_TOO_MANY = f"expected at most {MAX_VALUES} values, got more - shorten the file or its aliases"
_NO_ANCHOR = "expected the name of an anchor above, got none of that name - put a value that begins with `*` in quotes"
_HALF_CHARACTER = "expected a whole character, got half of one as an escape - write the character itself"


class Scalar(str):
    """One value as it was written, without its quotes."""

    __slots__ = ("end", "line", "plain", "start")

    line: int
    """Counted from 1."""
    start: int
    """Offset of the first character (the quote, when there is one) in the text given to ``parse``."""
    end: int
    """Offset behind the last character."""
    plain: bool
    """Written without quotes."""


@dataclass(frozen=True)
class Document:
    """What a text says: ``data`` is made of dict, list, ``Scalar`` and None (for null); keys are ``Scalar`` too.

    ``broken`` means that no data could be read; ``problems`` may also name duplicate keys of data that could.
    """

    file: str
    data: Any = None
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    broken: bool = False

    @property
    def locations(self) -> dict[str, tuple[str, int]]:
        """The file and line of every key at the top that has a value."""
        settings = self.data.items() if isinstance(self.data, dict) else ()
        return {str(key): (self.file, key.line) for key, value in settings if value is not None}

    def line(self, path: KeyPath) -> int | None:
        """Find the line of a key or list item, else of the nearest thing around it; None when there is neither."""
        around = (path[:length] for length in range(len(path), 0, -1))
        return next((self.lines[place] for place in around if place in self.lines), None)


def parse(text: str, file: str) -> Document:
    r"""Read one YAML or JSON text; ``file`` is the name that its problems carry.

    A tab that only parts two words (``key:\t"value"``) is read, as the original product did; as indentation it is a
    problem.
    """
    builder = _Builder(file)
    text = without_idle_tabs(text)
    try:
        data = builder.document(yaml.parse(text, Loader=Parser))
    except yaml.YAMLError as error:
        line, message = explain(error, text)
    except _Refused as refused:
        line, message = refused.args
    else:
        return Document(file, data, builder.lines, tuple(builder.problems))
    return Document(file, problems=(*builder.problems, Problem(file, line, None, message)), broken=True)


def without_idle_tabs(text: str) -> str:
    """Make blanks of the tabs that lead to a comment or to the end of a line; every character keeps its place."""
    return _TAB_BEFORE_COMMENT.sub(lambda tabs: " " * len(tabs[0]), text)


def dotted(path: KeyPath) -> str:
    """Write ``EnvironmentVariables.HOME`` or ``packages[0].version``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return printable("".join(parts).removeprefix("."))


class PurePythonParser(yaml.SafeLoader):
    """PyYAML's own parser, which stumbles over tabs that libyaml reads; for platforms without libyaml."""

    def scan_to_next_token(self) -> None:
        """Pass over blanks, comments and, between two words, tabs; the scanner calls it before each token."""
        super().scan_to_next_token()
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self.forward()
            super().scan_to_next_token()


Parser: Any = getattr(yaml, "CSafeLoader", PurePythonParser)
"""libyaml's parser is ten times as fast; PyYAML's wheels have it on every common platform."""


class _Refused(Exception):
    """The text is YAML, but none that a configuration needs: (line, message)."""


@dataclass
class _Builder:
    """Builds data from the parser's events: they come one by one, so that a hostile text is refused before it grows."""

    file: str
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    values: int = 0
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def document(self, events: Iterator[Any]) -> Any:
        """Build the data of the only document of a stream; None when it is empty."""
        next(events)  # the start of the stream
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        data = self._node(next(events), events, ())
        next(events)  # the end of the document
        following = next(events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise _Refused(_line(following), _SECOND_DOCUMENT)
        return data

    def _node(self, event: Any, events: Iterator[Any], path: KeyPath) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag not in _PLAIN_TAGS:
            raise _Refused(_line(event), TAG)
        before = self.values
        self._count(1, event)
        data = self._content(event, events, path)
        if event.anchor:
            self.anchors[event.anchor] = data, self.values - before
        return data

    def _content(self, event: Any, events: Iterator[Any], path: KeyPath) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
            return None if value.plain and value in _NULLS else value
        if len(path) >= MAX_DEPTH:
            raise _Refused(_line(event), _TOO_DEEP)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _sequence(self, events: Iterator[Any], path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            place = (*path, len(items))
            self.lines[place] = _line(event)
            items.append(self._node(event, events, place))
        return items

    def _mapping(self, events: Iterator[Any], path: KeyPath) -> dict[Scalar, Any]:
        mapping: dict[Scalar, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(_line(event), _NO_KEY)
            key = _scalar(event)
            place = (*path, str(key))
            if key in mapping:
                message = f"expected each key once, got it on line {self.lines[place]} already - keep one of the two"
                self.problems.append(Problem(self.file, key.line, dotted(place), message))
            self.lines[place] = key.line
            mapping[key] = self._node(next(events), events, place)
        return mapping

    def _alias(self, event: Any) -> Any:
        """Share what the anchor stands on; it counts as if it were copied, because readers walk it."""
        if event.anchor not in self.anchors:
            raise _Refused(_line(event), _NO_ANCHOR)
        data, size = self.anchors[event.anchor]
        self._count(size, event)
        return data

    def _count(self, values: int, event: Any) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            raise _Refused(_line(event), _TOO_MANY)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> Scalar:
    if not event.value.isascii():
        _refuse_half_characters(event)
    scalar = Scalar(event.value)
    scalar.line = _line(event)
    scalar.start = event.start_mark.index
    scalar.end = event.end_mark.index
    scalar.plain = not event.style and event.tag != "tag:yaml.org,2002:str"
    return scalar


def _refuse_half_characters(event: Any) -> None:
    r"""Refuse an escape such as ``\ud800``: no file name and no variable can hold half a character."""
    try:
        event.value.encode()
    except UnicodeEncodeError:
        raise _Refused(_line(event), _HALF_CHARACTER) from None
