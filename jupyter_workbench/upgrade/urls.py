"""Addresses in dependency files: which lead nowhere, and how they are shown without the secrets that they carry."""

from __future__ import annotations

import re

from jupyter_workbench.upgrade.retired import DEAD_HOSTS

_URL = re.compile(
    r"(?P<scheme>[a-zA-Z][\w+.-]*://)(?:[^/@\s]*@)?(?P<host>[^/:?#\s'\",]+)(?P<path>[^?#\s'\",]*)[^\s'\",]*"
)


def dead_url(text: str) -> str | None:
    """Return why the first address in `text` leads nowhere; None when there is none or it is alive."""
    found = _URL.search(text)
    return dead_host(found["host"]) if found else None


def dead_host(host: str) -> str | None:
    """Return why `host` no longer serves anything; None for any other."""
    return DEAD_HOSTS.get(host.lower())


def shown(text: str) -> str:
    """Return `text` with its addresses cut to scheme, host and path: a user or a query may be a secret (SAS)."""
    short = _URL.sub(lambda found: found["scheme"] + found["host"] + found["path"], text)
    return " ".join(short.split())
