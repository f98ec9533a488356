"""What one entry of a conda or pip list asks for: its name and which versions it admits."""

from __future__ import annotations

import re
from dataclasses import dataclass

Version = tuple[int, ...]

_REQUIREMENT = re.compile(
    r"^(?P<channel>[\w./-]+::)?(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9_])?)(?:\[[^\]]*\])?\s*(?P<versions>.*)$",
    re.DOTALL,
)
_CLAUSE = re.compile(r"^(?P<operator>===|==|~=|!=|<=|>=|=|<|>)?\s*v?(?P<version>[0-9][\w.*+!]*)(?:[=\s][\w.=*]+)?$")


@dataclass(frozen=True)
class Requirement:
    """`name` is normalised; `written` is the name with its channel and extras, `versions` what follows, as written."""

    name: str
    written: str
    versions: str

    def admits(self, oldest: Version) -> bool:
        """Say whether some version from ``oldest`` on would do; True as well for what is not understood."""
        if not self.versions or "|" in self.versions:
            return True
        return all(_admits(clause.strip(), oldest) for clause in self.versions.split(","))


def requirement(text: str) -> Requirement | None:
    """Return the requirement that `text` is; None for an option line, an address or a path."""
    found = _REQUIREMENT.match(text.strip())
    if not found or "://" in text or "\\" in text:
        return None
    name = re.sub(r"[-_.]+", "-", found["name"]).lower()
    return Requirement(name, found[0][: found.start("versions")].strip(), found["versions"].strip())


def _admits(clause: str, oldest: Version) -> bool:
    found = _CLAUSE.match(clause)
    if not found:
        return True
    operator, version = found["operator"] or "=", _numbers(found["version"])
    if operator == "<":
        return _without_zeros(version) > _without_zeros(oldest)
    if operator == "~=":
        version = version[:-1]
    if operator in ("=", "==", "===", "~=", "<="):
        return version >= oldest[: len(version)]
    return True


def _numbers(version: str) -> Version:
    numbers = re.match(r"[0-9]{1,9}(\.[0-9]{1,9})*", version)
    return tuple(int(number) for number in numbers[0].split(".")) if numbers else ()


def _without_zeros(version: Version) -> Version:
    while version and version[-1] == 0:
        version = version[:-1]
    return version
