"""The builder with Spark: what plays Java and pyspark, and uv for real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from building import Outcome, Volume
from sparks import a_java, a_spark, pyspark_modules

SPARK = {
    "adds_pyspark": True,
    "needs_newer_java": False,
    "spark_home": None,
    "packages": [],
    "repositories": [],
    "excludes": [],
}


@pytest.fixture
def volume(tmp_path: Path, an_index) -> Volume:
    an_index.add("pyspark", "4.0.5", pyspark_modules())
    return Volume(tmp_path / "volume", an_index.option)


@pytest.fixture
def build(volume: Volume, tmp_path: Path):
    """Build an environment with Spark, and a Java of this version."""

    def build_(*requirements: str, version: str = "17.0.15", **spark: object) -> Outcome:
        home = tmp_path / f"java-{version}"
        java = home if home.exists() else a_java(home, version)
        return volume.build("one", "ipykernel", *requirements, spark={**SPARK, "java_home": str(java), **spark})

    return build_


def site_packages(environment: Path) -> str:
    return next(environment.glob("lib/python3*/site-packages")).relative_to(environment).as_posix()


def test_pyspark_is_added_and_its_facts_are_told(build, volume, tmp_path):
    ready = build().ready
    packages = site_packages(volume.environment("one"))
    assert ready["spark"] == {
        "version": "4.0.5",
        "scala": "2.13",
        "home": f"{packages}/pyspark",
        "python_path": [],
        "java_home": str(tmp_path / "java-17.0.15"),
        "java": "17.0.15",
        "jars": [],
        "archive": "spark/classes.jsa",
    }
    assert ["pyspark", "4.0.5"] in ready["packages"]


def test_an_older_java_gets_an_older_pyspark(build, an_index):
    an_index.add("pyspark", "3.5.9", pyspark_modules("3.5.9", "2.12"))
    assert build(version="11.0.2").ready["spark"]["version"] == "3.5.9"


def test_packages_for_an_older_scala_get_an_older_pyspark(build, an_index, tmp_path):
    an_index.add("pyspark", "3.5.9", pyspark_modules("3.5.9", "2.12"))
    maven = tmp_path / "maven" / "org" / "example" / "thing_2.12" / "1.0"
    maven.mkdir(parents=True)
    (maven / "thing_2.12-1.0.pom").touch()
    asked = {"packages": ["org.example:thing_2.12:1.0"], "repositories": [(tmp_path / "maven").as_uri()]}
    assert build(**asked).ready["spark"]["version"] == "3.5.9"


def test_the_pyspark_that_a_line_asks_for_is_taken_as_it_is(build, an_index):
    an_index.add("pyspark", "3.5.9", pyspark_modules("3.5.9", "2.12"))
    assert build("pyspark==3.5.9", adds_pyspark=False).ready["spark"]["version"] == "3.5.9"


def test_a_spark_of_the_image_is_kept(build, tmp_path):
    spark = a_spark(tmp_path / "spark")
    ready = build(spark_home=str(spark)).ready
    assert (ready["spark"]["home"], ready["spark"]["version"]) == (str(spark), "3.5.9")
    assert ready["spark"]["python_path"] == [f"{spark}/python", f"{spark}/python/lib/py4j-0.10.9.7-src.zip"]
    assert "pyspark" not in dict(ready["packages"])


def test_without_java_nothing_is_installed(build, volume):
    error = build(java_home="/no/java").error
    assert (error["kind"], json.loads(error["message"])) == (
        "spark-no-java",
        {"named": "/no/java", "broken": ["/no/java"]},
    )
    assert volume.names == set()


def test_a_java_that_is_too_old_for_the_pyspark_of_a_line_is_refused(build, volume):
    error = build("pyspark==4.0.5", version="11.0.2", adds_pyspark=False).error
    assert (error["kind"], json.loads(error["message"])) == ("spark-java", {"java": "11.0.2", "spark": "4.0.5"})
    assert volume.names == set()


def test_a_client_without_spark_is_refused(build, an_index):
    an_index.add("pyspark-client", "4.0.5", {"pyspark/__init__.py": ""})
    assert build("pyspark-client", adds_pyspark=False).error["kind"] == "spark-no-spark"


def test_a_pyspark_that_does_not_run_on_this_python_is_refused_with_the_error(build, an_index):
    modules = {**pyspark_modules("3.5.1"), "pyspark/__init__.py": "raise TypeError('code() takes 16')\n"}
    an_index.add("pyspark", "3.5.1", modules)
    error = build("pyspark==3.5.1", adds_pyspark=False).error
    assert (error["kind"], json.loads(error["message"])) == (
        "spark-python",
        {"spark": "3.5.1", "words": "TypeError: code() takes 16"},
    )


def test_a_package_that_cannot_be_had_is_told_before_anything_is_installed(build, volume, tmp_path):
    asked = {"packages": ["org.example:thing:1.0"], "repositories": ["http://127.0.0.1:1/maven"]}
    outcome = build(**asked)
    assert json.loads(outcome.error["message"]) == {
        "coordinate": "org.example:thing:1.0",
        "repository": 0,
        "why": "Connection refused",
    }
    assert outcome.messages == ["Looking for the packages of Spark"]


def test_an_environment_is_good_without_an_archive(build, volume):
    assert build().code == 0, "what plays Spark here cannot make one"
    assert not (volume.environment("one") / "spark" / "classes.jsa").exists()
