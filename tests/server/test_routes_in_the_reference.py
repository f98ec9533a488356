from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from jupyter_workbench.server.progress_events import SCHEMA, SCHEMA_ID
from jupyter_workbench.server.routes import SUBJECTS

PAGE = (Path(__file__).parents[2] / "docs/reference/rest.md").read_text("utf-8")
DOCUMENTED = {
    (method, re.sub(r"\?.*", "", path))
    for method, path in re.findall(r"^\| `(\w+) /workbench/api/([^`]+)`", PAGE, re.M)
}


def test_every_route_is_in_the_reference_and_no_other():
    routes = {
        (method.upper(), path)
        for subject in SUBJECTS
        for path, handler in subject.HANDLERS
        for method in ("get", "post", "delete")
        if method in vars(handler)
    }
    assert {(method, re.sub(r"\{\w+\}", "([^/]+)", path)) for method, path in DOCUMENTED} == routes


@pytest.mark.parametrize("key", yaml.safe_load(SCHEMA.read_text())["required"])
def test_every_key_of_the_event_is_in_the_reference(key):
    assert f"`{key}`" in PAGE.partition(SCHEMA_ID)[2]


def test_every_key_of_the_event_is_required():
    schema = yaml.safe_load(SCHEMA.read_text())
    assert sorted(schema["required"]) == sorted(schema["properties"])
