"""Why a text is neither YAML nor JSON, in words: the parser's own words speak of tokens and flow mappings."""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

TAG = "expected a plain value, got one that begins with `!`, a YAML tag - remove the tag or put the value in quotes"

_UNCLOSED_QUOTE = "expected a closing quote, got the end of the file - close the quote that opens on this line"
_UNCLOSED_BRACKET = "expected a closing bracket, got the end of the file - close the bracket that opens on this line"
_UNFINISHED = "expected a value or a closing bracket, got the end of the file - write what is missing"
_BACKSLASH = (
    "expected an escape such as `\\n` after the backslash, got another - double every backslash or use single quotes"
)
_CONTROL = "expected text, got a control character - remove it or save the file as UTF-8 text"
_TAB = "expected blanks, got a tab - replace the tab by blanks"
_CONFLICT = "expected settings, got two versions that git could not merge - keep one of them and remove the marks"
_UNKNOWN = "expected YAML or JSON, got text that is neither - check the quotes, colons and indentation here"
_AFTER_QUOTE = "expected nothing after the closing quote, got more text - put the whole value in other quotes"
_MARK_OF_A_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)

# Part of the parser's problem -> ours. libyaml and PyYAML phrase most problems alike; the first match counts.
_WORDS = (
    (
        "',' or",
        "expected a comma or a closing bracket, got another value - add the comma before it or close the quote above",
    ),
    (
        "mapping values",
        "expected `key: value`, got a second colon or a deeper key - quote the value or line up the keys",
    ),
    ("expected ':'", "expected `key: value`, got text without a colon - write one setting a line"),
    ("expected key", "expected a key in line with the keys above, got something else - line it up or remove it"),
    ("<block end>", "expected a key in line with the keys above, got something else - line it up or remove it"),
    (
        "'-' indicator",
        "expected a list item in line with the items above, got something else - line it up or remove it",
    ),
    ("<document start>", "expected the end of the file, got more text after it - remove what follows the last bracket"),
    (
        "sequence entries",
        "expected a list item on a line of its own, got a `-` in the middle of a line - start a new line",
    ),
    ("node content", "expected a value, got a bracket or comma too many - remove it"),
    ("hexdecimal", _BACKSLASH),
    ("hexadecimal", _BACKSLASH),
    ("escape", _BACKSLASH),
    ("alphabetic or numeric", "expected a value, got one that begins with `*` or `&` - put the value in quotes"),
    ("expected URI", TAG),
    ("tag", TAG),
)


class Explanation(NamedTuple):
    """Where a text stops to be readable (line from 1) and why."""

    line: int
    message: str


def explain(error: yaml.YAMLError, text: str) -> Explanation:
    """Say the parser's error in our own words, which never quote the text: it may hold secrets."""
    if isinstance(error, yaml.reader.ReaderError):
        return Explanation(text.count("\n", 0, error.position) + 1, _CONTROL)
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Explanation(1, _UNKNOWN)
    if conflict := _MARK_OF_A_CONFLICT.search(text):
        return Explanation(text.count("\n", 0, conflict.start()) + 1, _CONFLICT)
    problem, at = error.problem or "", error.problem_mark
    opened = (error.context_mark or at).line + 1
    ended = not text[at.index :].strip()
    if ended and "quoted scalar" in (error.context or ""):
        return Explanation(opened, _UNCLOSED_QUOTE)
    if ended and "',' or" in problem:
        return Explanation(opened, _UNCLOSED_BRACKET)
    if ended and "node content" in problem:
        return Explanation(text.rstrip().count("\n") + 1, _UNFINISHED)
    line = opened if "expected ':'" in problem else at.line + 1
    return Explanation(line, _words(problem, text, at.index))


def _words(problem: str, text: str, position: int) -> str:
    before, character = text[:position].rpartition("\n")[2].rstrip(), text[position : position + 1]
    if character == "\t":
        return _TAB
    if before.endswith(("'", '"')) and ("expected key" in problem or "<block end>" in problem):
        return _AFTER_QUOTE
    if "cannot start any token" in problem:
        return f"expected a value, got one that begins with `{character}` - put the value in quotes"
    return next((words for part, words in _WORDS if part in problem), _UNKNOWN)
