"""A Spark that is installed, known by its files."""

from __future__ import annotations

import json

import pytest
from sparks import a_spark

from jupyter_workbench.environments.spark_builder.homes import find_home, is_home, read_home
from jupyter_workbench.environments.spark_builder.local import home_of
from jupyter_workbench.environments.spark_builder.refusal import Refused


def test_its_jars_tell_its_version_and_that_of_scala(tmp_path):
    home = read_home(a_spark(tmp_path / "spark"))
    assert (home.version, home.scala) == ("3.5.9", "2.12")


def test_its_python_needs_its_own_modules_and_py4j(tmp_path):
    spark = a_spark(tmp_path / "spark")
    python = spark / "python"
    assert read_home(spark).python_path == (python, python / "lib" / "py4j-0.10.9.7-src.zip")


def test_a_client_without_jars_is_none(tmp_path):
    (tmp_path / "pyspark").mkdir()
    assert not is_home(tmp_path / "pyspark")


def test_spark_home_names_it(tmp_path):
    spark = a_spark(tmp_path / "spark")
    assert find_home(None, {"SPARK_HOME": str(spark)}) == read_home(spark)


def test_a_spark_home_of_the_image_that_leads_nowhere_does_not_count():
    assert find_home(None, {"SPARK_HOME": "/no/spark"}) is None


def test_a_spark_home_of_the_user_that_leads_nowhere_is_refused():
    with pytest.raises(Refused) as refused:
        find_home("/no/spark", {})
    assert (refused.value.kind, json.loads(refused.value.words)) == ("spark-no-home", {"named": "/no/spark"})


def test_spark_submit_leads_to_its_home_through_links(tmp_path):
    spark = a_spark(tmp_path / "spark-3.5.9")
    (tmp_path / "spark").symlink_to(spark)
    assert home_of(tmp_path / "spark" / "bin" / "spark-submit") == read_home(spark)


def test_spark_submit_of_an_environment_leads_to_its_pyspark(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "spark-submit").touch()
    spark = a_spark(tmp_path / "lib" / "python3.11" / "site-packages" / "pyspark")
    assert home_of(tmp_path / "bin" / "spark-submit") == read_home(spark)


def test_a_program_of_another_kind_leads_nowhere(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "spark-submit").touch()
    assert home_of(tmp_path / "bin" / "spark-submit") is None
