"""What people may say of runs, as fields of bodies; the run history itself says what fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_workbench.history.records import fields
from jupyter_workbench.server.routes.arguments import MISSING, REQUIRED, Field

MOST_RUNS = 1000


def tags(default: Any = REQUIRED) -> Field:
    """Return a field that tells what tags become."""
    expected = (
        f"an object of tags: keys of 1 to {fields.MAX_NAME} characters, values that are texts of up to "
        f"{fields.MAX_TAG_VALUE} characters, or null to remove one"
    )
    return Field(expected, _are_tags, {"stage": "final", "draft": None}, default)


def note() -> Field:
    """Return a field that is a note, and may be missing."""
    return Field(
        f"a text of up to {fields.MAX_NOTE} characters",
        lambda value: isinstance(value, str) and len(value) <= fields.MAX_NOTE,
        "the best yet",
        MISSING,
    )


def experiment() -> Field:
    """Return a field that is the name of an experiment, None for that of the notebook, and may be missing."""
    return Field(
        f"a name of 1 to {fields.MAX_NAME} characters, or null for the notebook's own",
        lambda value: value is None or _fits(fields.name, value),
        "baseline",
        MISSING,
    )


def run_ids() -> Field:
    """Return a field that names runs."""
    return Field(f"a list of 1 to {MOST_RUNS} ids of runs", _are_ids, ["myIris_1504832281116"])


def _are_tags(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value != {}
        and all(_fits(fields.name, key) for key in value)
        and all(one is None or _fits(fields.tag_value, one) for one in value.values())
    )


def _are_ids(value: Any) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= MOST_RUNS and all(isinstance(one, str) for one in value)


def _fits(check: Callable[[object], object], value: object) -> bool:
    try:
        check(value)
    except fields.BadRecordError:
        return False
    return True
