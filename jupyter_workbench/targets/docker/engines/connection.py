"""The first words with an engine: whether it is one, and what it says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_workbench.targets.docker.engines.endpoints import CONFIG_FILE, Endpoint, EngineError
from jupyter_workbench.targets.docker.engines.unreachable import explain, no_engine

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.engines.transport import Client

ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}
"""The names of the API, which are Go's, to those of `uname -m`, which wheels are named by."""


@dataclass(frozen=True)
class Facts:
    """What an engine says about itself when it is connected to; see the properties of `Engine`."""

    id: str
    architecture: str
    is_podman: bool
    is_rootless: bool
    api_version: str


def open_connection(endpoint: Endpoint) -> tuple[Client, Facts]:
    """Connect to an engine, in a thread: this imports the SDK and waits for answers. Raises `EngineError`."""
    import docker.errors
    import requests

    from jupyter_workbench.targets.docker.engines.transport import Client

    try:
        client = Client(endpoint)
    except (docker.errors.DockerException, AttributeError, TypeError, ValueError) as error:
        raise _bad_configuration(endpoint, error) from error
    try:
        return client, _ask(client, endpoint)
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise explain(endpoint, error) or no_engine(endpoint, error) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise no_engine(endpoint, error) from error


def _ask(client: Client, endpoint: Endpoint) -> Facts:
    version: Mapping[str, Any] = client.greet()
    info: Mapping[str, Any] = client.info()
    is_podman = any(part.get("Name", "").startswith("Podman") for part in version.get("Components") or ())
    options = info.get("SecurityOptions") or ()
    return Facts(
        # Podman makes up another id at each question.
        id=f"podman {endpoint.url}" if is_podman else info["ID"],
        architecture=ARCHITECTURES.get(version["Arch"], version["Arch"]),
        is_podman=is_podman,
        is_rootless=any("rootless" in option for option in options) or bool(info.get("Rootless")),
        api_version=client.api.api_version,
    )


def _bad_configuration(endpoint: Endpoint, error: Exception) -> EngineError:
    """Tell of what the SDK refuses before it connects: credentials that cannot be read, half a pair of certificates."""
    import docker.errors

    if isinstance(error, docker.errors.TLSParameterError):
        words = f"{endpoint.named_by}: expected ca.pem, cert.pem and key.pem for {endpoint.url}, got others ({error})"
        return EngineError(f"{words} - put them there, or unset DOCKER_TLS_VERIFY")
    file = endpoint.configuration / CONFIG_FILE
    return EngineError(
        f"{file}: expected credentials of registries, got some that cannot be read - correct the file, or remove it"
    )
