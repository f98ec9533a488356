"""`spark.json` is read once; the configuration is the user's, with defaults where he says nothing."""

from __future__ import annotations

import json
import re
import socket

import pytest
from workbench_kernel.spark import settings, surroundings
from workbench_kernel.spark.configuration import complete, for_the_start
from workbench_kernel.spark.settings import Settings

GIB = 1 << 30


@pytest.fixture(autouse=True)
def _a_user_with_a_name(monkeypatch):
    monkeypatch.setattr(surroundings, "user_is_nameless", lambda: False)


def completed(told=None, image=None, environ=None):
    return complete(told or Settings(), "/spool", image or {}, environ or {})


def test_the_file_is_gone_once_it_was_read(tmp_path):
    (tmp_path / "spark.json").write_text(
        json.dumps({"version": 1, "java_home": None, "configuration": {"spark.x": "1"}, "jars": ["/a.jar"], "new": 1})
    )
    told = settings.take(str(tmp_path))
    assert (told.configuration, told.jars, told.java_home) == ({"spark.x": "1"}, ["/a.jar"], None)
    assert list(tmp_path.iterdir()) == []


def test_a_kernel_that_was_started_by_hand_has_none(tmp_path):
    assert settings.take(str(tmp_path)) == Settings()
    assert settings.take(None) == Settings()


def test_a_key_is_named_with_its_line():
    told = Settings(lines={"spark.x": 7})
    assert told.place("spark.x") == "aml_config/spark_dependencies.yml:7: spark.x"
    assert told.place("spark.y") == "spark.y"


def test_what_the_user_sets_goes_before_every_default():
    given = {"spark.ui.port": "4040", "spark.app.name": "mine", "spark.driver.host": "here"}
    chosen = completed(Settings(configuration=given))
    assert {key: chosen[key] for key in given} == given


def test_what_the_image_sets_goes_before_ours():
    assert "spark.ui.port" not in completed(image={"spark.ui.port": "4040"})


def test_nobody_ends_jobs_from_sparks_own_pages_unless_it_is_configured():
    assert completed()["spark.ui.killEnabled"] == "false"
    assert completed(Settings(configuration={"spark.ui.killEnabled": "true"}))["spark.ui.killEnabled"] == "true"


def test_nothing_of_spark_is_put_into_the_project():
    chosen = completed()
    assert chosen["spark.sql.warehouse.dir"] == "/spool/spark-warehouse"
    assert "-Dderby.system.home=/spool" in chosen["spark.driver.defaultJavaOptions"]
    assert chosen["spark.local.dir"]


def test_loopback_is_for_spark_on_this_machine_only():
    assert completed()["spark.driver.host"] == "127.0.0.1"
    assert "spark.driver.host" not in completed(Settings(configuration={"spark.master": "spark://far:7077"}))
    assert "spark.driver.host" not in completed(environ={"MASTER": "yarn"})


def test_a_cluster_is_told_where_it_reaches_the_kernel():
    told = Settings(configuration={"spark.master": "spark://far:7077"})
    assert complete(told, "/spool", {}, {}, "10.1.2.3")["spark.driver.host"] == "10.1.2.3"


def test_the_address_is_the_one_that_a_master_sees():
    with socket.create_server(("127.0.0.1", 0)) as master:
        port = master.getsockname()[1]
        assert surroundings.address_towards(f"spark://127.0.0.1:9,127.0.0.1:{port}") == "127.0.0.1"
    assert surroundings.address_towards("yarn") is None


def test_masters_that_do_not_listen_are_named():
    with pytest.raises(surroundings.MasterSilent, match=r"^127\.0\.0\.1:9 and 127\.0\.0\.1:19$"):
        surroundings.address_towards("spark://127.0.0.1:9,127.0.0.1:19")


