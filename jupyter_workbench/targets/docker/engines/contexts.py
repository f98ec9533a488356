"""Docker contexts: named engines that the docker command keeps below the folder of its configuration.

The format is that of https://github.com/docker/cli/tree/master/cli/context/store: `contexts/meta/<sha256 of the
name>/meta.json`, and the files of its TLS material in `contexts/tls/<the same>/docker/`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_workbench.targets.docker.engines.endpoints import (
    CONFIG_FILE,
    Endpoint,
    EngineError,
    checked_url,
    configuration_folder,
    from_host,
    of_this_machine,
    tls_in,
)

DEFAULT = "default"


def find_endpoint(environment: Mapping[str, str]) -> Endpoint:
    """Find the engine that the docker command would use in this environment; raises `EngineError`."""
    if host := environment.get("DOCKER_HOST"):
        return from_host(host, environment)
    folder = configuration_folder(environment)
    if name := environment.get("DOCKER_CONTEXT"):
        named_by, advice = "DOCKER_CONTEXT", "correct it, or unset it"
    else:
        file = folder / CONFIG_FILE
        name = _read(file).get("currentContext") or DEFAULT
        named_by, advice = f"{file}: currentContext", "run `docker context use default`, or the name of another one"
    if name == DEFAULT:
        return of_this_machine(environment)
    context = _load(folder, name)
    if context is None:
        names = ", ".join((DEFAULT, *_names(folder)))
        raise EngineError(f"{named_by}: expected one of the Docker contexts {names}, got {name} - {advice}")
    return _endpoint(folder, name, context)


def _endpoint(folder: Path, name: str, context: dict[str, Any]) -> Endpoint:
    docker = context.get("Endpoints", {}).get("docker", {})
    material = folder / "contexts" / "tls" / _id(name) / "docker"
    verify = not docker.get("SkipTLSVerify", False)
    tls = tls_in(material, verify=verify) if material.is_dir() or not verify else None
    named_by = f"Docker context {name}"
    url = checked_url(str(docker.get("Host", "")), named_by, encrypted=tls is not None)
    return Endpoint(url, named_by, tls if url.startswith("tcp://") else None, folder)


def _load(folder: Path, name: str) -> dict[str, Any] | None:
    file = folder / "contexts" / "meta" / _id(name) / "meta.json"
    return _read(file) if file.is_file() else None


def _names(folder: Path) -> list[str]:
    files = (folder / "contexts" / "meta").glob("*/meta.json")
    return sorted(str(_read(file).get("Name", file.parent.name)) for file in files)


def _id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _read(file: Path) -> dict[str, Any]:
    """Read a JSON object; a file that does not exist is an empty one."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else f"text that is none ({error})"
        raise EngineError(f"{file}: expected a JSON object, got {what} - correct the file, or remove it") from None
    if not isinstance(content, dict):
        raise EngineError(f"{file}: expected a JSON object, got something else - correct the file, or remove it")
    return content
