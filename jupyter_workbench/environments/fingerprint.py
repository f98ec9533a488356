"""The name of an environment: a digest of everything that it is built from, and of nothing else.

Made without the network and without our own version, so that the same inputs find the same environment after an update.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from jupyter_workbench.environments.local_files import contents
from jupyter_workbench.environments.spark import SparkSpec
from jupyter_workbench.environments.spec import EnvironmentSpec

LENGTH = 20
"""Hexadecimal digits of a fingerprint."""

_FORMAT = 1
"""Counted up when the builder makes something else of the same inputs."""

RECENT_SECONDS = 2
"""A file that was changed so lately may change again without another time."""

_PIECE = 1 << 20

_USER = re.compile(r"(?<=://)[^/@\s]+@")


def fingerprint(spec: EnvironmentSpec, image_id: str, architecture: str) -> str:
    """Return 20 hexadecimal digits. Local files are read: call it in a thread where there may be large ones.

    The order of packages, blanks and comments do not count, the order of pip's options (which index comes first) does.
    The password of an address does not count, as a new one leads to the same packages.
    """
    options, packages = [], set()
    for requirement in spec.requirements:
        text = _USER.sub("", " ".join(requirement.text.split()))
        if text.startswith("-"):
            options.append(text)
        else:
            packages.add(text)
    facts: dict[str, Any] = {
        "format": _FORMAT,
        "image": image_id,
        "architecture": architecture,
        "python": spec.python,
        "options": options,
        "packages": sorted(packages),
        "files": list(_digests(spec)),
    }
    if spec.spark is not None:  # Python environments keep the names that they have
        facts["spark"] = _spark(spec.spark)
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:LENGTH]


def _spark(spark: SparkSpec) -> dict[str, Any]:
    """Return what is fetched for Spark; the order of repositories counts, as the first that has a package is asked."""
    return {
        "packages": sorted(package.coordinate for package in spark.packages),
        "repositories": [_USER.sub("", repository.address) for repository in spark.repositories],
        "excludes": sorted(spark.excludes),
        "homes": [spark.java_home, spark.spark_home],
    }


def _digests(spec: EnvironmentSpec) -> Iterator[tuple[int, str, bool, str]]:
    """Yield place, path, whether it is executable and the digest of each local file's contents."""
    for number, path in enumerate(spec.files):
        for inside, file in contents(path):
            found = file.stat()
            yield number, inside.as_posix(), bool(found.st_mode & 0o100), _digest(file, found)


def _digest(file: Path, found: os.stat_result) -> str:
    """Return the digest of a file's contents; each start asks for it, and a wheel may have half a gigabyte."""
    changed = max(found.st_mtime_ns, found.st_ctime_ns)
    if time.time_ns() - changed < RECENT_SECONDS * 1_000_000_000:
        return _read(file)
    return _read_once(file, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))


@lru_cache(maxsize=10_000)
def _read_once(file: Path, _stamp: tuple[int, ...]) -> str:
    return _read(file)


def _read(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as contents_of_file:
        while piece := contents_of_file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
