"""The address of a tracking server, and what may be told of it: never the credentials."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from jupyter_workbench.errors import MirrorError

_SECRETS = (
    "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "DATABRICKS_TOKEN", "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN", "AZURE_CLIENT_SECRET", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_CONNECTION_STRING",
)  # fmt: skip
_UNREADABLE = (
    "--tracking-uri: expected http://HOST:PORT or another URI that MLflow knows, got one that cannot be read - signs "
    "such as / # @ in a name or password are written %2F %23 %40"
)
_USER_PART = re.compile(r"(?<=://)[^/@\s'\"]*@")
_QUERY = re.compile(r"(https?://[^\s?'\"]*)\?[^\s'\")]*")


@dataclass(frozen=True)
class Address:
    """``uri`` is what mlflow connects to, ``name`` is what is told and remembered."""

    uri: str
    name: str

    @classmethod
    def of(cls, uri: str) -> Address:
        """Take a tracking URI as MLflow takes it. Raises ``MirrorError`` for one that names no server."""
        parts = _parts(uri.strip())
        if parts.scheme in ("http", "https") and not parts.hostname:
            raise MirrorError("--tracking-uri: expected http://HOST:PORT or another URI that MLflow knows, got no host")
        if parts.scheme in ("", "file") and not uri.startswith("databricks"):
            # Kernels, servers and this command have different current folders; MLflow gave up the store too.
            raise MirrorError(
                "--tracking-uri: expected the URI of a tracking server such as http://localhost:5000, got a folder - "
                "start one with `mlflow server`"
            )
        network = parts.netloc.rpartition("@")[2]
        return cls(uri.strip(), urlunsplit((parts.scheme, network, parts.path.rstrip("/"), "", "")))

    @property
    def key(self) -> str:
        """A name for files: the same for every spelling of the credentials."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:12]

    def without_secrets(self, text: str) -> str:
        """Return what mlflow says with the credentials taken out: of this address, of any other, of the environment."""
        text = text.replace(self.uri, self.name)
        password = urlsplit(self.uri).password or ""
        for secret in (password, unquote(password), *(os.environ.get(name, "") for name in _SECRETS)):
            if secret:
                text = text.replace(secret, "[masked]")
        return _QUERY.sub(r"\1", _USER_PART.sub("", text))


def _parts(uri: str) -> SplitResult:
    """Take a URI apart, or refuse it: half of a password must not pass for the host, whose name is told."""
    try:
        parts = urlsplit(uri)
        _ = parts.port  # read no sooner
    except ValueError:
        raise MirrorError(_UNREADABLE) from None
    if parts.netloc and "@" in parts.path + parts.query + parts.fragment:
        raise MirrorError(_UNREADABLE)
    return parts
