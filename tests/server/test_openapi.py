"""The description that the server gives of itself, held against its handlers."""

from __future__ import annotations

import re

import pytest
import yaml
from described import mistakes
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from jupyter_workbench.server.routes import SUBJECTS
from jupyter_workbench.server.routes.description import FILE

DESCRIPTION = yaml.safe_load(FILE.read_text("utf-8"))
METHODS = ("get", "head", "post", "put", "patch", "delete")
DESCRIBED = {
    (method, re.sub(r"\{\w+\}", "{}", path).lstrip("/")): operation
    for path, item in DESCRIPTION["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}
HANDLED = {
    (method, re.sub(r"\(.*?\)", "{}", path).replace("\\", ""))
    for subject in SUBJECTS
    for path, handler in subject.HANDLERS
    for method in METHODS
    if method in vars(handler)
}


def test_the_description_is_one():
    validate(DESCRIPTION, cls=OpenAPIV31SpecValidator)


def test_every_route_is_described_and_no_other():
    assert set(DESCRIBED) == HANDLED


def test_every_operation_has_a_name_of_its_own():
    names = [operation["operationId"] for operation in DESCRIBED.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("method", "path"), sorted(DESCRIBED))
def test_every_operation_says_who_is_refused(method, path):
    assert {"403", "default"} <= set(DESCRIBED[method, path]["responses"])


def test_every_schema_and_response_and_parameter_is_used():
    text = FILE.read_text("utf-8")
    defined = {
        (kind, name) for kind in ("schemas", "responses", "parameters") for name in DESCRIPTION["components"][kind]
    }
    used = set(re.findall(r'"#/components/(\w+)/(\w+)"', text))
    assert used == defined


async def test_the_server_gives_the_description_as_it_is(an_api):
    told = await an_api.fetch("workbench/api/openapi.yaml")
    assert (told.code, told.headers["Content-Type"]) == (200, "application/yaml")
    assert told.body == FILE.read_bytes()


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"runs": 1, "bytes": 0}, []),
        ({"runs": 1}, ["$: 'bytes' is a required property"]),
        (
            {"runs": 1, "bytes": 0, "files": 2},
            ["$: Additional properties are not allowed ('files' was unexpected)"],
        ),
        ({"runs": "1", "bytes": 0}, ["$.runs: '1' is not of type 'integer'"]),
    ],
)
def test_an_answer_with_more_or_less_than_is_described_is_seen(answer, found):
    assert mistakes(DESCRIPTION, {"$ref": "#/components/schemas/Freed"}, answer) == found
