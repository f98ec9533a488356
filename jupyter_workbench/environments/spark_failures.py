"""Why there can be no Spark, as the user reads it: what `spark_builder` refuses, with the line that it is about."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from jupyter_workbench.config.problems import listed
from jupyter_workbench.environments.secrets import masked
from jupyter_workbench.environments.spark import SparkSpec
from jupyter_workbench.environments.spark_builder.repositories import DEFAULTS
from jupyter_workbench.environments.spark_pins import advice_on_repository

PREFIX = "spark-"
"""Begins the kinds of failures that are explained here."""

IN_AN_IMAGE, ON_THIS_MACHINE = "in the image", "on this machine"


def explain(spec: SparkSpec, kind: str, words: str, place: str) -> str:
    """Return a whole message for a kind and its facts; ``place`` says where Spark was to be: "in the image x:1"."""
    return _SENTENCES[kind.removeprefix(PREFIX)](spec, place, json.loads(words))


def _no_java(_: SparkSpec, place: str, facts: Mapping[str, Any]) -> str:
    if facts["named"]:
        return (
            f"expected a Java at {facts['named']}, since JAVA_HOME of EnvironmentVariables says so, got none that runs "
            f"{place} - correct or remove the variable"
        )
    got = f"none that runs ({', '.join(facts['broken'])})" if facts["broken"] else "none"
    return f"expected a Java {place}, which Spark needs, got {got} - {_java_help(place, '17 or 21')}"


def _java(_: SparkSpec, place: str, facts: Mapping[str, Any]) -> str:
    spark, java = facts["spark"], facts["java"]
    newer = int(spark.split(".")[0]) >= 4
    wanted = "17 or newer" if newer else "8, 11, 17 or 21"
    other = ("pyspark=3.5", "8, 11 and 17") if newer else ("pyspark=4", "17 and newer")
    change = f"write `{other[0]}` into the conda file" if place.startswith(IN_AN_IMAGE) else f"install {other[0]}"
    return (
        f"expected Java {wanted} {place}, which Spark {spark} needs, got Java {java} - "
        f"{_java_help(place, '17')}, or {change}, which runs on Java {other[1]}"
    )


def _java_help(place: str, version: str) -> str:
    if place.startswith(IN_AN_IMAGE):
        return (
            f"name an image with Java {version} as `baseDockerImage`, such as `quay.io/jupyter/pyspark-notebook`, or "
            "one of your own with Debian's `openjdk-17-jre-headless`"
        )
    return f"install Java {version}, or let JAVA_HOME name one"


def _no_home(_: SparkSpec, place: str, facts: Mapping[str, Any]) -> str:
    return (
        f"expected a Spark at {facts['named']}, since SPARK_HOME or sparkSubmitLocation says so, got none {place} - "
        "correct or remove it"
    )


def _no_spark(_: SparkSpec, __: str, ___: Mapping[str, Any]) -> str:
    return (
        "expected a pyspark with Spark inside, got a client alone - write `pyspark` into the conda file, or take the "
        "framework Python, where a client of Spark Connect is a package as others are"
    )


def _python(_: SparkSpec, place: str, facts: Mapping[str, Any]) -> str:
    return (
        f"expected a Spark whose pyspark runs on this Python, got Spark {facts['spark']} {place}, which does not "
        f"({facts['words']}) - take a newer Spark, or an older Python with `python=3.8` in the conda file"
    )


def _repository(spec: SparkSpec, _: str, facts: Mapping[str, Any]) -> str:
    number, coordinate, why = facts["repository"], facts["coordinate"], facts["why"]
    if number < len(spec.repositories):
        asked = spec.repositories[number]
        return (
            f"{spec.file}:{asked.line}: repositories: expected a repository that answers, got {masked(asked.address)} "
            f"({why}), which was asked for {coordinate} - {advice_on_repository(asked.address)}"
        )
    name = DEFAULTS[number - len(spec.repositories)]
    return (
        f"{_place(spec, coordinate)}: expected {name} to answer, where {coordinate} is looked for, got: {why} - "
        "check the network and the proxy, or name a repository that has it"
    )


def _package(spec: SparkSpec, _: str, facts: Mapping[str, Any]) -> str:
    coordinate = facts["coordinate"]
    asked = [*(masked(repository.address) for repository in spec.repositories), *DEFAULTS]
    return (
        f"{_place(spec, coordinate)}: expected a package that a repository has, got {coordinate}, which none has of "
        f"{listed(asked).replace(' or ', ' and ')} - correct group, artifact and version, or name its repository"
    )


def _dependency(spec: SparkSpec, _: str, facts: Mapping[str, Any]) -> str:
    return (
        f"{_place(spec, facts['coordinates'][0])}: expected packages whose own packages a repository has, "
        f"got some that need {', '.join(facts['missing'])}, which none has - name the repository that has it, or leave "
        "it out with `spark.jars.excludes`"
    )


def _ivy(spec: SparkSpec, _: str, facts: Mapping[str, Any]) -> str:
    return (
        f"{_place(spec, facts['coordinates'][0])}: expected packages that Spark can fetch, got an error of Ivy:\n"
        f"{facts['words'].strip()}"
    )


def _scala(spec: SparkSpec, place: str, facts: Mapping[str, Any]) -> str:
    coordinate, scala = facts["coordinate"], facts["scala"]
    other = re.sub(r"_[\d.]+:", f"_{scala}:", coordinate, count=1).rpartition(":")[0]
    return (
        f"{_place(spec, coordinate)}: expected a package for Scala {scala}, which Spark {facts['spark']} {place} is "
        f"made with, got {coordinate} - look for a version of {other}, or take a Spark that is made with its Scala"
    )


def _place(spec: SparkSpec, coordinate: str) -> str:
    """Return where a package stands in the file; one that another one needs stands where the first does."""
    lines = {package.coordinate: package.line for package in spec.packages}
    line = lines.get(coordinate) or next(iter(lines.values()), None)
    return f"{spec.file}:{line}: packages" if line else f"{spec.file}: packages"


def _not_prepared(_: SparkSpec, __: str, ___: Mapping[str, Any]) -> str:
    return (
        "expected a pyspark for this Python to be there, since the run configuration says `PrepareEnvironment: false`, "
        "got none - prepare it with `workbench experiment prepare`, or install pyspark into your own Python"
    )


def _uv(_: SparkSpec, place: str, facts: Mapping[str, Any]) -> str:
    return f"expected a pyspark that can be installed {place}, got an error of uv:\n{facts['words'].strip()}"


_SENTENCES: Mapping[str, Callable[[SparkSpec, str, Mapping[str, Any]], str]] = MappingProxyType(
    {
        "no-java": _no_java,
        "java": _java,
        "no-home": _no_home,
        "no-spark": _no_spark,
        "python": _python,
        "not-prepared": _not_prepared,
        "uv": _uv,
        "repository": _repository,
        "package": _package,
        "dependency": _dependency,
        "ivy": _ivy,
        "scala": _scala,
    }
)
