"""The Java of a place, and which Spark runs on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sparks import a_java, run

from jupyter_workbench.environments.spark_builder import java
from jupyter_workbench.environments.spark_builder.java import Java, find_java, major, pyspark_for, unfit
from jupyter_workbench.environments.spark_builder.refusal import Refused


@pytest.fixture(autouse=True)
def _no_java_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "PLACES", ())


def refusal(named: str | None, environment: dict[str, str]) -> dict[str, object]:
    with pytest.raises(Refused) as refused:
        find_java(named, environment, run)
    assert refused.value.kind == "spark-no-java"
    return json.loads(refused.value.words)


def test_that_of_java_home_comes_before_the_one_on_the_path(tmp_path):
    first, second = a_java(tmp_path / "first"), a_java(tmp_path / "second", "21.0.1")
    environment = {"JAVA_HOME": str(first), "PATH": f"{second}/bin:/bin"}
    assert find_java(None, environment, run) == Java(first, "17.0.15")


def test_a_link_on_the_path_is_followed_to_its_home(tmp_path):
    home = a_java(tmp_path / "jvm" / "java-17")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(home / "bin" / "java")
    assert find_java(None, {"PATH": f"{tmp_path}/bin:/bin"}, run) == Java(home, "17.0.15")


def test_one_that_does_not_run_gives_way_to_the_next(tmp_path):
    broken, good = a_java(tmp_path / "broken", code=1), a_java(tmp_path / "good", "1.8.0_392")
    environment = {"JAVA_HOME": str(broken), "PATH": f"{good}/bin:/bin"}
    assert find_java(None, environment, run) == Java(good, "1.8.0_392")


def test_one_that_the_user_names_is_the_only_one_that_counts(tmp_path):
    there = a_java(tmp_path / "there")
    assert refusal("/no/java", {"JAVA_HOME": str(there)}) == {"named": "/no/java", "broken": ["/no/java"]}


def test_without_java_nothing_is_named(tmp_path):
    assert refusal(None, {"PATH": str(tmp_path)}) == {"named": None, "broken": []}


@pytest.mark.parametrize(("version", "number"), [("1.8.0_392", 8), ("11.0.2", 11), ("17", 17), ("25-ea", 25)])
def test_versions_are_called_by_one_number(version, number):
    assert major(version) == number


@pytest.mark.parametrize(
    ("spark", "fit"),
    [("2.4.8", [8]), ("3.2.4", [8, 11]), ("3.5.9", [8, 11, 17, 21]), ("4.0.5", [17, 21, 25]), ("4.3.0", [17, 21, 25])],
)
def test_a_spark_runs_on_some_javas(spark, fit):
    javas = [8, 11, 17, 21, 25]
    assert [number for number in javas if not unfit(Java(Path("/java"), f"{number}.0"), spark)] == fit


@pytest.mark.parametrize(
    ("version", "scalas", "wanted"),
    [
        ("1.8.0_392", [], "pyspark>=3.4,<4"),
        ("11.0.2", [], "pyspark>=3.4,<4"),
        ("17.0.15", [], "pyspark>=3.4"),
        ("25.0.1", [], "pyspark>=4"),
        ("17.0.15", ["2.12"], "pyspark>=3.4,<4"),
        ("17.0.15", ["2.13"], "pyspark>=4"),
    ],
)
def test_pyspark_is_chosen_by_java_and_by_the_scala_of_the_packages(version, scalas, wanted):
    assert pyspark_for(Java(Path("/java"), version), scalas) == wanted
