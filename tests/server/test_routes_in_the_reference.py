from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from jupyter_workbench.server.progress_events import SCHEMA
from jupyter_workbench.server.routes import SUBJECTS
from jupyter_workbench.server.run_events import SCHEMAS

PAGE = (Path(__file__).parents[2] / "docs/reference/rest.md").read_text("utf-8")
DOCUMENTED = {
    (method, re.sub(r"\?.*", "", path))
    for method, path in re.findall(r"^\| `(\w+) /workbench/api/([^`]+)`", PAGE, re.M)
}


def test_every_route_is_in_the_reference_and_no_other():
    routes = {
        (method.upper(), re.sub(r"\(.*?\)", "{}", path).replace("\\", ""))
        for subject in SUBJECTS
        for path, handler in subject.HANDLERS
        for method in ("get", "post", "put", "patch", "delete")
        if method in vars(handler)
    }
    assert {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in DOCUMENTED} == routes


EVENTS = [
    yaml.safe_load(path.read_text("utf-8"))
    for path in (
        SCHEMA,
        *(SCHEMAS / f"{name}.v1.yaml" for name in ("runs_changed", "history_problem", "targets_changed")),
    )
]
KEYS = [(event["$id"], key) for event in EVENTS for key in event["required"]]


@pytest.mark.parametrize(("schema_id", "key"), KEYS)
def test_every_key_of_an_event_is_in_the_reference(schema_id, key):
    assert f"`{key}`" in PAGE.partition(schema_id)[2]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["$id"])
def test_every_key_of_an_event_is_required(event):
    assert sorted(event["required"]) == sorted(event["properties"])
