"""Images of an engine: there already, or pulled."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.engines.endpoints import CONFIG_FILE
from jupyter_workbench.targets.docker.images.pulls import PullProgress, cannot_pull, lines_of
from jupyter_workbench.targets.progress import Progress, Report

if TYPE_CHECKING:
    import docker

    from jupyter_workbench.targets.docker.engines.engine import Engine


async def image_id(engine: Engine, name: str) -> str | None:
    """Return the id of an image (``sha256:...``), or None when the engine has none of that name.

    Raises `EngineError`, and `TargetError` for a name that cannot be one.
    """
    found = await inspected(engine, name)
    return None if found is None else str(found["Id"])


async def inspected(engine: Engine, name: str) -> Mapping[str, Any] | None:
    """Return what the engine tells of an image, whose ``Id`` begins with ``sha256:``. Raises as `image_id` does."""
    return await engine.call(lambda client: _inspect(client, name))


async def ensure_image(engine: Engine, name: str, report: Report) -> str:
    """Return the id of an image, which is pulled when the engine does not have it.

    Cancelling ends the pull at once; the engine keeps the layers that it has for the next one. Credentials are those
    of the docker configuration. Raises `TargetError` for an image that cannot be had, with the engine's reason.
    """
    if found := await image_id(engine, name):
        return found
    await _pull(engine, name, report)
    if found := await image_id(engine, name):
        return found
    raise cannot_pull(name, "it was removed again")


async def find_at_registry(engine: Engine, name: str) -> None:
    """Ask an image's registry for it without pulling it. Raises `TargetError` when a pull would."""
    import docker.errors

    if engine.is_podman:
        return  # it cannot be asked, and pulls from several registries
    try:
        await engine.call(lambda client: _with_credentials(client, engine).inspect_distribution(name))
    except docker.errors.APIError as error:
        raise cannot_pull(name, error.explanation or str(error)) from error
    except docker.errors.DockerException as error:
        raise _no_credentials(engine, name, error) from error


async def _pull(engine: Engine, name: str, report: Report) -> None:
    import docker.errors

    progress = PullProgress(name)
    last = Progress("image", f"Pulling {name}")
    report(last)
    try:
        async with contextlib.aclosing(engine.stream(lambda client: _messages(client, engine, name))) as messages:
            async for message in messages:
                if "error" in message:
                    raise cannot_pull(name, message["error"])
                now, said = progress.update(message), lines_of(message)
                if said or now != last:
                    report(replace(now, said=said))
                    last = now
    except docker.errors.APIError as error:
        raise cannot_pull(name, error.explanation or str(error)) from error
    except docker.errors.DockerException as error:
        raise _no_credentials(engine, name, error) from error


def _messages(client: docker.DockerClient, engine: Engine, name: str) -> Iterator[dict[str, Any]]:
    messages: Iterator[dict[str, Any]] = _with_credentials(client, engine).pull(name, stream=True, decode=True)
    return messages


def _with_credentials(client: docker.DockerClient, engine: Engine) -> docker.APIClient:
    """Let a client know the credentials of registries as they are now: the user may have logged in meanwhile."""
    file = engine.place.configuration / CONFIG_FILE
    if file.is_file():
        client.api.reload_config(str(file))
    return client.api


def _inspect(client: docker.DockerClient, name: str) -> Mapping[str, Any] | None:
    import docker.errors

    try:
        found = client.api.inspect_image(name)
    except docker.errors.NotFound:
        return None
    except docker.errors.APIError as error:
        if "invalid reference format" in str(error.explanation):
            raise TargetError(f"expected the name of a Docker image, got {name} - write NAME:TAG") from error
        raise
    return {**found, "Id": f"sha256:{str(found['Id']).removeprefix('sha256:')}"}


def _no_credentials(engine: Engine, name: str, error: Exception) -> TargetError:
    """Translate an error of the SDK's search for credentials, which is quoted without what it may hold of a secret."""
    file = engine.place.configuration / CONFIG_FILE
    helper = re.search(r"docker-credential-[\w.-]+", str(error))
    got = f"an error of the credential helper {helper[0]}" if helper else "some that cannot be read"
    return TargetError(
        f"{file}: expected credentials for the registry of the Docker image {name}, got {got} - "
        f"correct the file, or try it with `docker pull {name}`"
    )
