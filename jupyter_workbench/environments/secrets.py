"""Addresses in dependency files may carry a password or a signature: what is printed goes through `masked` first."""

from __future__ import annotations

import re

_USER = re.compile(r"(?P<scheme>[a-zA-Z][\w+.-]*://)[^/@\s'\"`]+@")
_QUERY = re.compile(r"(?P<address>[a-zA-Z][\w+.-]*://[^\s'\"`?#]+\?)[^\s'\"`)#]+")


def masked(text: str) -> str:
    """Return `text` with `***` for the user, the password and the query (it may be a signature) of each address."""
    return _QUERY.sub(r"\g<address>***", _USER.sub(r"\g<scheme>***@", text))
