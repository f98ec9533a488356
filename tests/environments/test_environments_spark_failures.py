"""Why there can be no Spark, as the user reads it."""

from __future__ import annotations

import json

import pytest

from jupyter_workbench.environments.spark import Package, Repository, SparkSpec
from jupyter_workbench.environments.spark_builder.repositories import DEFAULTS
from jupyter_workbench.environments.spark_failures import explain

IMAGE = "in the image python:3.12-slim"
FILE = "aml_config/spark_dependencies.yml"
THING = "org.example:thing_2.12:1.0"
SPEC = SparkSpec(
    FILE,
    packages=(Package("com.example:first:1.0", 6), Package(THING, 9)),
    repositories=(Repository("https://me:hush@maven.example.com", 3),),
)


def told(kind: str, place: str = IMAGE, spec: SparkSpec = SPEC, **facts: object) -> str:
    return explain(spec, f"spark-{kind}", json.dumps(facts), place)


def test_no_java_in_an_image():
    assert told("no-java", named=None, broken=[]) == (
        "expected a Java in the image python:3.12-slim, which Spark needs, got none - name an image with Java 17 or 21 "
        "as `baseDockerImage`, such as `quay.io/jupyter/pyspark-notebook`, or one of your own with Debian's "
        "`openjdk-17-jre-headless`"
    )


def test_no_java_on_this_machine():
    assert told("no-java", "on this machine", named=None, broken=["/opt/java"]) == (
        "expected a Java on this machine, which Spark needs, got none that runs (/opt/java) - "
        "install Java 17 or 21, or let JAVA_HOME name one"
    )


def test_no_java_where_the_user_says():
    assert told("no-java", named="/opt/java", broken=["/opt/java"]) == (
        "expected a Java at /opt/java, since JAVA_HOME of EnvironmentVariables says so, got none that runs in "
        "the image python:3.12-slim - correct or remove the variable"
    )


def test_a_java_that_is_too_old():
    assert told("java", java="11.0.2", spark="4.3.0") == (
        "expected Java 17 or newer in the image python:3.12-slim, which Spark 4.3.0 needs, got Java 11.0.2 - name an "
        "image with Java 17 as `baseDockerImage`, such as `quay.io/jupyter/pyspark-notebook`, or one of your own with "
        "Debian's `openjdk-17-jre-headless`, or write `pyspark=3.5` into the conda file, which runs on Java 8, "
        "11 and 17"
    )


def test_a_java_that_is_too_new():
    assert told("java", "on this machine", java="25.0.1", spark="3.5.9") == (
        "expected Java 8, 11, 17 or 21 on this machine, which Spark 3.5.9 needs, got Java 25.0.1 - install Java 17, or "
        "let JAVA_HOME name one, or install pyspark=4, which runs on Java 17 and newer"
    )


def test_a_repository_that_does_not_answer_is_named_with_its_line_and_without_its_password():
    assert told("repository", coordinate=THING, repository=0, why="Connection refused") == (
        f"{FILE}:3: repositories: expected a repository that answers, got https://***@maven.example.com (Connection "
        f"refused), which was asked for {THING} - correct the address, check the network, or remove the line"
    )


def test_a_repository_that_has_moved_is_said_to_have():
    spec = SparkSpec(FILE, repositories=(Repository("https://mmlspark.azureedge.net/maven", 3),))
    assert told("repository", spec=spec, coordinate=THING, repository=0, why="Name or service not known") == (
        f"{FILE}:3: repositories: expected a repository that answers, got https://mmlspark.azureedge.net/maven "
        "(Name or "
        f"service not known), which was asked for {THING} - write `https://mmlspark.blob.core.windows.net/maven`, "
        "where "
        "it has moved, or remove it: Maven Central has SynapseML, too"
    )


def test_maven_central_that_does_not_answer_is_told_at_the_package():
    assert told("repository", coordinate=THING, repository=1, why="no answer in 8 s") == (
        f"{FILE}:9: packages: expected {DEFAULTS[0]} to answer, where {THING} is looked for, got: no answer in 8 s - "
        "check the network and the proxy, or name a repository that has it"
    )


def test_a_package_that_no_repository_has():
    assert told("package", coordinate=THING) == (
        f"{FILE}:9: packages: expected a package that a repository has, got {THING}, which none has of "
        f"https://***@maven.example.com, {DEFAULTS[0]} and {DEFAULTS[1]} - correct group, artifact and version, "
        "or name "
        "its repository"
    )


def test_a_package_that_another_one_needs():
    assert told("dependency", coordinates=["com.example:first:1.0"], missing=["org.example:gone:3.0"]) == (
        f"{FILE}:6: packages: expected packages whose own packages a repository has, got some that need "
        "org.example:gone:3.0, which none has - name the repository that has it, or leave it out with "
        "`spark.jars.excludes`"
    )


def test_a_package_for_another_scala():
    assert told("scala", coordinate=THING, scala="2.13", spark="4.3.0") == (
        f"{FILE}:9: packages: expected a package for Scala 2.13, which Spark 4.3.0 in the image python:3.12-slim "
        "is made "
        f"with, got {THING} - look for a version of org.example:thing_2.13, or take a Spark that is made with its Scala"
    )


@pytest.mark.parametrize(
    ("kind", "facts", "beginning"),
    [
        ("no-home", {"named": "/opt/spark"}, "expected a Spark at /opt/spark, since SPARK_HOME or sparkSubmitLocation"),
        ("no-spark", {}, "expected a pyspark with Spark inside, got a client alone - write `pyspark` into the conda"),
        (
            "python",
            {"spark": "2.4.8", "words": "TypeError: code()"},
            "expected a Spark whose pyspark runs on this Python",
        ),
        ("not-prepared", {}, "expected a pyspark for this Python to be there, since the run configuration says "),
        (
            "uv",
            {"words": "error: no"},
            "expected a pyspark that can be installed in the image python:3.12-slim, got an",
        ),
        (
            "ivy",
            {"coordinates": [THING], "words": "oh"},
            f"{FILE}:9: packages: expected packages that Spark can fetch,",
        ),
    ],
)
def test_other_reasons_have_sentences_too(kind, facts, beginning):
    assert told(kind, **facts).startswith(beginning)
