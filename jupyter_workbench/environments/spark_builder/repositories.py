"""Maven repositories, asked by Python: its time limits, proxies and certificates hold, whatever Java's are.

A repository may be a folder (``file:``). https://maven.apache.org/repository/layout.html
"""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from .refusal import Refused

DEFAULTS = ("https://repo1.maven.org/maven2", "https://repos.spark-packages.org")
"""Asked after the user's own, as Spark does."""

ANSWER_SECONDS = 8
"""How long a repository may be silent."""

LOOK_SECONDS = 10
"""How long all of them may take to say whether they have a package; a name server can be slower than any limit."""

SILENT = f"no answer in {LOOK_SECONDS} s"

MISSING = (403, 404, 410)
"""What repositories answer when they have no such file; those on storage services say 403."""

ATTEMPTS = 2

PIECE = 256 * 1024

BROKE_OFF = "it broke off within a file"


class Unreachable(Exception):
    """A repository did not answer, or not as a repository: says why."""


class Answer(NamedTuple):
    """A file of a repository, on its way; ``size`` is None where nobody says it."""

    stream: Any
    size: int | None


class Repositories:
    """The repositories of a project, and the usual ones behind them, each known by its number."""

    def __init__(self, addresses: Sequence[str], variables: Mapping[str, str]) -> None:
        self.addresses = [*(address.rstrip("/") for address in addresses), *DEFAULTS]
        self.users = len(addresses)
        self.variables = variables
        certificates = ssl.create_default_context(cafile=variables.get("SSL_CERT_FILE") or None)
        proxies = {scheme: proxy for scheme in ("http", "https") if (proxy := self._proxy(scheme))}
        self.direct, self.proxied = (
            urllib.request.build_opener(
                urllib.request.ProxyHandler(used), urllib.request.HTTPSHandler(context=certificates)
            )
            for used in ({}, proxies)
        )

    def open(self, number: int, path: str, *, only_look: bool = False) -> Answer | None:
        """Return a file by its path in a repository; None when it is not there. Raises Unreachable."""
        address = self.addresses[number]
        if urlsplit(address).scheme == "file":
            return open_file(Path(unquote(urlsplit(address).path), path))
        return self._open(address, path, only_look, ATTEMPTS - 1)

    def _open(self, address: str, path: str, only_look: bool, attempts_left: int) -> Answer | None:
        try:
            found = self._opener(address).open(request_for(address, path, only_look), timeout=ANSWER_SECONDS)
        except urllib.error.HTTPError as error:
            if error.code in MISSING:
                return None
            if error.code < 500 or not attempts_left:
                raise Unreachable(f"{error.code} {error.reason}") from None
        except (OSError, http.client.HTTPException) as error:
            if not attempts_left or not is_of_a_moment(error):
                raise Unreachable(words_of(error)) from None
        else:
            size = found.headers["Content-Length"]
            return Answer(found, int(size) if size else None)
        return self._open(address, path, only_look, attempts_left - 1)

    def _opener(self, address: str) -> urllib.request.OpenerDirector:
        """Return the way to a host; what `urllib` would look at is not where ours is."""
        no, host = self._variable("NO_PROXY"), urlsplit(address).hostname or ""
        is_near = bool(no) and urllib.request.proxy_bypass_environment(host, {"no": no})  # type: ignore[attr-defined]
        return self.direct if is_near else self.proxied

    def _proxy(self, scheme: str) -> str | None:
        return self._variable(f"{scheme.upper()}_PROXY") or self._variable("ALL_PROXY")

    def _variable(self, name: str) -> str | None:
        return self.variables.get(name.lower()) or self.variables.get(name)

    def look_for(self, coordinates: Sequence[str]) -> None:
        """Show that all packages can be had, and that all repositories of the user's answer. Raises Refused.

        The usual ones are asked for what those do not have only: not every network leads to them.
        """
        missing = self._missing(coordinates, range(self.users))
        for coordinate in self._missing(missing, range(self.users, len(self.addresses))):
            if not coordinate.endswith("-SNAPSHOT"):  # those have other names in repositories
                raise Refused("package", coordinate=coordinate)

    def _missing(self, coordinates: Sequence[str], numbers: Sequence[int]) -> list[str]:
        """Return what none of some repositories has. Raises Refused when one of them does not answer."""
        found = self._ask(coordinates, numbers)
        missing = []
        for coordinate in coordinates:
            answers = [(number, found.get((coordinate, number), SILENT)) for number in numbers]
            has_it = any(answer is True for _, answer in answers)
            for number, answer in answers:
                if isinstance(answer, str) and (number < self.users or not has_it):
                    raise Refused("repository", coordinate=coordinate, repository=number, why=answer)
            if not has_it:
                missing.append(coordinate)
        return missing

    def _ask(self, coordinates: Sequence[str], numbers: Sequence[int]) -> dict[tuple[str, int], bool | str]:
        """Return which package is in which repository, or why that one did not answer; of silent ones nothing."""
        found: dict[tuple[str, int], bool | str] = {}

        def ask(coordinate: str, number: int) -> None:
            try:
                paths = paths_of(coordinate)
                found[coordinate, number] = any(self.open(number, path, only_look=True) for path in paths)
            except Unreachable as error:
                found[coordinate, number] = str(error)

        threads = [Thread(target=ask, args=(one, number), daemon=True) for one in coordinates for number in numbers]
        deadline = time.monotonic() + LOOK_SECONDS
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return dict(found)


def request_for(address: str, path: str, only_look: bool) -> urllib.request.Request:
    """Return the request for a file of a repository; user and password of the address go to its host alone."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    bare = urlunsplit(parts._replace(netloc=host, path=f"{parts.path}/{quote(path)}"))
    request = urllib.request.Request(bare, method="HEAD" if only_look else "GET")  # noqa: S310 - http and https only
    request.add_header("User-Agent", "jupyter_workbench")
    if parts.username:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    return request


def open_file(path: Path) -> Answer | None:
    """Open a file of a repository that is a folder. Raises Unreachable."""
    try:
        return Answer(path.open("rb"), path.stat().st_size)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise Unreachable(words_of(error)) from None


def pieces_of(found: Answer) -> Iterator[bytes]:
    """Read a file of a repository. Raises Unreachable when it breaks off, as far as that can be known."""
    done = 0
    while piece := read_piece(found.stream):
        done += len(piece)
        yield piece
    if found.size is not None and done < found.size:
        raise Unreachable(BROKE_OFF)


def read_piece(stream: Any) -> bytes:
    """Read some bytes; none at the end. Raises Unreachable."""
    try:
        return bytes(stream.read(PIECE))
    except http.client.HTTPException:
        raise Unreachable(BROKE_OFF) from None
    except OSError as error:
        raise Unreachable(words_of(error)) from None


def paths_of(coordinate: str) -> list[str]:
    """Return where a package is in a repository; an old one may have no description."""
    group, artifact, version = coordinate.split(":")[:3]
    return [f"{group.replace('.', '/')}/{artifact}/{version}/{artifact}-{version}.{kind}" for kind in ("pom", "jar")]


def is_of_a_moment(error: Exception) -> bool:
    """Tell a connection that broke from a host that is not there."""
    reason = getattr(error, "reason", error)
    return isinstance(reason, (ConnectionResetError, BrokenPipeError, http.client.HTTPException))


def words_of(error: Exception) -> str:
    """Say what went wrong with a connection."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, (socket.timeout, TimeoutError)):
        return f"no answer in {ANSWER_SECONDS} s"
    return getattr(reason, "strerror", None) or str(reason) or type(error).__name__
