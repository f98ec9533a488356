"""A YAML or JSON text, its nodes, and edits at their places: everything that no edit names stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from jupyter_workbench.config import yaml as config

MAX_CHARACTERS = 256 * 1024
"""The largest file that is looked at; the largest real one has 9 KiB."""

_STRANGE_LINE_ENDS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")


class NotEditable(Exception):
    """The text cannot be edited safely: `line` (or None) and `message`, which is `why - what to do`."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(line, message)
        self.line, self.message = line, message


@dataclass(frozen=True)
class Edit:
    """Characters `start` to `end` become `text`; `reasons` are told to the user as ``(line, what and why)``."""

    start: int
    end: int
    text: str
    reasons: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Document:
    """A text and the root of its nodes. Node positions are those of `text`, tabs included."""

    text: str
    root: yaml.Node | None
    nodes: tuple[yaml.Node, ...]

    def raw(self, node: yaml.Node) -> str:
        """Return the characters that `node` was read from, quotes included."""
        return self.text[node.start_mark.index : node.end_mark.index]


def parse(text: str, file: str) -> Document:
    """Return the document of `text`, or raise `NotEditable`.

    What can be read is what ``config`` reads; aliases are refused, because an edit at one place would change another.
    """
    if text.startswith("\ufeff"):
        raise NotEditable(1, "expected UTF-8 without a byte order mark, got one - save the file without it")
    if len(text) > MAX_CHARACTERS:
        raise NotEditable(None, f"expected at most {MAX_CHARACTERS // 1024} KiB, got more - upgrade it by hand")
    strange = _STRANGE_LINE_ENDS.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        raise NotEditable(line, "expected line ends LF or CRLF, got another - save the file with one of these")
    read = config.parse(text, file)
    if read.broken:
        raise NotEditable(read.problems[-1].line, read.problems[-1].message)
    root = _compose(text)
    return Document(text, root, tuple(_all_nodes(root)))


def apply(text: str, edits: Iterable[Edit]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Return `text` after `edits` and the reasons of those that were made; one inside a removed part is left out.

    A text without a final line end keeps having none.
    """
    pieces: list[str] = []
    reasons: list[tuple[int, str]] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end > edit.start, -edit.end)):
        if edit.start < position:
            continue
        pieces += [text[position : edit.start], edit.text]
        reasons += edit.reasons
        position = edit.end
    after = "".join([*pieces, text[position:]])
    if pieces and not text.endswith("\n"):
        after = after.removesuffix("\n").removesuffix("\r")
    return after, tuple(sorted(reasons))


def line_of(node: yaml.Node) -> int:
    """Return the line that `node` begins on, counted from 1."""
    return int(node.start_mark.line) + 1


def pairs(node: yaml.Node | None) -> dict[str, tuple[yaml.ScalarNode, yaml.Node]]:
    """Return key and value nodes of a mapping by key; nothing for another node. The last of duplicate keys counts."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: (key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def scalar(found: Mapping[str, tuple[yaml.ScalarNode, yaml.Node]], key: str) -> yaml.ScalarNode | None:
    """Return the scalar that `key` has in ``found``, or None."""
    value = found[key][1] if key in found else None
    return value if isinstance(value, yaml.ScalarNode) else None


def is_null(node: yaml.Node) -> bool:
    """Say whether `node` is an empty value or a null."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _compose(text: str) -> yaml.Node | None:
    # The pure parser: it alone counts characters in one way on every platform.
    try:
        root: yaml.Node | None = yaml.compose(config.without_idle_tabs(text), Loader=config.PurePythonParser)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: chr() of an absurd escape
        raise NotEditable(None, "expected common YAML, got a rare form of it - upgrade it by hand") from error
    return root


def _all_nodes(root: yaml.Node | None) -> Iterator[yaml.Node]:
    waiting, seen = [root] if root else [], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            raise NotEditable(line_of(node), "expected no YAML aliases, got one of this - upgrade it by hand")
        seen.add(id(node))
        yield node
        waiting += _children(node)


def _children(node: yaml.Node) -> Sequence[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []
