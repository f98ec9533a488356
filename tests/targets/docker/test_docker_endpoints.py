"""Which engine is meant: what the docker command would use."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from jupyter_workbench.targets.docker.engines.contexts import find_endpoint
from jupyter_workbench.targets.docker.engines.endpoints import EngineError, Tls

SHAPES = "unix:///path/of/the/socket or tcp://host:port"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Return an environment with a home of its own."""
    return {"HOME": str(tmp_path)}


def write_context(folder: Path, name: str, *, tls: bool = False, **endpoint: object) -> None:
    identifier = hashlib.sha256(name.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / identifier / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": endpoint}}))
    if tls:
        material = folder / "contexts" / "tls" / identifier / "docker"
        material.mkdir(parents=True)
        (material / "ca.pem").touch()


def refused(environment: dict[str, str]) -> str:
    with pytest.raises(EngineError) as caught:
        find_endpoint(environment)
    return str(caught.value)


@pytest.mark.parametrize("host", ["htp:/x", "tcp://", "tcp://host:port", "tcp://host:99999", "unix://here", "/s"])
def test_a_docker_host_that_is_no_address_is_refused(home, host):
    message = f"DOCKER_HOST: expected {SHAPES}, got {host} - correct it, or unset it"
    assert refused(home | {"DOCKER_HOST": host}) == message


def test_an_engine_behind_ssh_is_refused_without_its_password(home):
    assert refused(home | {"DOCKER_HOST": "ssh://mara:secret@far"}) == (
        f"DOCKER_HOST: expected {SHAPES}, got ssh://mara:***@far - name an engine of this machine; "
        f"one that is reached through ssh is for a compute target of type remotedocker"
    )


def test_a_context_that_does_not_exist_is_refused_with_those_that_do(home, tmp_path):
    write_context(tmp_path / ".docker", "near", Host="unix:///near.sock")
    assert refused(home | {"DOCKER_CONTEXT": "far"}) == (
        "DOCKER_CONTEXT: expected one of the Docker contexts default, near, got far - correct it, or unset it"
    )


def test_a_current_context_that_does_not_exist_is_refused_with_its_file(home, tmp_path):
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text('{"currentContext": "far"}')
    assert refused(home) == (
        f"{tmp_path}/.docker/config.json: currentContext: expected one of the Docker contexts default, got far - "
        f"run `docker context use default`, or the name of another one"
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "text that is none (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
        ("[]", "something else"),
    ],
)
def test_a_docker_configuration_that_is_broken_is_refused(home, tmp_path, text, what):
    file = tmp_path / ".docker" / "config.json"
    file.parent.mkdir()
    file.write_text(text)
    assert refused(home) == f"{file}: expected a JSON object, got {what} - correct the file, or remove it"


def test_a_context_behind_ssh_is_refused_by_its_name(home, tmp_path):
    write_context(tmp_path / ".docker", "far", Host="ssh://far")
    assert refused(home | {"DOCKER_CONTEXT": "far"}).startswith(f"Docker context far: expected {SHAPES}, got ssh://far")


def test_the_engine_of_this_machine_is_meant_when_nothing_names_one(home):
    endpoint = find_endpoint(home)
    assert (endpoint.url, endpoint.named_by, endpoint.tls) == ("unix:///var/run/docker.sock", None, None)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("unix://", "unix:///var/run/docker.sock"),
        (" unix:///run/user/1000/docker.sock ", "unix:///run/user/1000/docker.sock"),
        ("tcp://engine", "tcp://engine:2375"),
        ("tcp://10.0.0.1:4243/", "tcp://10.0.0.1:4243"),
        ("tcp://[::1]:2375", "tcp://[::1]:2375"),
        ("http://engine:80", "tcp://engine:80"),
        ("engine:2375", "tcp://engine:2375"),
    ],
)
def test_a_docker_host_may_be_written_as_the_docker_command_takes_it(home, host, url):
    assert find_endpoint(home | {"DOCKER_HOST": host}).url == url


def test_docker_host_goes_before_docker_context(home):
    endpoint = find_endpoint(home | {"DOCKER_HOST": "unix:///a.sock", "DOCKER_CONTEXT": "nowhere"})
    assert (endpoint.url, endpoint.named_by) == ("unix:///a.sock", "DOCKER_HOST")


def test_docker_context_goes_before_the_current_one(home, tmp_path):
    write_context(tmp_path / ".docker", "near", Host="unix:///near.sock")
    (tmp_path / ".docker" / "config.json").write_text('{"currentContext": "nowhere"}')
    endpoint = find_endpoint(home | {"DOCKER_CONTEXT": "near"})
    assert (endpoint.url, endpoint.named_by) == ("unix:///near.sock", "Docker context near")


def test_the_current_context_is_that_of_docker_config(home, tmp_path):
    write_context(tmp_path / "elsewhere", "near", Host="unix:///near.sock")
    (tmp_path / "elsewhere" / "config.json").write_text('{"currentContext": "near"}')
    endpoint = find_endpoint(home | {"DOCKER_CONFIG": str(tmp_path / "elsewhere")})
    assert (endpoint.url, endpoint.configuration) == ("unix:///near.sock", tmp_path / "elsewhere")


def test_the_context_default_is_the_engine_of_this_machine(home):
    assert find_endpoint(home | {"DOCKER_CONTEXT": "default"}).named_by is None


def test_a_context_without_tls_material_is_not_encrypted(home, tmp_path):
    write_context(tmp_path / ".docker", "far", Host="tcp://far:2375", SkipTLSVerify=False)
    assert find_endpoint(home | {"DOCKER_CONTEXT": "far"}).tls is None


def test_a_context_with_a_ca_only_is_encrypted(home, tmp_path):
    write_context(tmp_path / ".docker", "far", tls=True, Host="tcp://far:2376", SkipTLSVerify=False)
    tls = find_endpoint(home | {"DOCKER_CONTEXT": "far"}).tls
    assert tls is not None
    assert (tls.ca is not None, tls.certificate, tls.verify) == (True, None, True)


def test_tls_variables_encrypt_the_connection_to_docker_host(home, tmp_path):
    (tmp_path / "ca.pem").touch()
    variables = {"DOCKER_HOST": "tcp://far", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    endpoint = find_endpoint(home | variables)
    assert endpoint.url == "tcp://far:2376"
    assert endpoint.tls == Tls(ca=tmp_path / "ca.pem", certificate=None, key=None, verify=True)


def test_an_empty_docker_tls_verify_encrypts_nothing(home):
    assert find_endpoint(home | {"DOCKER_HOST": "tcp://far", "DOCKER_TLS_VERIFY": ""}).tls is None
