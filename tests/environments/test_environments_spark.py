"""`spark_dependencies.yml` -> what Spark is started with and what is fetched for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from jupyter_workbench.config.models import RunConfiguration
from jupyter_workbench.environments.spark import Package, SparkSpec, read_spark_spec
from jupyter_workbench.environments.spec import read_spec
from jupyter_workbench.errors import ConfigurationError

FILE = "aml_config/spark_dependencies.yml"


@pytest.fixture
def spark_of(a_project: Path) -> Callable[..., SparkSpec]:
    """Read a Spark file of this text."""

    def read(text: str, **settings: object) -> SparkSpec:
        (a_project / FILE).write_text(dedent(text))
        return read_spark_spec(a_project, RunConfiguration(name="docker", target="docker", **settings))

    return read


@pytest.fixture
def problems_of(spark_of) -> Callable[[str], list[str]]:
    """Return why a Spark file of this text is refused."""

    def read(text: str) -> list[str]:
        with pytest.raises(ConfigurationError) as error:
            spark_of(text)
        return str(error.value).splitlines()

    return read


def test_without_a_file_nothing_is_asked_for(a_project):
    assert read_spark_spec(a_project, RunConfiguration(name="docker", target="docker")) == SparkSpec(FILE)


def test_a_file_that_the_run_configuration_names_has_to_be_there(a_project):
    configuration = RunConfiguration(name="docker", target="docker", spark_dependencies_file="gone.yml")
    with pytest.raises(ConfigurationError, match=r"^gone.yml: expected a file, got none - "):
        read_spark_spec(a_project, configuration)


def test_settings_of_any_kind_become_the_text_that_spark_reads(spark_of):
    spark = spark_of(
        """
        version: 2
        configuration:
          spark.yarn.maxAppAttempts: 1
          "spark.executor.memory": "8g"
          spark.speculation: True
          spark.eventLog.enabled: no
          spark.app.name: "yes"
          spark.memory.fraction: 0.60
          spark.nothing:
        """
    )
    assert dict(spark.configuration) == {
        "spark.yarn.maxAppAttempts": "1",
        "spark.executor.memory": "8g",
        "spark.speculation": "true",
        "spark.eventLog.enabled": "false",
        "spark.app.name": "yes",
        "spark.memory.fraction": "0.60",
    }
    assert spark.lines["spark.executor.memory"] == 5


def test_packages_and_repositories_keep_their_lines(spark_of):
    spark = spark_of(
        """
        repositories:
        - https://maven.example.com/releases
        packages:
        - group: org.example
          artifact: thing_2.13
          version: 1.10
        """
    )
    assert spark.packages == (Package("org.example:thing_2.13:1.10", 5),)
    assert [(one.address, one.line) for one in spark.repositories] == [("https://maven.example.com/releases", 3)]


def test_packages_among_the_settings_are_fetched_as_the_others_and_not_left_to_spark(spark_of):
    spark = spark_of(
        """
        configuration:
          spark.jars.packages: org.example:one:1.0, org.example:two:2.0
          spark.jars.repositories: https://maven.example.com
          spark.jars.excludes: org.example:three
        """
    )
    assert [package.coordinate for package in spark.packages] == ["org.example:one:1.0", "org.example:two:2.0"]
    assert [(one.address, one.line) for one in spark.repositories] == [("https://maven.example.com", 4)]
    assert (spark.excludes, dict(spark.configuration)) == (("org.example:three",), {})


def test_a_repository_may_be_a_folder_relative_to_the_project(spark_of, a_project):
    (a_project / "maven").mkdir()
    spark = spark_of("repositories:\n- file:maven\n")
    assert spark.folders == (a_project / "maven",)


def test_a_repository_that_is_no_folder_is_refused_with_its_line(problems_of):
    assert problems_of("repositories:\n- file:///no/maven\n") == [
        f"{FILE}:2: repositories: expected a folder that is on this machine, got a path where there is none - "
        "correct it"
    ]


def test_the_file_that_workbench_wrote_is_explained_line_by_line(problems_of):
    text = """\
        version: 2
        repositories:
          - "https://dl.bintray.com/spark-packages/maven"
        packages:
          - group: "com.microsoft.ml.spark"
            artifact: "mmlspark_2.11"
            version: "<0.4..0.9.9>"
          - group: "com.example"
            artifact: "reader_2.11"
            version: "1.0"
          - group: "com.microsoft.sqlserver"
            artifact: "mssql-jdbc"
            version: "[6.2,7)"
        """
    assert problems_of(text) == [
        f"{FILE}:3: repositories: expected a repository that answers, got dl.bintray.com, which was switched off - "
        "remove it: take `https://repos.spark-packages.org` for packages of spark-packages.org",
        f"{FILE}:5: packages: expected a package that can be had, got "
        "`com.microsoft.ml.spark:mmlspark_2.11:<0.4..0.9.9>`, which was made for Spark 2 and is called SynapseML "
        "today - "
        "write `com.microsoft.azure:synapseml_2.12:1.1.1`, which is for Spark 3.5, or remove the package",
        f"{FILE}:8: packages: expected a package for Scala 2.12 (Spark 3) or 2.13 (Spark 4), got `reader_2.11`, "
        "which is "
        "for Scala 2.11 and Spark 2 - look for a newer one of the same name, or remove it",
        f"{FILE}:11: packages: expected one version, got the range `[6.2,7)` - write the version that you want",
    ]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "central",
            "expected the address of a Maven repository, got `central` - begin it with `https://` or `file:`",
        ),
        (
            "http://repo1.maven.org/maven2",
            "expected Maven Central by https, got http, which it refuses - remove it: Maven Central is always asked",
        ),
    ],
)
def test_an_address_that_cannot_be_a_repository_is_refused(problems_of, address, message):
    assert problems_of(f"repositories:\n- {address}\n") == [f"{FILE}:2: repositories: {message}"]


def test_a_package_that_is_not_whole_is_refused(problems_of):
    assert problems_of("configuration:\n  spark.jars.packages: org.example:thing\n") == [
        f"{FILE}:2: packages: expected a package such as `org.example:thing_2.13:1.0`, got `org.example:thing` - "
        "write group, artifact and one version"
    ]


def test_java_and_spark_may_be_named_by_variables_of_the_run_configuration(spark_of):
    spark = spark_of("packages: []\n", environment_variables={"JAVA_HOME": "/opt/java", "SPARK_HOME": "/opt/spark"})
    assert (spark.java_home, spark.spark_home) == ("/opt/java", "/opt/spark")


def test_variables_of_the_run_configuration_are_known_by_their_names_alone(spark_of):
    spark = spark_of("packages: []\n", environment_variables={"STAGE": "test", "KEY": "hush", "GONE": None})
    assert spark.variables == ("STAGE", "KEY")
    assert "hush" not in repr(spark)


def test_settings_are_kept_out_of_logs(spark_of):
    spark = spark_of(
        "configuration:\n  spark.hadoop.fs.s3a.secret.key: hush\nrepositories:\n- https://me:hush@example.com/maven\n"
    )
    assert "hush" not in repr(spark)


def test_the_problems_of_both_files_are_told_at_once(a_project):
    (a_project / "aml_config/conda_dependencies.yml").write_text("dependencies:\n- os=1=2=3 4\n- r-base\n")
    (a_project / FILE).write_text("repositories:\n- central\n")
    with pytest.raises(ConfigurationError) as error:
        read_spec(a_project, RunConfiguration(name="docker", target="docker"))
    assert "aml_config/conda_dependencies.yml:" in str(error.value)
    assert f"{FILE}:2:" in str(error.value)


def test_a_python_run_configuration_does_not_read_it(a_project):
    (a_project / FILE).write_text("repositories:\n- central\n")
    assert read_spec(a_project, RunConfiguration(name="docker", target="docker", framework="Python")).spark is None
