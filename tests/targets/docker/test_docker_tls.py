"""Engines behind TLS: certificates of both sides, made for the test."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docker_on_paper import Engine, on_a_port

from jupyter_workbench.targets.docker.engines.engine import EngineError, connect

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make certificates with")

SUBJECT_ALTERNATIVE = "subjectAltName=IP:127.0.0.1"


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_ca(folder: Path) -> None:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca-key.pem")
    openssl(folder, "req", "-x509", *key, "-out", "ca.pem", "-subj", "/CN=test CA", "-days", "2")


def make_pair(folder: Path, name: str) -> None:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}key.pem")
    openssl(folder, "req", *key, "-out", "request.pem", "-subj", f"/CN={name}engine")
    (folder / "extensions").write_text(SUBJECT_ALTERNATIVE)
    signed = ("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-extfile", "extensions", "-days", "2")
    openssl(folder, "x509", "-req", "-in", "request.pem", *signed, "-out", f"{name}cert.pem")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder as DOCKER_CERT_PATH names it, with the pair of the engine beside it."""
    folder = tmp_path_factory.mktemp("certificates")
    make_ca(folder)
    make_pair(folder, "")
    make_pair(folder, "server-")
    return folder


@pytest.fixture
async def a_port(an_engine: Engine, certificates: Path) -> AsyncIterator[int]:
    """Let an engine answer those who have a certificate, on a port of this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server-cert.pem", certificates / "server-key.pem")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED

    server = await on_a_port(an_engine, context)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def refused(environment: dict[str, str]) -> str:
    with pytest.raises(EngineError) as caught:
        await connect(environment)
    return str(caught.value)


async def test_certificates_of_docker_cert_path_are_used_whatever_the_bundle_of_the_machine(
    tmp_path, a_port, certificates, monkeypatch
):
    (tmp_path / "company.pem").touch()
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "company.pem"))
    variables = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certificates)}
    engine = await connect({"HOME": str(tmp_path), "DOCKER_HOST": f"tcp://127.0.0.1:{a_port}", **variables})
    assert engine.id == "ONE"
    assert await engine.call(lambda client: client.ping())


async def test_an_engine_of_another_authority_is_refused(tmp_path, a_port, certificates):
    for name in ("cert.pem", "key.pem"):
        shutil.copy(certificates / name, tmp_path / name)
    make_ca(tmp_path)
    host = f"tcp://127.0.0.1:{a_port}"
    variables = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    message = await refused({"HOME": str(tmp_path), "DOCKER_HOST": host, **variables})
    assert message.replace("self signed", "self-signed") == (  # as older versions of OpenSSL spell it
        f"DOCKER_HOST: expected a Docker engine at {host}, got a certificate that is not trusted "
        f"(self-signed certificate in certificate chain) - put the right ca.pem into the folder of DOCKER_CERT_PATH"
    )


async def test_an_engine_that_does_not_encrypt(tmp_path, certificates, unused_tcp_port):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", unused_tcp_port):
        host = f"tcp://127.0.0.1:{unused_tcp_port}"
        variables = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certificates)}
        message = await refused({"HOME": str(tmp_path), "DOCKER_HOST": host, **variables})
    assert message == (
        f"DOCKER_HOST: expected a Docker engine at {host}, got no encrypted connection (WRONG_VERSION_NUMBER) - "
        f"unset DOCKER_TLS_VERIFY if it does not encrypt"
    )
