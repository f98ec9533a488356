"""Packages of Maven repositories, with all that they need: fetched once, by Spark's own Ivy.

https://spark.apache.org/docs/latest/submitting-applications.html#advanced-dependency-management
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from .homes import Home
from .java import Java
from .places import take_place
from .refusal import Refused
from .relay import Relay
from .repositories import Repositories

QUICK = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
NOTHING = "org.apache.hadoop.util.VersionInfo"
"""A program of Hadoop's that says its version: Spark fetches packages before it runs any."""

SCALA = re.compile(r":[\w.-]+_(?P<version>2\.\d+|3):")
_UNRESOLVED = re.compile(r"(?:unresolved dependency|download failed): ([^#\s]+)#([^;\s]+);([^!:\s]+)[!:]")


def scala_of(coordinate: str) -> str | None:
    """Return the version of Scala that a package is for, as its name says."""
    found = SCALA.search(coordinate)
    return found.group("version") if found else None


def refuse_other_scala(coordinates: Sequence[str], home: Home) -> None:
    """Raise Refused when a package is for another Scala than a Spark."""
    for coordinate in coordinates:
        scala = scala_of(coordinate)
        if scala is not None and scala != home.scala:
            raise Refused("scala", coordinate=coordinate, scala=home.scala, spark=home.version)


def fetch(
    coordinates: Sequence[str],
    excludes: Sequence[str],
    repositories: Repositories,
    home: Home,
    java: Java,
    target: Path,
    run: Callable[[list[str], dict[str, str]], tuple[int, str, str]],
    say: Callable[..., None],
) -> None:
    """Put packages and what they need into a folder, which is complete, or as it was. Raises Refused."""
    say(f"Fetching {coordinates[0]}" + (f" and {len(coordinates) - 1} more" if len(coordinates) > 1 else ""))
    with tempfile.TemporaryDirectory(prefix="workbench-packages-") as work, Relay(repositories, say) as relay:
        settings = Path(work, "ivysettings.xml")
        settings.write_text(ivy_settings([relay.address(n) for n in range(len(repositories.addresses))]), "utf-8")
        code, words, output = run(command(coordinates, excludes, home, java, Path(work), settings), dict(os.environ))
        if code:
            raise why_not(coordinates, relay, words + output)
        part = target.with_name(target.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        Path(work, "jars").mkdir(exist_ok=True)  # a package need not have a jar
        shutil.copytree(Path(work, "jars"), part)
        take_place(part, target)


def command(
    coordinates: Sequence[str], excludes: Sequence[str], home: Home, java: Java, work: Path, settings: Path
) -> list[str]:
    """Return the command that has Spark fetch packages into ``work/jars``, and do nothing else."""
    program = [str(java.home / "bin" / "java"), *QUICK, "-cp", str(home.path / "jars" / "*")]
    options = ["--packages", ",".join(coordinates), "--master", "local"]
    if excludes:
        options += ["--exclude-packages", ",".join(excludes)]
    places = ["--conf", f"spark.jars.ivy={work}", "--conf", f"spark.jars.ivySettings={settings}"]
    return [*program, "org.apache.spark.deploy.SparkSubmit", *options, *places, "--class", NOTHING, "spark-internal"]


def ivy_settings(addresses: Sequence[str]) -> str:
    """Return Ivy's settings for repositories, the first of which that has a package is asked for it.

    https://ant.apache.org/ivy/history/latest-milestone/settings.html
    """
    resolvers = "".join(
        f'<ibiblio name="r{number}" m2compatible="true" root={quoteattr(address)}/>'
        for number, address in enumerate(addresses)
    )
    return (
        '<ivysettings><settings defaultResolver="all"/>'
        f'<resolvers><chain name="all" returnFirst="true">{resolvers}</chain></resolvers></ivysettings>'
    )


def why_not(coordinates: Sequence[str], relay: Relay, said: str) -> Refused:
    """Return why packages could not be fetched."""
    missing = [":".join(found) for found in _UNRESOLVED.findall(said)]
    for number, path, why in relay.failures:
        if missing or number < relay.repositories.users:
            coordinate = missing[0] if missing else coordinate_of(path) or coordinates[0]
            return Refused("repository", coordinate=coordinate, repository=number, why=why)
    if missing:
        return Refused("dependency", coordinates=list(coordinates), missing=sorted(set(missing)))
    return Refused("ivy", coordinates=list(coordinates), words=said[-2000:])


def coordinate_of(path: str) -> str | None:
    """Return what a file of a repository belongs to."""
    parts = path.split("/")
    return ":".join((".".join(parts[:-3]), parts[-3], parts[-2])) if len(parts) > 3 else None
