"""What an engine says while it pulls an image: how far it is, and why it cannot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.progress import Progress

_DOWNLOADED = frozenset({"Download complete", "Pull complete", "Extracting"})
DOCKER_HUB = "Docker Hub"

_NO_NETWORK = re.compile(
    r"dial (tcp|unix)|no such host|connection refused|i/o timeout|Client\.Timeout|TLS handshake timeout"
    r"|network is unreachable|connection reset|context deadline exceeded|proxyconnect|: EOF"
)
_NO_ACCESS = re.compile(r"unauthorized|denied|no basic auth|authentication required|forbidden", re.IGNORECASE)
_NO_SUCH_IMAGE = re.compile(r"manifest unknown|not found|name unknown|repository .*unknown", re.IGNORECASE)
_NOT_FOR_THIS_MACHINE = re.compile(r"no matching manifest|no image found in .* for (architecture|platform)")


class PullProgress:
    """Sums up the layers of a pull. ``update`` takes one message of the engine's stream.

    ``done`` counts downloaded bytes and never goes backwards; ``total`` is there once each layer has told its size.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._done: dict[str, int] = {}
        self._sizes: dict[str, int | None] = {}

    def update(self, message: Mapping[str, Any]) -> Progress:
        """Return how far the pull is after this message."""
        layer, status = message.get("id"), message.get("status", "")
        detail = message.get("progressDetail") or {}
        if layer and status == "Already exists":
            self._sizes.pop(layer, None)
        elif layer and status == "Downloading" and "current" in detail:
            self._done[layer] = max(self._done.get(layer, 0), detail["current"])
            self._sizes[layer] = detail.get("total") or self._sizes.get(layer)
        elif layer and status in _DOWNLOADED:
            # A small layer is there before it told its size.
            size = self._sizes[layer] = self._sizes.get(layer) or self._done.get(layer, 0)
            self._done[layer] = size
        elif layer and status in {"Pulling fs layer", "Waiting"}:
            self._sizes.setdefault(layer, None)
        return self._progress()

    def _progress(self) -> Progress:
        done = sum(self._done.values())
        sizes = self._sizes.values()
        total = sum(size or 0 for size in sizes) if sizes and None not in sizes else None
        if total is not None and done >= total:
            return Progress("image", f"Unpacking {self._name}", total, total, "bytes")
        return Progress("image", f"Pulling {self._name}", done, total, "bytes")


def lines_of(message: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what `docker pull` prints of a message into a file: nothing where it only counts bytes."""
    layer, status = message.get("id"), message.get("status")
    if not status or message.get("progressDetail"):
        return ()
    return (f"{layer}: {status}" if layer else str(status),)


def registry_of(name: str) -> str:
    """Return the registry that an image is pulled from: ``ghcr.io``, ``localhost:5000`` or Docker Hub."""
    first, slash, _ = name.partition("/")
    return first if slash and (re.search(r"[.:]", first) or first == "localhost") else DOCKER_HUB


def cannot_pull(name: str, words: str) -> TargetError:
    """Make the error of an image that is not on the engine and did not come; ``words`` are the engine's."""
    registry, words = registry_of(name), words.strip()
    got, advice = f"an error ({words})", f"try it with `docker pull {name}`"
    if "no space left on device" in words:
        got, advice = f"a full disk ({words})", "free some of the engine's disk, with `docker image prune` for instance"
    elif "HTTP response to HTTPS client" in words:
        got = f"a registry without encryption ({words})"
        advice = "list it under insecure-registries in /etc/docker/daemon.json on the engine's machine"
    elif "x509" in words or "certificate" in words:
        got = f"a certificate that the engine does not trust ({words})"
        advice = f"add it to /etc/docker/certs.d/{registry}/ca.crt on the engine's machine"
    elif _NOT_FOR_THIS_MACHINE.search(words):
        got = f"none for the engine's machine ({words})"
        advice = "choose an image that has one"
    elif _NO_NETWORK.search(words):
        got = f"no answer from there ({words})"
        advice = "check the engine's network and proxy, or bring the image along with `docker save` and `docker load`"
    elif _NO_ACCESS.search(words):
        login = "docker login" if registry == DOCKER_HUB else f"docker login {registry}"
        got, advice = f"no access to it ({words})", f"check the name, and run `{login}` if the image is private"
    elif _NO_SUCH_IMAGE.search(words):
        got, advice = f"no such image ({words})", f"correct the name, or build it with `docker build -t {name} FOLDER`"
    return TargetError(f"expected the Docker image {name} on the engine or from {registry}, got {got} - {advice}")
