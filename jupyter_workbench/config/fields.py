"""The kinds of values that configuration files hold; each refuses what it cannot be in words of its own.

A refusal quotes what was written only where no secret can stand: never a variable, an argument or a password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from jupyter_workbench.config.problems import did_you_mean, listed, printable
from jupyter_workbench.config.yaml import Scalar

_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
_PLACEHOLDER = re.compile(r"[<>\[\]]|\bxxx\b|^(IP_ADDRESS|USERNAME)$", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*|[0-9A-Fa-f]*(:[0-9A-Fa-f.]*){2,}")
_USER = re.compile(r"[^\s-]\S*")
_IMAGE = re.compile(r"([\w.-]+(:\d+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:\w[\w.-]*)?(@sha256:[0-9a-f]{64})?", re.ASCII)
_CREDENTIALS = re.compile(r"[^\s/:@]+:[^\s/@]+@")
_LONGEST_QUOTE = 60


def refusal(expected: str, got: str, advice: str) -> PydanticCustomError:
    """Make the error of a value that its field cannot hold."""
    return PydanticCustomError("refused", "{words}", {"words": f"expected {expected}, got {got} - {advice}"})


def kind(value: object) -> str:
    """Name what stands in the file without quoting it."""
    names = {type(None): "nothing", list: "a list", dict: "a mapping"}
    return names.get(type(value), "a single value")


def quote(value: object) -> str:
    """Quote a value that cannot be a secret; a bracket placeholder looks as it does in the file."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = f"[{', '.join(value)}]"
    if not isinstance(value, str):
        return kind(value)
    if not value.strip():
        return "nothing"
    line = printable(re.sub(r"\s+", " ", _CREDENTIALS.sub("***@", value)))  # a blank at an end may be what is wrong
    return f"`{line[:_LONGEST_QUOTE]}...`" if len(line) > _LONGEST_QUOTE else f"`{line}`"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise refusal("a single value", kind(value), "write it as text, in quotes if it contains brackets")
    if "\0" in value:
        raise refusal("text", "text with a NUL character", "remove the character")
    return str(value)


def _boolean(value: object) -> object:
    if not isinstance(value, Scalar):
        return _single(value, "true or false")
    word = value.lower()
    if value.plain and word in _TRUE | _FALSE:
        return word in _TRUE
    if word in _TRUE | _FALSE:
        raise refusal("true or false", f'the text "{value}"', "remove the quotes")
    advice = "write one of the two, without quotes"
    if re.match(r"(true|false)\b", word):
        advice = "keep the first word and write the rest on a line of its own"
    raise refusal("true or false", quote(value), advice)


def _single(value: object, expected: str) -> object:
    if isinstance(value, list | dict):
        raise refusal(expected, kind(value), "write a single value")
    return value


def one_of(*choices: str) -> BeforeValidator:
    """Accept exactly these words."""

    def choose(value: object) -> object:
        if isinstance(value, str) and value in choices:
            return str(value)
        meant = did_you_mean(value, choices) if isinstance(value, str) else None
        advice = f"did you mean {meant}?" if meant else "write one of these"
        raise refusal(listed(choices), quote(value), advice)

    return BeforeValidator(choose)


def _filled_in(expected: str, pattern: re.Pattern[str], advice: str) -> BeforeValidator:
    """Accept what the pattern matches, and know the placeholders that templates leave for the user."""

    def check(value: object) -> object:
        if isinstance(value, list) or (isinstance(value, str) and _PLACEHOLDER.search(value)):
            raise refusal(expected, f"the placeholder {quote(value)}", "fill in your own")
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise refusal(expected, "something else", advice)
        return str(value)

    return BeforeValidator(check)


def _image(value: object) -> object:
    image = value.strip() if isinstance(value, str) else value
    if isinstance(image, str) and _IMAGE.fullmatch(image):
        return str(image)
    repaired = re.sub(":{2,}", ":", image) if isinstance(image, str) else ""
    advice = f"did you mean `{repaired}`?" if repaired != image and _IMAGE.fullmatch(repaired) else "write NAME:TAG"
    raise refusal("the name of a Docker image", quote(image), advice)


def project_path(value: object) -> str:
    """Normalise a path below the project; what symlinks make of it is for the reader of the file to see."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise refusal("the path of a file", quote(value), "write it relative to the project folder")
    path = PurePosixPath(value.replace("\\", "/"))
    if path.is_absolute() or PureWindowsPath(value).drive or value.startswith("~"):
        raise refusal("a path relative to the project folder", quote(value), "copy the file into the project")
    parts: list[str] = []
    for part in path.parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            raise refusal("a path inside the project folder", quote(value), "copy the file into the project")
    if not parts:
        raise refusal("the path of a file", quote(value), "write it relative to the project folder")
    return "/".join(parts)


def _words(value: object) -> object:
    if isinstance(value, list | tuple):
        return value
    raise refusal("a list such as [$file]", kind(value), "put it in brackets")


def _mapping(value: object) -> object:
    if isinstance(value, Mapping):
        return value
    raise refusal("a mapping of names to values", kind(value), "write one `name: value` a line, indented")


def _variable_name(name: str) -> str:
    if not name or "=" in name or "\0" in name:
        raise refusal("the name of a variable", "other text", "write `NAME: value`, with a name of letters and digits")
    return name


def _frozen(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(mapping))


def nothing() -> Mapping[str, Any]:
    """Make the default of a field that holds a mapping."""
    return MappingProxyType({})


Text = Annotated[str, BeforeValidator(_text)]
"""Any single value, as it was written."""

Boolean = Annotated[bool, BeforeValidator(_boolean)]
"""A YAML boolean without quotes: true, yes or on, false, no or off, in any case."""

FRAMEWORKS = ("Python", "PySpark")
Framework = Annotated[Literal["Python", "PySpark"], one_of(*FRAMEWORKS)]
YarnDeployMode = Annotated[Literal["cluster", "client"], one_of("cluster", "client")]
Host = Annotated[
    str, _filled_in("a host name or an IP address", _HOST, "write it alone, without `https://`, `@`, blanks or a port")
]
User = Annotated[str, _filled_in("the name of a user", _USER, "write it alone, without blanks or a `-` before it")]

Image = Annotated[str, BeforeValidator(_image)]
"""The name of a Docker image. https://github.com/distribution/reference"""

ProjectPath = Annotated[str, BeforeValidator(project_path)]
"""A path relative to the project folder, normalised, with ``/`` on every system."""

Words = Annotated[tuple[Text, ...], BeforeValidator(_words)]

Variables = Annotated[
    Mapping[Annotated[str, AfterValidator(_variable_name)], Text | None],
    BeforeValidator(_mapping),
    AfterValidator(_frozen),
]
"""Names to values as they were written; None means that the variable is to be unset."""

Settings = Annotated[Mapping[str, Any], BeforeValidator(_mapping), AfterValidator(_frozen)]
"""Names to anything."""
