"""Addresses in dependency files may carry a password or a signature: what is printed goes through `masked` first."""

from __future__ import annotations

import re

# Of the scheme only the end is looked at: a search for its beginning takes hours in a megabyte without a blank.
_USER = re.compile(r"(?P<scheme>[\w+.-]://)[^/@\s'\"`]+@")
_QUERY = re.compile(r"(?P<address>[\w+.-]://[^\s'\"`?#]+\?)[^\s'\"`)#]+")


def masked(text: str) -> str:
    """Return `text` with `***` for the user, the password and the query (it may be a signature) of each address."""
    return _QUERY.sub(r"\g<address>***", _USER.sub(r"\g<scheme>***@", text))
