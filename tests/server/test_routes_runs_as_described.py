"""Every response that `openapi.yaml` has of the routes about runs, each held against a real answer."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from described import description, mistakes, operations, responses
from runs_here import ANY_NAME, BAD, BINNED, GOOD, MODEL, MODEL_PATH, RUNNING, sha256

DESCRIBED = description()
OPERATIONS = {name: one for name, one in operations(DESCRIBED).items() if "runs" in one["tags"]}
STRANGER = {"Authorization": "token wrong"}
OUTPUT = {"run_id": GOOD, "path": MODEL_PATH}
ETAG = f'"{sha256(MODEL)}"'

# operation: what a request of it needs so that it succeeds
GOOD_REQUESTS: dict[str, dict[str, Any]] = {
    "listRuns": {},
    "listLoggedNames": {},
    "listChoices": {},
    "listRunsOfCells": {"query": "notebook=iris.ipynb"},
    "compareRuns": {"query": f"run={GOOD}&run={BAD}"},
    "tagRuns": {"body": {"runs": [GOOD, BAD], "tags": {"stage": "final", "draft": None}}},
    "getRun": {"path": {"run_id": GOOD}},
    "changeRun": {"path": {"run_id": BAD}, "body": {"note": "the best yet"}},
    "deleteRun": {"path": {"run_id": GOOD}, "query": "for_good=true"},
    "undeleteRun": {"path": {"run_id": BINNED}},
    "promoteOutput": {"path": {"run_id": GOOD}, "body": {"path": MODEL_PATH, "name": "model"}},
    "getSeries": {"path": {"run_id": GOOD}, "query": f"name={quote(ANY_NAME, safe='')}"},
    "getText": {"path": {"run_id": GOOD, "which": "source"}},
    "getOutput": {"path": OUTPUT},
    "headOutput": {"path": OUTPUT},
}
# operation, status: what else that response needs
OTHERS: dict[tuple[str, str], dict[str, Any]] = {
    ("deleteRun", "409"): {"path": {"run_id": RUNNING}},
    ("tagRuns", "404"): {"body": {"runs": ["x_1"], "tags": {"a": "b"}}},
    ("compareRuns", "404"): {"query": f"run={GOOD}&run=x_1"},
    **{
        (name, status): {"headers": headers}
        for name in ("getOutput", "headOutput")
        for status, headers in {
            "206": {"Range": "bytes=0-9"},
            "304": {"If-None-Match": ETAG},
            "412": {"If-Match": '"x"'},
            "416": {"Range": "bytes=5000-"},
        }.items()
    },
}
CASES = [(name, status) for name, one in sorted(OPERATIONS.items()) for status in one["responses"]]


def request(name: str, status: str, project_dir: str) -> dict[str, Any]:
    asked = {"path": {}, "query": "", "headers": {}, **GOOD_REQUESTS[name], **OTHERS.get((name, status), {})}
    if status == "400":
        asked["query"] += "&colour=red"
    if status == "403":
        asked["headers"] = STRANGER
    if status == "404" and "run_id" in asked["path"]:
        asked["path"] = {**asked["path"], "run_id": "x_1"}
    elif status == "404" and (name, status) not in OTHERS:
        project_dir = "/etc"
    path = OPERATIONS[name]["path"].lstrip("/")
    for key, value in asked["path"].items():
        path = path.replace(f"{{{key}}}", quote(value, safe=""))
    asked["url"] = f"workbench/api/{path}?project_dir={quote(project_dir)}&{asked['query']}"
    return asked


async def answer(an_api: Any, my_iris: Any, name: str, status: str) -> Any:
    asked = request(name, status, str(my_iris))
    headers = {"Authorization": "token a-token", **asked["headers"]}
    body = json.dumps(asked["body"]) if "body" in asked else None
    return await an_api.fetch(asked["url"], OPERATIONS[name]["method"], headers, body)


@pytest.mark.parametrize(("name", "status"), CASES)
async def test_an_answer_is_as_described(an_api, my_iris, its_runs, name, status):
    if status == "default":
        its_runs.database.write_bytes(b"no database" * 1000)
    if (name, status) == ("promoteOutput", "409"):
        await answer(an_api, my_iris, name, "200")
    response = await answer(an_api, my_iris, name, status)
    assert str(response.code) == ("500" if status == "default" else status)
    described = responses(DESCRIBED, OPERATIONS[name])[status]
    for header, told in described.get("headers", {}).items():
        assert not mistakes(DESCRIBED, told["schema"], response.headers[header])
    content = described.get("content")
    if content is None:
        assert response.body == b""
        return
    media = content[response.headers["Content-Type"]]
    if response.headers["Content-Type"] == "application/json":
        assert not mistakes(DESCRIBED, media["schema"], json.loads(response.body, parse_constant=pytest.fail))
