"""Names that MLflow takes: ours where it takes them, else a readable form of them with a hash, so that no two collide.

What it takes: ``validate_param_and_metric_name`` and ``path_not_unique`` in
https://github.com/mlflow/mlflow/blob/master/mlflow/utils/validation.py
"""

from __future__ import annotations

import hashlib
import posixpath
import re

MAX_KEY = 250
MAX_EXPERIMENT = 500
# Servers before 2.8 and Azure ML take no more; a longer one is an artifact too.
MAX_PARAM = 500
MAX_TAG = 5000
LATEST = "latest."
"""How the tag begins that has the newest text of a series: a param never changes."""
RESERVED = ("mlflow.", "workbench.", LATEST)
"""How the tags begin that MLflow and we give a meaning to."""

_REFUSED_IN_KEYS = re.compile(r"[^/\w.\- :]")
# `#`, `?` and `%` mean something in the URL that an artifact is sent to, and mlflow does not quote it.
_REFUSED_IN_FILES = re.compile(r"[^\w.\- ()\[\]+,=@!~]")
_MAX_FILE = 150
_HASH_DIGITS = 8


def key(name: str) -> str:
    """Return the name of a metric or param."""
    return name if _is_key(name) else _readable(_REFUSED_IN_KEYS.sub("_", name).strip("/. "), name, MAX_KEY)


def tag(name: str) -> str:
    """Return the key of a tag that the user gave: none of ``RESERVED``."""
    return key(f"tag.{name}" if name.startswith((*RESERVED, "tag.")) else name)


def latest(name: str) -> str:
    """Return the key of the tag with the newest text that was logged under a name."""
    return key(f"{LATEST}{name}")


def experiment(project: str, name: str) -> str:
    """``<project>/<experiment>``: many projects share a server, and most have a ``train.ipynb``."""
    both = "".join(letter if letter.isprintable() else "_" for letter in f"{project}/{name}")
    return both if len(both) <= MAX_EXPERIMENT else _readable(both, both, MAX_EXPERIMENT)


def file(name: str) -> str:
    """One part of an artifact's path, with its suffix: it decides how the file is shown."""
    if not _REFUSED_IN_FILES.search(name) and len(name) <= _MAX_FILE and name.strip(".") and name == name.strip():
        return name
    stem, suffix = posixpath.splitext(_REFUSED_IN_FILES.sub("_", name))
    if len(suffix) > _MAX_FILE // 2:
        stem, suffix = stem + suffix, ""
    return _readable(stem.strip(". "), name, _MAX_FILE - len(suffix)) + suffix


def path(name: str) -> str:
    """Return the path of an output as the path of an artifact."""
    return "/".join(file(part) for part in name.split("/"))


def text(value: str, limit: int) -> str:
    """Text that every server's database takes: cut, without lone surrogates and NUL."""
    if not value.isascii():
        value = value.encode("utf-8", "backslashreplace").decode()
    value = value.replace("\0", "\\x00")
    return value if len(value) <= limit else f"{value[: limit - 1]}…"


def _is_key(name: str) -> bool:
    return (
        0 < len(name) <= MAX_KEY
        and not _REFUSED_IN_KEYS.search(name)
        and posixpath.normpath(name) == name
        and not name.startswith(("/", ".."))
        and name != "."
    )


def _readable(safe: str, name: str, limit: int) -> str:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    parts = [part for part in safe[: limit - _HASH_DIGITS - 1].split("/") if part not in ("", ".", "..")]
    return f"{'/'.join(parts)}-{digest}"
