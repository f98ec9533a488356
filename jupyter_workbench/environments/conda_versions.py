"""The version part of a conda package spec -> version specifiers of Python packages.

https://docs.conda.io/projects/conda/en/stable/dev-guide/deep-dives/package-spec.html ->
https://packaging.python.org/en/latest/specifications/version-specifiers/
"""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"(?P<operator>===|==|~=|!=|<=|>=|=|<|>)?\s*v?(?P<version>[^\s=<>!~]+)")
_VERSION = re.compile(
    r"([0-9]+!)?[0-9]+(\.[0-9]+)*([-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?[0-9]*)?"
    r"(-[0-9]+|[-_.]?(post|rev|r)[-_.]?[0-9]*)?([-_.]?dev[-_.]?[0-9]*)?(\+[a-z0-9]+([-_.][a-z0-9]+)*)?",
    re.IGNORECASE,
)
_BUILD = re.compile(r"^(?P<versions>(===|==|~=|!=|<=|>=|=|<|>)?\s*[^\s=<>!~,|]+)(=|\s+)(?P<build>[\w.*]+)$")


class NotTranslated(Exception):
    """An entry has no counterpart on PyPI: what was expected, and what to do."""

    def __init__(self, expected: str, advice: str) -> None:
        super().__init__(expected, advice)
        self.expected = expected
        self.advice = advice


def without_build(versions: str) -> tuple[str, str | None]:
    """Part ``=1.13=py36_0`` into ``=1.13`` and ``py36_0``, which is None when there is none."""
    found = _BUILD.match(versions)
    return (found["versions"].strip(), found["build"]) if found else (versions, None)


def specifiers(versions: str) -> tuple[str, ...]:
    """Return ``('==1.13.*',)`` for ``=1.13``; none for any version. Raises `NotTranslated`."""
    versions = without_build(versions)[0]
    if "|" in versions:
        raise NotTranslated("one range of versions", "keep one of those that `|` parts")
    clauses = (clause.strip() for clause in versions.split(","))
    return tuple(specifier for clause in clauses if clause if (specifier := _specifier(clause)))


def _specifier(clause: str) -> str | None:
    found = _CLAUSE.fullmatch(clause)
    if not found:
        raise _not_a_version()
    # `numpy 1.13` is that very version, `numpy=1.13` is 1.13.something.
    operator, version = found["operator"] or "==", found["version"]
    if version == "*":
        return None
    begun = version.endswith("*")
    version = version.rstrip("*").rstrip(".") if begun else version
    if not _VERSION.fullmatch(version):
        raise _not_a_version()
    if operator == "=" or begun:
        operator = {"=": "==", "===": "=="}.get(operator, operator)
        begun = operator in ("==", "!=") and version.replace(".", "").replace("!", "").isdigit()
    return f"{operator}{version}" + (".*" if begun else "")


def _not_a_version() -> NotTranslated:
    return NotTranslated("a version as Python packages have it", "write it as `=1.13`, `==1.13.3` or `>=1.13,<2`")
