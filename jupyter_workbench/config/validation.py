"""A document -> a model, or the problems that keep it from being one, each with its line."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from jupyter_workbench.config.fields import kind
from jupyter_workbench.config.models import FileModel
from jupyter_workbench.config.problems import Problem, did_you_mean, printable
from jupyter_workbench.config.yaml import Document, KeyPath, dotted

_Model = TypeVar("_Model", bound=FileModel)


def validate(model: type[_Model], document: Document, **defaults: Any) -> tuple[_Model | None, tuple[Problem, ...]]:
    """Make the model of a document that holds settings; None when one of them is refused.

    A key without a value counts as absent. ``defaults`` hold for absent keys and for what no file says, the name.
    """
    known = model.keys()
    settings = {str(key): value for key, value in document.data.items() if key in known and value is not None}
    try:
        return model.model_validate({**defaults, **settings}), ()
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, tuple(_problem(model, detail, document) for detail in details)


def why_refused(model: type[FileModel], key: str, value: object) -> str | None:
    """Return why no file of this kind may have such a setting; None when it may. A text is what a file would hold."""
    try:
        model.model_validate({"name": "-", key: value})
    except ValidationError as error:
        return next((str(detail["msg"]) for detail in error.errors() if detail["loc"][0] == key), None)
    return None


def no_settings(document: Document, example: str) -> tuple[Problem, ...]:
    """Report a file that holds no ``key: value`` settings: a broken one, an empty one, a list; nothing if it does."""
    if document.broken:
        return document.problems
    if isinstance(document.data, dict):
        return ()
    got, advice = "plain text", f"write one setting a line, with a blank after its colon, such as `{example}`"
    if not isinstance(document.data, str):
        got = "an empty file" if document.data is None else kind(document.data)
        advice = f"write settings such as `{example}`"
    message = f"expected settings, got {got} - {advice}"
    return (Problem(document.file, 1, None, message),)


def unknown_keys(document: Document, known: Collection[str]) -> tuple[Problem, ...]:
    """Report the keys of a file that no version of Workbench knew."""
    found, empty = [], None
    for key, value in document.data.items():
        if key in known:
            empty = key if value is None else None
        else:
            found.append(Problem(document.file, document.line((key,)), printable(key), _unknown(key, known, empty)))
    return tuple(found)


def _unknown(key: str, known: Collection[str], empty_above: str | None) -> str:
    advice = "remove it"
    if meant := did_you_mean(key, known):
        advice = f"did you mean `{meant}`?"
    elif empty_above:
        advice = f"indent it if it belongs to `{empty_above}`, else remove it"
    return f"expected a key that this kind of file has, got an unknown one - {advice}"


def _problem(model: type[FileModel], detail: ErrorDetails, document: Document) -> Problem:
    location, message = detail["loc"], detail["msg"]
    path = _path(document.data, location)
    line = document.line(path)
    if location[-1] == "[key]":
        path = path[:-1]  # what stands in the place of a name may be a secret
    if detail["type"] == "missing":
        missing = str(location[-1])
        path = (*_path(document.data, location[:-1]), missing)
        message = f"expected a value, got nothing - add a line such as `{missing}: {model.example(missing)}`"
    return Problem(document.file, line, dotted(path), message)


def _path(data: Any, location: KeyPath) -> KeyPath:
    """Keep the parts of pydantic's location that stand in the file; others name alternatives of a field's type."""
    path: KeyPath = ()
    for part in location:
        in_list = isinstance(data, list) and isinstance(part, int)
        if in_list or (isinstance(data, dict) and part in data):
            path, data = (*path, part), data[part]
    return path
