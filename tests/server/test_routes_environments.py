"""What is answered without an engine; `tests/live/docker/test_docker_rest.py` has the rest."""

from __future__ import annotations

import pytest

FINGERPRINT = "0123456789abcdef0123"
ROUTES = [("GET", "environments"), ("DELETE", f"environments/{FINGERPRINT}"), ("POST", "environments/prune")]


@pytest.fixture
def no_engine(monkeypatch, tmp_path) -> str:
    """Where the docker command would look for an engine, and there is none."""
    for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    return f"unix://{tmp_path}/none.sock"


@pytest.mark.parametrize("fingerprint", ["myIris", "0123456789ABCDEF0123", f"{FINGERPRINT}4", "%2e%2e"])
async def test_something_that_is_no_fingerprint_is_refused(an_api, fingerprint):
    told = await an_api.delete(f"environments/{fingerprint}")
    assert (told.status, told.body) == (
        400,
        {
            "message": f"expected the fingerprint of an environment, 20 hexadecimal digits, "
            f"got {fingerprint.replace('%2e', '.')} - GET /workbench/api/environments lists them",
            "reason": "BadRequest",
        },
    )


async def test_an_age_that_is_none_is_refused(an_api):
    told = await an_api.post("environments/prune", {"older_than_days": "30d"})
    assert (told.status, told.body) == (
        400,
        {
            "message": 'older_than_days: expected a number of days from 0 to 36500, or null, got "30d" - '
            'send {"older_than_days": 30}',
            "reason": "BadRequest",
        },
    )


async def test_a_project_that_the_server_does_not_show_is_not_asked_for(an_api):
    told = await an_api.get("environments", project_dir="/etc")
    assert (told.status, told.body) == (
        404,
        {
            "message": "project_dir: expected the folder of a project that this server shows, got /etc - "
            "GET /workbench/api/projects lists them",
            "reason": "ProjectNotFound",
        },
    )


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_an_engine_that_does_not_answer_is_said(an_api, no_engine, method, path):
    told = await an_api.ask(method, f"workbench/api/{path}")
    assert (told.status, told.body) == (
        409,
        {
            "message": f"DOCKER_HOST: expected a Docker engine at {no_engine}, "
            f"got no answer (No such file or directory) - start it, or correct DOCKER_HOST",
            "reason": "EngineError",
        },
    )
