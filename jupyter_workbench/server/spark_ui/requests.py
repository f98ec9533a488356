"""What of a browser's request a kernel is told: which page, and nothing of whose browser it is."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote, unquote_plus

PASSED_ON = ("Accept", "Accept-Language", "If-Modified-Since", "If-None-Match")
"""Cookies, tokens and addresses are not among them, nor is whatever else a browser or a proxy may add."""

SAFE = "/%:@!$&'()*+,;=~"
"""What stays as it is in a path that was sent: it is quoted already, but for what no path may have."""

KILLS = "kill"
"""A part of every path of Spark's that ends something: /jobs/job/kill, /stages/stage/kill."""


def headers_for(asked: Mapping[str, str], path: str, base: str) -> dict[str, str]:
    """Return the headers of the request to Spark, whose links will begin with ``base``."""
    headers = {name: asked[name] for name in PASSED_ON if name in asked}
    if "gzip" in asked.get("Accept-Encoding", "") and not is_script(path):
        headers["Accept-Encoding"] = "gzip"
    # https://github.com/apache/spark/blob/v3.5.0/core/src/main/scala/org/apache/spark/ui/UIUtils.scala (uiRoot)
    return {**headers, "Host": "localhost", "X-Forwarded-Context": base, "Connection": "close"}


def path_below(place: str, path: str) -> str:
    """Return the part of a request's path that follows ``place``, as it was sent; empty where nothing follows."""
    parts = path.split("/", place.count("/") + 1)
    return f"/{parts[-1]}" if len(parts) == place.count("/") + 2 else ""


def url_with(place: str, path: str, query: str) -> str:
    """Return a URL of this server."""
    return place + quote(path, safe=SAFE) + (f"?{query}" if query else "")


def target_of(path: str, query: str) -> str:
    """Return what the request line names; no token of Jupyter's is in it."""
    told = query_without_token(query)
    return quote(path or "/", safe=SAFE) + (f"?{told}" if told else "")


def query_without_token(query: str) -> str:
    """Return a query as it was, but for the parameter that logs in to Jupyter."""
    parts = [part for part in query.split("&") if unquote_plus(part.partition("=")[0]).strip() != "token"]
    return quote("&".join(parts), safe=f"{SAFE}?")


def is_script(path: str) -> bool:
    """Tell whether a path is that of a script, whose text must not be compressed: see `answers`."""
    return path.endswith(".js")


def would_kill(path: str) -> bool:
    """Tell whether Spark would end a job or a stage at this path, however it is written."""
    plain = path
    while (decoded := unquote(plain)) != plain:
        plain = decoded
    return any(part.partition(";")[0].strip().lower() == KILLS for part in plain.replace("\\", "/").split("/"))
