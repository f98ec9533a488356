"""What of a kernel's answer a browser is told, and what it may do with that: run it, apart from everything else."""

from __future__ import annotations

from urllib.parse import urlsplit

from jupyter_workbench.server.spark_ui.exchange import Answer
from jupyter_workbench.server.spark_ui.requests import is_script

POLICY = "; ".join(
    (
        # Without allow-same-origin: the page can read nothing that the user's login to Jupyter would open.
        "sandbox allow-scripts allow-popups allow-forms",
        "default-src 'self' data:",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Of everything that comes from here."""

PASSED_ON = ("content-type", "content-encoding", "etag", "last-modified")

KEPT_SECONDS = 3600
"""How long a browser may keep what lies in `/static/`: the scripts are large, and the same on every page."""

STORAGE = (
    b"try{window.localStorage}catch(_){Object.defineProperty(window,'localStorage',{value:(function(){var k=new Map();"
    b"return{getItem:function(n){n=String(n);return k.has(n)?k.get(n):null},setItem:function(n,v){k.set(String(n),"
    b"String(v))},removeItem:function(n){k.delete(String(n))},clear:function(){k.clear()}}})()})}\n"
)
"""Put before each script: in the sandbox there is no `localStorage`, and Spark's scripts end where they ask for it."""


class LeadsElsewhere(Exception):
    """The answer sends the browser to another server, which the message names."""


def headers_of(answer: Answer, path: str, base: str, cut: str) -> dict[str, str]:
    """Return the headers that an answer gives the browser.

    ``base`` is the URL path that stands for Spark's root now, ``cut`` the one that Spark was told.
    Raises LeadsElsewhere.
    """
    headers = {name.title(): answer.headers[name] for name in PASSED_ON if name in answer.headers}
    if answer.status == 200 and path.startswith("/static/"):
        headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    if 300 <= answer.status < 400 and "location" in answer.headers:
        headers["Location"] = _location(answer.headers["location"], base, cut)
    return headers


def prefix_of(answer: Answer, path: str) -> bytes:
    """Return what stands before the body that came."""
    is_plain = answer.headers.get("content-encoding", "identity") == "identity"
    return STORAGE if is_script(path) and is_plain and answer.status == 200 and answer.length != 0 else b""


def _location(location: str, base: str, cut: str) -> str:
    try:
        where = urlsplit(location)
        netloc = where.netloc
    except ValueError:
        raise LeadsElsewhere(location) from None
    if netloc not in ("", "localhost") or where.scheme not in ("", "http"):
        raise LeadsElsewhere(location)
    path = where.path.removeprefix(cut)
    if not where.path.startswith("/"):
        return where.path + (f"?{where.query}" if where.query else "")  # beside the page that was asked for
    return f"{base}/{path.lstrip('/')}" + (f"?{where.query}" if where.query else "")
