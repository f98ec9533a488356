"""What is done to one entry of a conda or pip list: each rule says what the entry becomes, and why.

A rule gives None for an entry that it has no say on. To add one, write it and name it in ``RULES``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from jupyter_workbench.config.requirements import Requirement, requirement
from jupyter_workbench.environments.conda_only import only_conda
from jupyter_workbench.environments.limits import OLDEST_IPYKERNEL, OLDEST_PIP, OLDEST_PYTHON, dotted
from jupyter_workbench.upgrade import retired
from jupyter_workbench.upgrade.urls import dead_host, dead_url


@dataclass(frozen=True)
class Entry:
    """One entry, as it is written, and where it stands."""

    text: str
    in_pip: bool
    """In pip's list, not conda's."""
    python_moves: bool
    """The file asks for a Python that is too old, so that it becomes ``retired.PYTHON``."""
    names: frozenset[str]
    """The normalised names of all entries of this list."""

    @property
    def asked(self) -> Requirement | None:
        """The requirement that the entry is; None for an option line, an address or a path."""
        return requirement(self.text)


class Verdict(NamedTuple):
    """What an entry becomes (None: it is removed) and why."""

    becomes: str | None
    why: str


Rule: TypeAlias = Callable[[Entry], Verdict | None]

_OPTION = re.compile(
    r"(?P<option>--index-url|--extra-index-url|--find-links|--trusted-host|-i|-f)[=\s]+(?P<value>[^\s'\"]+)"
)


def of_the_standard_library(entry: Entry) -> Verdict | None:
    """Remove ``os``, ``json``: Python brings them, no package of that name can be had."""
    asked = entry.asked
    if asked is None or asked.name not in retired.STANDARD_LIBRARY:
        return None
    return Verdict(None, "it is part of Python itself, not a package")


def dead_option(entry: Entry) -> Verdict | None:
    """Remove ``--index-url`` of a server that is gone: pip would fail on it. Other options of the line stay."""
    if not entry.in_pip or not entry.text.startswith("-"):
        return None
    whys = [why for option in _OPTION.finditer(entry.text) if (why := _dead(option["value"]))]
    if not whys:
        return None
    left = _OPTION.sub(lambda option: "" if _dead(option["value"]) else option[0], entry.text)
    return Verdict(" ".join(left.split()) or None, whys[0])


def dead_address(entry: Entry) -> Verdict | None:
    """Remove a wheel on a server that is gone."""
    why = None if entry.text.startswith("-") or not entry.in_pip else dead_url(entry.text)
    return Verdict(None, why) if why else None


def dead_package(entry: Entry) -> Verdict | None:
    """Remove a package that was part of the retired service."""
    asked = entry.asked
    why = retired.DEAD_PIP_PACKAGES.get(asked.name) if asked and entry.in_pip else None
    return Verdict(None, why) if why else None


def imported_name(entry: Entry) -> Verdict | None:
    """Rename ``sklearn``: what one imports, not what one installs; its version 0.0 was that of a stand-in."""
    asked = entry.asked
    if asked is None or asked.name not in retired.RENAMED_PACKAGES:
        return None
    name, why = retired.RENAMED_PACKAGES[asked.name]
    if name in entry.names:
        return Verdict(None, f"{why}, and it is listed already")
    return Verdict(name + ("" if asked.versions in ("==0.0", "=0.0") else asked.versions), why)


def package_that_gave_way(entry: Entry) -> Verdict | None:
    """Rename ``tensorflow-gpu``, gone in favour of another; a pin of it may still work, unless Python is old too."""
    asked = entry.asked
    if asked is None or not entry.in_pip or asked.name not in retired.RENAMED_PIP_PACKAGES:
        return None
    if asked.versions and not entry.python_moves:
        return None
    return Verdict(*retired.RENAMED_PIP_PACKAGES[asked.name])


def only_conda_has(entry: Entry) -> Verdict | None:
    """Remove ``cudatoolkit``: environments are built from PyPI, which has no such package."""
    asked = entry.asked
    known = only_conda(asked.name) if asked and not entry.in_pip else None
    return Verdict(None, known.why) if known else None


def old_python(entry: Entry) -> Verdict | None:
    """Move ``python=3.5.2``: no kernel of today runs on it."""
    asked = entry.asked
    if asked is None or entry.in_pip or not is_old_python(entry.text):
        return None
    oldest = dotted(OLDEST_PYTHON)
    why = f"kernels need Python {oldest} or newer; {retired.PYTHON} is what the usual data packages all support"
    return Verdict(f"{asked.written}={retired.PYTHON}", why)


def old_ipykernel(entry: Entry) -> Verdict | None:
    """Unpin ``ipykernel=4.6.1``: too old for the magics and for the Jupyter of today."""
    oldest = dotted(OLDEST_IPYKERNEL)
    return _unpinned(entry, "ipykernel", OLDEST_IPYKERNEL, f"kernels need ipykernel {oldest} or newer")


def old_pip(entry: Entry) -> Verdict | None:
    """Unpin ``pip==9.0.3``: it cannot install what PyPI serves today."""
    oldest = dotted(OLDEST_PIP)
    return _unpinned(entry, "pip", OLDEST_PIP, f"pip before {oldest} cannot install the wheels of today")


def too_old_for_python(entry: Entry) -> Verdict | None:
    """Unpin ``pandas=0.20`` beside an old Python: that version cannot be had for the new one."""
    asked = entry.asked
    if asked is None or not entry.python_moves or asked.name not in retired.FIRST_VERSIONS:
        return None
    first = retired.FIRST_VERSIONS[asked.name]
    why = f"Python {retired.PYTHON} needs {asked.name} {'.'.join(map(str, first))} or newer"
    return _unpinned(entry, asked.name, first, why)


RULES: tuple[Rule, ...] = (
    of_the_standard_library,
    dead_option,
    dead_address,
    dead_package,
    imported_name,
    package_that_gave_way,
    only_conda_has,
    old_python,
    old_ipykernel,
    old_pip,
    too_old_for_python,
)
"""In this order; each sees what the ones before it made of the entry."""


def is_old_python(text: str) -> bool:
    """Say whether an entry asks for a Python that is too old for a kernel."""
    asked = requirement(text)
    return asked is not None and asked.name == "python" and not asked.admits(OLDEST_PYTHON)


def _unpinned(entry: Entry, name: str, oldest: tuple[int, ...], why: str) -> Verdict | None:
    asked = entry.asked
    if asked is None or asked.name != name or asked.admits(oldest):
        return None
    return Verdict(asked.written, why)


def _dead(value: str) -> str | None:
    return dead_url(value) or dead_host(value)