@pytest.mark.parametrize(
    ("limit", "given", "memory", "results"),
    [
        (None, {}, None, "256m"),
        (2 * GIB, {}, "1024m", "256m"),
        (8 * GIB, {}, "4096m", "1024m"),
        (GIB // 2, {}, "512m", "128m"),
        (8 * GIB, {"spark.driver.memory": "6g"}, "6g", None),
        (8 * GIB, {"spark.driver.maxResultSize": "2g"}, "4096m", "2g"),
    ],
)
def test_java_gets_half_of_what_the_container_may_use(limit, given, memory, results):
    chosen = completed(Settings(memory_bytes=limit, configuration=given))
    assert (chosen.get("spark.driver.memory"), chosen.get("spark.driver.maxResultSize")) == (memory, results)


def test_fetched_packages_join_the_jars_of_the_configuration():
    told = Settings(configuration={"spark.jars": "mine.jar"}, jars=["/a.jar", "/b.jar"])
    assert completed(told)["spark.jars"] == "mine.jar,/a.jar,/b.jar"


def test_an_archive_that_does_not_fit_says_nothing():
    options = completed(Settings(archive="/env/my spark.jsa"))["spark.driver.defaultJavaOptions"]
    assert '-XX:SharedArchiveFile="/env/my spark.jsa" -Xlog:disable -Xlog:all=error:stderr' in options


def test_secrets_are_not_on_the_command_line():
    start = for_the_start(
        {
            "spark.driver.memory": "2g",
            "spark.jars": "a.jar",
            "spark.hadoop.fs.azure.account.key.x": "k",
            "spark.yarn.token": "t",
            "spark.sql.shuffle.partitions": "4",
        }
    )
    assert start == {"spark.driver.memory": "2g", "spark.jars": "a.jar"}


# ---- variables of the run configuration --------------------------------------------------------------------------
CLUSTER = {"spark.master": "spark://far:7077"}


def for_a_cluster(*names, image=None, environ=None, **configuration):
    told = Settings(variables=names, configuration={**CLUSTER, **configuration})
    return completed(told, image=image, environ=environ)


def test_executors_of_a_cluster_get_the_variables_of_the_run_configuration():
    chosen = for_a_cluster("STAGE", "EMPTY", "UNKNOWN", environ={"STAGE": "test", "EMPTY": "", "OTHER": "x"})
    carried = {key: value for key, value in chosen.items() if key.startswith("spark.executorEnv.")}
    assert carried == {"spark.executorEnv.STAGE": "test", "spark.executorEnv.EMPTY": ""}


def test_without_such_variables_and_on_this_machine_nothing_is_set():
    for chosen in (for_a_cluster(), completed(Settings(variables=["STAGE"]), environ={"STAGE": "test"})):
        assert not [key for key in chosen if key.startswith(("spark.executorEnv.", "spark.redaction."))]


def test_a_variable_that_the_spark_file_gives_to_executors_stays():
    own = {"spark.executorEnv.STAGE": "theirs"}
    chosen = for_a_cluster("STAGE", environ={"STAGE": "here"}, **own)
    assert {key: chosen.get(key) for key in ("spark.executorEnv.STAGE", "spark.redaction.regex")} == {
        "spark.executorEnv.STAGE": "theirs",
        "spark.redaction.regex": None,
    }


@pytest.mark.parametrize("name", ["PATH", "JAVA_HOME", "SPARK_LOCAL_DIRS", "PYSPARK_PYTHON", "HADOOP_CONF_DIR"])
def test_variables_that_are_about_this_machine_stay_on_it(name):
    assert f"spark.executorEnv.{name}" not in for_a_cluster(name, environ={name: "/here"})


def test_the_values_of_variables_are_hidden_and_not_on_the_command_line():
    chosen = for_a_cluster("STAGE", "MY.KEY", environ={"STAGE": "test", "MY.KEY": "hush"})
    hidden = re.compile(chosen["spark.redaction.regex"])
    assert hidden.search("spark.executorEnv.STAGE")
    assert hidden.search("spark.executorEnv.MY.KEY")
    assert hidden.search("spark.ssl.keyPassword")  # as Spark has it
    assert not hidden.search("spark.executorEnv.MY_KEY")
    assert not hidden.search("spark.executorEnv.STAGE_OTHER")
    assert not [key for key in for_the_start(chosen) if "executorEnv" in key]


@pytest.mark.parametrize("place", ["file", "image"])
def test_what_the_user_or_the_image_hides_stays_hidden(place):
    given = {"spark.redaction.regex": "(?i:hush)|quiet"}
    options = {"image": given} if place == "image" else given
    hidden = re.compile(for_a_cluster("STAGE", environ={"STAGE": "x"}, **options)["spark.redaction.regex"])
    assert [bool(hidden.search(key)) for key in ("spark.HUSH", "spark.executorEnv.STAGE", "spark.password")] == [
        True,
        True,
        False,
    ]


def test_a_user_without_a_name_gets_one_and_a_home(monkeypatch):
    monkeypatch.setattr(surroundings, "user_is_nameless", lambda: True)
    monkeypatch.setattr(surroundings, "nameless_user", lambda: "uid1234")
    options = completed()["spark.driver.defaultJavaOptions"]
    assert '-Duser.name=uid1234 "-Duser.home=/spool"' in options
    environ = {}
    surroundings.prepare(Settings(), environ)
    assert environ["SPARK_USER"] == environ["HADOOP_USER_NAME"] == "uid1234"


def test_java_is_missed_before_a_shell_script_misses_it(tmp_path):
    with pytest.raises(surroundings.JavaMissing, match=r"^JAVA_HOME is not set, and there is no `java` on the PATH$"):
        surroundings.check_java({"PATH": str(tmp_path)})
    with pytest.raises(surroundings.JavaMissing, match=f"^JAVA_HOME is {tmp_path}, and there is no bin/java in it$"):
        surroundings.check_java({"JAVA_HOME": str(tmp_path)})


def test_the_defaults_of_an_image_are_read_as_spark_reads_them(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/spark-defaults.conf").write_text("# mine\nspark.a  1\nspark.b=x y\n\nspark.c\n")
    assert surroundings.defaults_of(str(tmp_path), {}) == {"spark.a": "1", "spark.b": "x y"}
    assert surroundings.defaults_of(None, {"SPARK_CONF_DIR": str(tmp_path / "nowhere")}) == {}
