"""Why an engine could not be used, in the user's words."""

from __future__ import annotations

import asyncio
import getpass
import http.client
import os
import socket
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

from jupyter_workbench.targets.docker.engines.endpoints import Endpoint, EngineError

ANOTHER = "another server"
NO_ADDRESS = "no address for that host"
NOT_TRUSTED = "a certificate that is not trusted"
NOT_ENCRYPTED = "no encrypted connection"
ENCRYPTED = "one that wants an encrypted connection"
REFUSALS = (ANOTHER, NO_ADDRESS, NOT_TRUSTED, NOT_ENCRYPTED, ENCRYPTED)
"""How begins what is no sign of an engine that is stopped."""


def explain(endpoint: Endpoint, error: BaseException) -> EngineError | None:
    """Say why an engine did not answer a call; None for an error that has nothing to do with reaching it."""
    import docker.errors
    import requests
    import urllib3

    if not isinstance(error, docker.errors.DockerException | requests.RequestException | urllib3.exceptions.HTTPError):
        return None  # of those who wanted something else, even if this was the reason
    causes = list(_causes(error))
    unreachable = requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError
    if not any(isinstance(cause, unreachable | urllib3.exceptions.HTTPError) for cause in causes):
        return None
    return _refused(endpoint, causes)


def not_connected(endpoint: Endpoint, error: OSError) -> EngineError:
    """Say why there is no connection to an endpoint."""
    return _refused(endpoint, list(_causes(error)))


def no_engine(endpoint: Endpoint, error: Exception) -> EngineError:
    """Say of an endpoint that it answered the first questions, but not as an engine does."""
    words = str(getattr(error, "explanation", None) or error)
    if "HTTPS server" in words:
        return _refusal(endpoint, ENCRYPTED, "set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH")
    status = getattr(error, "status_code", None)
    return _refusal(
        endpoint, f"{ANOTHER} (HTTP status {status})" if status else f"{ANOTHER} (its answer is not Docker's)"
    )


def _refused(endpoint: Endpoint, causes: Sequence[BaseException]) -> EngineError:
    if any(isinstance(cause, PermissionError) for cause in causes):
        return _no_permission(endpoint)
    got = next((got for cause in reversed(causes) if (got := _got(cause))), f"no answer ({_first_line(causes[0])})")
    return _refusal(endpoint, got)


def _got(cause: BaseException) -> str | None:
    """Say what came instead of an answer, as far as this one of the nested errors tells it."""
    if isinstance(cause, socket.gaierror):
        return NO_ADDRESS
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"{NOT_TRUSTED} ({cause.verify_message})"
    if isinstance(cause, ssl.SSLError):
        return f"{NOT_ENCRYPTED} ({cause.reason or cause})"
    if isinstance(cause, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return "a connection that broke off"
    if isinstance(cause, http.client.BadStatusLine):
        return f"{ANOTHER} (it does not speak HTTP)"
    if isinstance(cause, TimeoutError | asyncio.TimeoutError):
        return "no answer in time"
    if isinstance(cause, OSError) and cause.errno:
        return f"no answer ({os.strerror(cause.errno)})"
    return None


def _refusal(endpoint: Endpoint, got: str, advice: str | None = None) -> EngineError:
    advice = advice or _advice(endpoint, got)
    words = f"{_subject(endpoint)}expected a Docker engine at {endpoint.url}, got {got} - {advice}"
    return EngineError(words, is_stopped=not got.startswith(REFUSALS))


def _advice(endpoint: Endpoint, got: str) -> str:
    if endpoint.named_by is None:
        return "start it with `sudo systemctl start docker`, or name another one in DOCKER_HOST"
    is_variable = endpoint.named_by == "DOCKER_HOST"
    if got.startswith(NOT_TRUSTED):
        place = "the folder of DOCKER_CERT_PATH" if is_variable else "the context with `docker context update`"
        return f"put the right ca.pem into {place}"
    if got.startswith(NOT_ENCRYPTED) and is_variable:
        return "unset DOCKER_TLS_VERIFY if it does not encrypt"
    advice = "correct DOCKER_HOST" if is_variable else "choose another context with `docker context use`"
    return advice if got.startswith((ANOTHER, NO_ADDRESS)) else f"start it, or {advice}"


def _no_permission(endpoint: Endpoint) -> EngineError:
    user = getpass.getuser()
    group = _group_of(endpoint.socket) if endpoint.socket else None
    if group in (None, "root"):
        advice = "name an engine of your own in DOCKER_HOST"
    elif group in _groups_to_be(user):
        advice = f"log out and in again: you are in the group {group} since then"
    else:
        advice = f"run `sudo usermod -aG {group} {user}`, then log out and in again"
    return EngineError(
        f"{_subject(endpoint)}expected permission to use the Docker engine at {endpoint.url}, "
        f"got none for the user {user} - {advice}"
    )


def _subject(endpoint: Endpoint) -> str:
    return f"{endpoint.named_by}: " if endpoint.named_by else ""


def _group_of(path: Path) -> str | None:
    try:
        return path.group()
    except (OSError, KeyError, NotImplementedError):
        return "docker"  # the folder cannot be searched, or the group has no name: Docker's packages call it so


def _groups_to_be(user: str) -> set[str]:
    """Return the groups that a new session of the user would have."""
    import grp
    import pwd

    try:
        identifiers = os.getgrouplist(user, pwd.getpwnam(user).pw_gid)
        return {grp.getgrgid(identifier).gr_name for identifier in identifiers}
    except KeyError:
        return set()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that are wrapped in it, the outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            context = None if each.__suppress_context__ else each.__context__
            waiting += [each.__cause__, context, getattr(each, "reason", None), *each.args]


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
