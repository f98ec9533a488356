"""Which Docker engine is meant: found as the docker command finds it, from an environment that is given.

https://docs.docker.com/reference/cli/docker/#environment-variables tells the order: DOCKER_HOST, DOCKER_CONTEXT, the
current context of the docker configuration, the engine of this machine. The docker SDK reads the process's own
environment, takes the default engine when a context does not exist, and forgets a context's TLS material without a
client certificate; so it is not asked.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_workbench.errors import TargetError

CONFIG_FILE = "config.json"
DEFAULT_URL = "npipe:////./pipe/docker_engine" if sys.platform == "win32" else "unix:///var/run/docker.sock"
PLAIN_PORT, TLS_PORT = 2375, 2376
SHAPES = "unix:///path/of/the/socket or tcp://host:port"


class EngineError(TargetError):
    """An engine cannot be used. The whole message: what was expected, what came - what to do.

    ``is_stopped`` tells one that does not answer from one that refuses, or that nobody can ask.
    """

    def __init__(self, message: str, *, is_stopped: bool = False) -> None:
        super().__init__(message)
        self.is_stopped = is_stopped


@dataclass(frozen=True)
class Tls:
    """How a connection is encrypted: files that exist, and whether the engine's certificate is checked."""

    ca: Path | None
    certificate: Path | None
    key: Path | None
    verify: bool


@dataclass(frozen=True)
class Endpoint:
    """Where an engine answers.

    ``named_by`` is the variable, context or file that named it, for messages; None for the engine of this machine.
    ``configuration`` is the folder of the docker configuration, which holds credentials of registries.
    """

    url: str
    named_by: str | None
    tls: Tls | None
    configuration: Path

    @property
    def socket(self) -> Path | None:
        """The Unix socket, when it is one."""
        return Path(self.url.removeprefix("unix://")) if self.url.startswith("unix://") else None

    @property
    def is_on_this_machine(self) -> bool:
        """Whether it answers here: its own loopback may still be another one's, as in a virtual machine."""
        host = urlsplit(self.url).hostname or ""
        return not self.url.startswith("tcp://") or host == "localhost" or host == "::1" or host.startswith("127.")


def from_host(value: str, environment: Mapping[str, str]) -> Endpoint:
    """Return the engine that DOCKER_HOST names, with TLS as DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH say."""
    verify = bool(environment.get("DOCKER_TLS_VERIFY"))
    folder = configuration_folder(environment)
    tls = None
    if verify or environment.get("DOCKER_TLS"):
        tls = tls_in(Path(environment.get("DOCKER_CERT_PATH") or folder), verify=verify)
    return Endpoint(checked_url(value, "DOCKER_HOST", encrypted=tls is not None), "DOCKER_HOST", tls, folder)


def of_this_machine(environment: Mapping[str, str]) -> Endpoint:
    """Return the engine that is meant when nothing names one."""
    return Endpoint(DEFAULT_URL, None, None, configuration_folder(environment))


def configuration_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the docker configuration, which need not exist."""
    if named := environment.get("DOCKER_CONFIG"):
        return Path(named)
    home = environment.get("USERPROFILE" if sys.platform == "win32" else "HOME")
    return Path(home or os.path.expanduser("~")) / ".docker"  # noqa: PTH111 - pathlib's raises without a home


def tls_in(folder: Path, *, verify: bool) -> Tls:
    """Return what a folder with the usual names holds; a file that is missing is left out."""
    ca, certificate, key = (
        path if path.is_file() else None for path in (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    )
    return Tls(ca, certificate, key, verify)


def checked_url(value: str, named_by: str, *, encrypted: bool) -> str:
    """Return the address of an engine in one spelling; ``named_by`` is what the refusal of a wrong one begins with."""
    value = value.strip()
    if value.startswith("ssh://"):
        raise EngineError(
            f"{named_by}: expected {SHAPES}, got {_without_password(value)} - name an engine of this machine; "
            f"one that is reached through ssh is for a compute target of type remotedocker"
        )
    scheme, _, rest = value.partition("://") if "://" in value else ("tcp", "", value)
    if scheme == "npipe" and sys.platform == "win32":
        return value
    if scheme == "unix" and (not rest or rest.startswith("/")):
        return f"unix://{rest}" if rest else DEFAULT_URL
    if scheme in {"tcp", "http", "https"} and (address := _address(rest, encrypted or scheme == "https")):
        return f"tcp://{address}"
    raise EngineError(f"{named_by}: expected {SHAPES}, got {_without_password(value)} - correct it, or unset it")


def _address(rest: str, encrypted: bool) -> str | None:
    """Return ``host:port`` of what follows ``tcp://``, or None when it is none."""
    try:
        parts = urlsplit(f"//{rest}")
        port = parts.port or (TLS_PORT if encrypted else PLAIN_PORT)
    except ValueError:
        return None
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.username or re.search(r"\s", rest):
        return None
    return f"[{parts.hostname}]:{port}" if ":" in parts.hostname else f"{parts.hostname}:{port}"


def _without_password(value: str) -> str:
    return re.sub(r":[^\s/:@]+@", ":***@", value)
