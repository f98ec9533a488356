"""The packages that a Python sees: a program for that Python, and what it printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

MAX_BYTES = 4 << 20
MOST_PACKAGES = 20_000
_MAX_LENGTH = 500

PROGRAM = """
import json, os, site, sys
from importlib.metadata import distributions

# -I keeps what a kernel has beyond from being imported here, and is undone for the search alone.
folders = list(sys.path)
folders[:0] = [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(each)]
if sys.prefix == sys.base_prefix and not os.environ.get("PYTHONNOUSERSITE"):
    folders.append(site.getusersitepackages())
found = {}
for each in distributions(path=folders):
    try:
        name, version = each.metadata["Name"], each.version
    except Exception:
        continue  # half of a package, as an installation that broke off leaves it
    if name and version:
        found.setdefault(name, name + "==" + version)
folders = [each for each in folders if os.path.isdir(each)]
print(json.dumps({"packages": list(found.values()), "folders": folders}))
"""
"""For Python 3.8 and newer, run as ``PYTHON -I -c PROGRAM`` with the environment of the kernel."""


class Listing(NamedTuple):
    """``packages`` are ``name==version``, sorted; ``folders`` are where they were looked for."""

    packages: tuple[str, ...]
    folders: tuple[str, ...]


def read_listing(printed: bytes) -> Listing:
    """Read what the program printed, which may be anything. Raises ``ValueError``."""
    try:
        told = json.loads(printed)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(told, dict):
        raise ValueError("not an object")  # noqa: TRY004 - for the caller all that is printed wrong is the same
    packages = _texts(told.get("packages"))
    return Listing(_sorted(packages), _texts(told.get("folders")))


def as_packages(pairs: object) -> tuple[str, ...]:
    """Return the packages that a ``ready.json`` tells as pairs of name and version."""
    lines = (f"{pair[0]}=={pair[1]}" for pair in pairs if len(pair) == 2) if isinstance(pairs, list | tuple) else ()
    return _sorted(lines)


def _sorted(lines: Iterable[str]) -> tuple[str, ...]:
    """Return each package once: the first of a name, which lists of environments and Pythons write in several ways.

    https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    found: dict[str, str] = {}
    for line in filter(_is_package, lines):
        name, _, version = line.partition("==")
        found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return tuple(f"{name}=={version}" for name, version in sorted(found.items()))


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_PACKAGES:
        raise ValueError("not a list, or too long a one")
    return tuple(each for each in value if isinstance(each, str))


def _is_package(line: str) -> bool:
    return "==" in line and line.isprintable() and len(line) <= _MAX_LENGTH
