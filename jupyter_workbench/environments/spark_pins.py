"""What the Spark files of 2017 and 2018 ask for and nobody can have any more, with what takes its place."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from jupyter_workbench.environments.secrets import masked

_COORDINATE = re.compile(r"(?P<group>[\w.-]+):(?P<artifact>[\w.-]+):(?P<version>[^\s:]+)")
_SCALA = re.compile(r"_(?P<version>2\.\d+)$")
_OLD_SCALA = frozenset({"2.9", "2.10", "2.11"})

_MOVED = {
    "mmlspark.azureedge.net": (
        "write `https://mmlspark.blob.core.windows.net/maven`, where it has moved, or remove it: Maven Central has "
        "SynapseML, too"
    ),
}
"""Hosts that may still answer, with what to do when they do not."""

_GONE = {
    "dl.bintray.com": "take `https://repos.spark-packages.org` for packages of spark-packages.org",
    "jcenter.bintray.com": "its packages are on Maven Central, which is always asked",
}
"""Hosts that were switched off, with what to do."""

_SUCCESSORS = (
    (re.compile(r"com\.microsoft\.ml\.spark:mmlspark.*|Azure:mmlspark.*"), "com.microsoft.azure:synapseml_2.12:1.1.1"),
)


def problem_of_package(coordinate: str) -> str | None:
    """Return why nobody can have a package (``group:artifact:version``), and what to write; None when they can."""
    found = _COORDINATE.fullmatch(coordinate)
    successor = next((name for pattern, name in _SUCCESSORS if pattern.match(coordinate)), None)
    if successor:
        return (
            f"expected a package that can be had, got `{coordinate}`, which was made for Spark 2 and is called "
            f"SynapseML today - write `{successor}`, which is for Spark 3.5, or remove the package"
        )
    if not found:
        return (
            f"expected a package such as `org.example:thing_2.13:1.0`, got `{coordinate}` - write group, artifact and "
            "one version"
        )
    if re.search(r"[<>\[\](),*+]|\.\.", found["version"]):
        return f"expected one version, got the range `{found['version']}` - write the version that you want"
    scala = _SCALA.search(found["artifact"])
    if scala and scala["version"] in _OLD_SCALA:
        return (
            f"expected a package for Scala 2.12 (Spark 3) or 2.13 (Spark 4), got `{found['artifact']}`, which is for "
            f"Scala {scala['version']} and Spark 2 - look for a newer one of the same name, or remove it"
        )
    return None


def problem_of_repository(address: str) -> str | None:
    """Return why a repository cannot be asked, and what to do; None when it may be."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https", "file"):
        return (
            f"expected the address of a Maven repository, got `{masked(address)}` - begin it with `https://` or `file:`"
        )
    if host in _GONE:
        return f"expected a repository that answers, got {host}, which was switched off - remove it: {_GONE[host]}"
    if parts.scheme == "http" and host in ("repo1.maven.org", "central.maven.org", "repo.maven.apache.org"):
        return "expected Maven Central by https, got http, which it refuses - remove it: Maven Central is always asked"
    return None


def advice_on_repository(address: str) -> str:
    """Return what to do about a repository that does not answer."""
    return _MOVED.get(urlsplit(address).hostname or "", "correct the address, check the network, or remove the line")
