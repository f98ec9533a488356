"""Real kernels with real Spark: it is there at once, an interrupt ends its jobs, and what fails says why."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from statistics import median

import pytest

from .kernels import (
    ANSWER_SECONDS,
    AT_MOST_SECONDS,
    JOBS_PROMISED_SECONDS,
    OLDER,
    PAUSE_SECONDS,
    PROMISED_SECONDS,
    SparkKernel,
    python_with_spark,
    wait_until_gone,
)

pytestmark = [pytest.mark.live, pytest.mark.timeout(400)]

NAMES = "print(type(spark).__name__, type(sc).__name__, type(sqlContext).__name__, sql('select 7').first()[0])"
COUNT = "spark.range(1000).selectExpr('sum(id)').collect()[0][0]"
SQUARES = "sc.parallelize(range(10)).map(lambda x: x * x).sum()"

SLEEPING = "sc.parallelize(range(4), 4).map(lambda x: __import__('time').sleep(60)).collect()"
COUNTING = "sc.parallelize(range(4), 4).map(lambda x: sum(range(10**9))).collect()"
SQL = "spark.range(10**12).selectExpr('sum(sqrt(id + sin(id)))').collect()"
SHORT_JOBS = "while True: spark.range(10).count()"


@pytest.fixture
def started(tmp_path):
    """Starts a kernel that is gone at the end of the test."""
    kernels = []

    def start(*, python=None, **options):
        kernels.append(SparkKernel(tmp_path, python or python_with_spark(), **options))
        return kernels[-1].started()

    yield start
    for kernel in kernels:
        kernel.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A kernel for all tests that leave it as it was."""
    kernel = SparkKernel(tmp_path_factory.mktemp("shared"), python_with_spark())
    yield kernel.started()
    kernel.stop()


def tables(cell):
    """What a cell shows, but for the wait for Spark and how far its jobs are: on a busy machine these come as well."""
    return [text for text in cell.displays if text and not text.startswith(("Waiting for Spark", "Spark: "))]


# ---- at the start --------------------------------------------------------------------------------
def test_a_cell_without_spark_does_not_wait_and_one_with_it_waits_visibly(started):
    kernel = started()
    assert not (kernel.spool / "spark.json").exists()
    assert kernel.cell("1 + 1").displays == []
    first = kernel.cell("print(type(spark).__name__)")
    assert re.fullmatch(r"Waiting for Spark to start \([12] s\)", first.displays[0])
    assert first.displays[-1] == ""
    assert (first.stdout, first.stderr) == ("SparkSession\n", "")


def test_the_names_are_the_real_objects_and_hidden(shared):
    assert shared.cell(NAMES).stdout == "SparkSession SparkContext SQLContext 7\n"
    assert shared.cell("%who").stdout == "Interactive namespace is empty.\n"


def test_the_session_of_the_user_is_that_of_the_kernel(shared):
    code = "from pyspark.sql import SparkSession\nprint(SparkSession.builder.appName('x').getOrCreate() is spark)"
    assert shared.cell(code).stdout == "True\n"


def test_nothing_is_written_into_the_project(shared):
    shared.cell("spark.range(3).write.saveAsTable('numbers'); spark.range(1000).repartition(5).orderBy('id').collect()")
    assert list(shared.project.iterdir()) == []


def test_a_name_that_the_user_has_bound_is_his(started):
    kernel = started()
    assert kernel.cell("sql, sc = 'select 1', None").status == "ok"
    assert kernel.cell(COUNT).result == "499500"
    assert kernel.cell("print(sql, sc)").stdout == "select 1 None\n"


@pytest.mark.parametrize(
    "imported",
    [
        "from pyspark.sql import SparkSession",
        "SparkSession = __import__('importlib').import_module('pyspark.sql').SparkSession",
    ],
    ids=["import", "import_module"],
)
def test_a_module_in_the_first_cell_meets_the_session_of_the_kernel(started, imported):
    kernel = started(spark={"configuration": {"spark.sql.shuffle.partitions": "3"}})
    (kernel.project / "etl.py").write_text(f"{imported}\nSPARK = SparkSession.builder.appName('etl').getOrCreate()\n")
    cell = kernel.cell("import etl\nprint(etl.SPARK.conf.get('spark.sql.shuffle.partitions'))")
    assert (cell.status, cell.stdout) == ("ok", "3\n")
    assert kernel.cell("print(etl.SPARK.sparkContext is sc, sc.appName)").stdout == "True my iris spark\n"


def test_variables_of_the_run_configuration_reach_the_workers(started):
    kernel = started(spark={"variables": ["STAGE"]}, env={"STAGE": "test of iris"})
    mapped = "print(sc.parallelize([0]).map(lambda _: __import__('os').environ['STAGE']).collect())"
    assert kernel.cell(mapped).stdout == "['test of iris']\n"


def test_an_interrupt_while_spark_starts_leaves_it_starting(started):
    kernel = started()
    cell, seconds = kernel.interrupted(COUNT, after=0.3)
    assert cell.error == ("KeyboardInterrupt", "Spark goes on starting")
    assert seconds < AT_MOST_SECONDS
    assert "workbench_kernel" not in cell.traceback
    assert kernel.cell(COUNT).result == "499500"


def test_the_older_spark_does_the_same(started):
    kernel = started(python=python_with_spark(OLDER))
    assert kernel.cell(NAMES).stdout == "SparkSession SparkContext SQLContext 7\n"
    assert kernel.cell(SQUARES).result == "285"
    cell, seconds = kernel.interrupted(SLEEPING)
    assert (cell.error, seconds < AT_MOST_SECONDS) == (("KeyboardInterrupt", ""), True)
    kernel.wait_for_jobs_to_end()
    assert kernel.cell(COUNT).result == "499500"
    assert kernel.cell("spark.sql('selec 1')").error[0] == "ParseException"
    assert tables(kernel.cell("%sql SELECT 1 AS a")) == ["a\n1\n1 row"]
    assert "local[*]" in kernel.cell("%azureml spark").displays[0]
    assert kernel.cell("spark.stop()").status == "ok"
    assert kernel.cell(SQUARES).result == "285"


def of_another_program(file):
    command = ["java", f"-XX:ArchiveClassesAtExit={file}", "-cp", str(file.parent), "-version"]
    subprocess.run(command, check=True, capture_output=True)
    assert file.stat().st_size > 1000


@pytest.mark.parametrize(
    "make",
    [lambda file: None, lambda file: file.write_text("no archive"), of_another_program],
    ids=["not there", "broken", "of another program"],
)
def test_an_archive_of_classes_that_does_not_fit_is_passed_over_without_a_word(started, tmp_path, make):
    archive = tmp_path / "classes.jsa"
    make(archive)
    kernel = started(spark={"archive": str(archive)})
    cell = kernel.cell(COUNT)
    assert (cell.result, cell.stderr) == ("499500", "")
    java = kernel.cell("print(sc._gateway.proc.pid)").stdout.strip()
    assert f"-XX:SharedArchiveFile={archive}".encode() in Path(f"/proc/{java}/cmdline").read_bytes()
    said = (kernel.spool / "spark.log").read_text().lower()
    assert not [word for word in ("archive", "shared class", "[cds]", "classes.jsa") if word in said]


@pytest.mark.parametrize(
    ("spark", "sentence"),
    [
        (
            {"configuration": {"spark.driver.memory": "lots"}, "lines": {"spark.driver.memory": 3}},
            "Spark could not start: aml_config/spark_dependencies.yml:3: spark.driver.memory: "
            "expected an amount such as 2g, got 'lots'.",
        ),
        (
            {"configuration": {"spark.serializer": "no.such.Class"}, "lines": {"spark.serializer": 4}},
            "Spark could not start: aml_config/spark_dependencies.yml:4: spark.serializer: "
            "there is no class no.such.Class.",
        ),
        (
            {"configuration": {"spark.master": "spark://127.0.0.1:9"}, "lines": {"spark.master": 5}},
            "Spark could not start: aml_config/spark_dependencies.yml:5: spark.master: 127.0.0.1:9 does not answer - "
            "start it, or name another one.",
        ),
        (
            {"java_home": "/nowhere"},
            "Spark could not start: JAVA_HOME is /nowhere, and there is no bin/java in it - "
            "install a Java (Debian: openjdk-17-jre-headless) and run the cell again, "
            "or set JAVA_HOME and restart the kernel.",
        ),
    ],
    ids=["memory", "class", "master", "java"],
)
def test_a_spark_that_cannot_start_is_one_sentence_and_other_cells_run(started, spark, sentence):
    kernel = started(spark=spark)
    for _ in range(2):
        cell = kernel.cell("spark.range(5)")
        assert cell.error == ("SparkNotStarted", sentence)
        assert "File" not in cell.traceback
    assert kernel.cell("print(1 + 1)").stdout == "2\n"


# ---- errors --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "name", "words"),
    [
        (
            "sc.parallelize([0]).map(lambda x: 1 / x).collect()",
            "PythonException",
            "ZeroDivisionError: division by zero",
        ),
        ("spark.sql('select * from nowhere')", "AnalysisException", "[TABLE_OR_VIEW_NOT_FOUND]"),
        ("spark.read.csv('nowhere.csv')", "AnalysisException", "[PATH_NOT_FOUND]"),
        ("sc.textFile('nowhere.txt').count()", "Py4JJavaError", "Input path does not exist"),
    ],
)
def test_errors_of_spark_show_no_java_and_nothing_of_pyspark(shared, code, name, words):
    cell = shared.cell(code)
    assert cell.error[0] == name
    assert words in cell.error[1]
    assert words in cell.traceback
    for trace in (cell.error[1], cell.traceback):
        assert "\tat " not in trace
        assert "py4j/" not in trace
        assert "pyspark/" not in trace
    assert cell.stderr == ""


# ---- interrupts ----------------------------------------------------------------------------------
def test_twenty_interrupts_in_a_row_end_the_jobs_and_leave_results_right(shared):
    shared.cell(COUNT)
    took, jobs_took = [], []
    for turn in range(20):
        code = (SLEEPING, SQL, COUNTING, SHORT_JOBS)[turn % 4]
        cell, seconds = shared.interrupted(code, after=0.2 + turn * 0.1)
        took.append(seconds)
        assert cell.error == ("KeyboardInterrupt", ""), (turn, cell.error)
        assert cell.stderr == "", turn
        assert "workbench_kernel" not in cell.traceback, turn
        jobs_took.append(shared.wait_for_jobs_to_end())
        assert shared.cell(COUNT).result == "499500"
        assert shared.cell(SQUARES).result == "285"
    assert median(took) < PROMISED_SECONDS, took
    assert max(took) < AT_MOST_SECONDS, took
    assert median(jobs_took) < JOBS_PROMISED_SECONDS, jobs_took


def test_an_interrupt_of_a_cell_without_spark_is_pythons_own(shared):
    cell, seconds = shared.interrupted("import time\ntime.sleep(60)", after=0.5)
    assert (cell.error, seconds < AT_MOST_SECONDS) == (("KeyboardInterrupt", ""), True)
    assert "time.sleep" in cell.traceback
    assert "workbench_kernel" not in cell.traceback


def test_an_interrupt_ends_the_jobs_of_a_session_that_the_user_has_made(started):
    kernel = started()
    kernel.cell("from pyspark.sql import SparkSession\nspark.stop()\nspark = SparkSession.builder.getOrCreate()")
    cell, seconds = kernel.interrupted(SLEEPING.replace("sc.", "spark.sparkContext."), after=2)
    assert (cell.error, seconds < AT_MOST_SECONDS) == (("KeyboardInterrupt", ""), True)
    kernel.wait_for_jobs_to_end()


# ---- ends ----------------------------------------------------------------------------------------
def test_after_stop_there_is_a_new_session_with_the_same_settings(started):
    kernel = started(spark={"configuration": {"spark.sql.shuffle.partitions": "3"}})
    kernel.cell("spark.stop()")
    cell = kernel.cell("print(spark.range(7).count(), spark.conf.get('spark.sql.shuffle.partitions'), sc.appName)")
    assert cell.stdout == "Spark was stopped. A new session with the same settings is starting.\n7 3 my iris spark\n"
    assert kernel.cell(SQUARES).result == "285"


def test_a_kernel_that_is_shut_down_ends_by_itself(started):
    kernel = started()
    kernel.cell("import atexit\natexit.register(lambda: open('ended', 'w').close())\n" + COUNT)
    kernel.manager.shutdown_kernel()
    assert (kernel.project / "ended").exists()


def test_a_killed_java_is_told_and_replaced(started):
    kernel = started()
    pid = int(kernel.cell("print(sc._gateway.proc.pid)").stdout)
    request = kernel.send(SLEEPING)
    os.kill(pid, signal.SIGKILL)
    assert kernel.shown(request).error[1] == (
        "Java, in which Spark ran, was killed (SIGKILL), most often because the memory was used up. "
        "The next cell that names `spark` gets a new session; DataFrames that were made before are lost."
    )
    cell = kernel.cell("print(spark.range(7).count())")
    assert cell.stdout == (
        "Java, in which Spark ran, was killed (SIGKILL), most often because the memory was used up. "
        "A new session with the same settings is starting.\n7\n"
    )


def test_ten_million_rows_taken_by_mistake_are_an_error_and_the_kernel_lives(started):
    kernel = started(spark={"memory_bytes": 2400 << 20})
    cell = kernel.cell("x = 5\nrows = spark.range(10_000_000).collect()")
    assert cell.error == (
        "ResultTooLarge",
        "The rows do not fit into the memory of this kernel. Take fewer rows to Python "
        "(`df.limit(1000).toPandas()`, `df.show()`), or write them to files (`df.write.parquet(...)`).",
    )
    assert "pyspark/" not in cell.traceback
    assert kernel.cell(f"print(x, {COUNT})").stdout == "5 499500\n"


def test_a_result_that_spark_refuses_says_what_helps(started):
    kernel = started(spark={"configuration": {"spark.driver.maxResultSize": "1m"}})
    help_ = (
        "Take fewer rows to Python (`df.limit(1000).toPandas()`, `df.show()`), or write them to files "
        "(`df.write.parquet(...)`), or raise spark.driver.maxResultSize in aml_config/spark_dependencies.yml."
    )
    cell = kernel.cell("spark.range(10_000_000).collect()")
    assert cell.error[1].endswith(help_)
    assert "\tat " not in cell.traceback
    assert kernel.cell(COUNT).result == "499500"


def test_a_java_whose_memory_is_used_up_is_replaced(started):
    kernel = started(spark={"configuration": {"spark.driver.memory": "512m"}})
    cell = kernel.cell("len(sc.parallelize([0]).map(lambda x: bytes(600 << 20)).collect())")
    assert cell.status == "error"
    assert kernel.cell(f"print({COUNT})").stdout.endswith("499500\n")


@pytest.mark.parametrize("code", [SLEEPING, COUNTING], ids=["sleeping", "counting"])
def test_nothing_is_left_of_a_kernel_that_was_killed(started, code):
    kernel = started()
    kernel.cell(SQUARES)
    kernel.send(code)
    kernel.wait_for_tasks(2)
    family = kernel.processes()
    assert len(family) >= 4  # the kernel, Java, the daemon of the workers and a worker
    os.kill(kernel.pid, signal.SIGKILL)
    wait_until_gone(family, seconds=5)


def test_nothing_is_left_of_a_kernel_that_was_killed_while_java_starts(started):
    kernel = started()
    family = family_with(kernel, b"org.apache.spark.deploy.SparkSubmit")
    os.kill(kernel.pid, signal.SIGKILL)
    wait_until_gone(family, seconds=5)


def test_a_java_that_does_not_even_read_yet_ends_with_its_kernel(started, tmp_path):
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    launcher = f'case "$*" in *launcher.Main*) exec {shutil.which("java")} "$@";; esac'
    java.write_text(f"#!/bin/bash\n{launcher}\nexec sleep 60\n")
    java.chmod(0o755)
    kernel = started(spark={"java_home": str(java.parents[1])})
    family = family_with(kernel, b"sleep\0")
    os.kill(kernel.pid, signal.SIGKILL)
    wait_until_gone(family, seconds=5)


def family_with(kernel, command):
    """The processes of a kernel, as soon as one has this in its command."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        family = kernel.processes()
        if any(command in read(Path(f"/proc/{pid}/cmdline")) for pid in family):
            return family
        assert time.monotonic() < deadline, f"no {command!r} has started"
        time.sleep(PAUSE_SECONDS)


def read(file):
    """What a file holds; its process may just have ended."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


# ---- what is shown -------------------------------------------------------------------------------
def test_a_job_shows_how_far_it_is_and_ends_in_one_line(shared):
    shared.cell(COUNT)  # so that nothing is shown of the wait for Spark
    cell = shared.cell("sc.parallelize(range(4), 4).map(lambda x: __import__('time').sleep(3)).count()")
    assert "Spark: 1 job, 0 of 1 stage done, 0 of 4 tasks done" in cell.displays[0]
    assert "<progress" in cell.html[0]
    # Spark may tell the last tasks later than the end of a cell waits for.
    assert re.fullmatch(r"Spark: 1 job, 1 stage, 4 tasks(, \d+ done)? in \d+ s", cell.displays[-1])
    assert "<progress" not in cell.html[-1]


def test_a_cell_without_jobs_shows_nothing(shared):
    assert shared.cell("import time\ntime.sleep(1.5)").displays == []


def test_a_query_in_the_background_is_shown_in_no_cell(shared):
    work = "def work(rows, _):\n    sc.parallelize([0]).map(lambda x: __import__('time').sleep(1)).count()\n"
    shared.cell(work + "query = spark.readStream.format('rate').load().writeStream.foreachBatch(work).start()")
    cell = shared.cell(
        "import time\n"
        "def batch(): return (query.lastProgress or {'batchId': -1})['batchId']\n"
        "last = batch() + 3\n"
        "while batch() < last: time.sleep(0.1)\n"
        "print(query.isActive)"
    )
    shared.cell("query.stop()")
    assert (cell.stdout, cell.displays) == ("True\n", [])


def test_sql_is_shown_as_a_table_and_kept_on_request(shared):
    cell = shared.cell("%%sql squares\nSELECT id, id * id AS square FROM range(30)")
    (table,) = tables(cell)
    assert table.startswith("id  square\n0   0\n1   1\n")
    assert table.endswith("the first 20 rows; there are more")
    assert shared.cell("squares.count()").result == "30"
    failed = shared.cell("%%sql\nSELECT x FROM nowhere")
    assert failed.error[0] == "AnalysisException"
    assert "workbench_kernel" not in failed.traceback


def test_the_magic_says_what_spark_it_is(shared):
    (shown,) = shared.cell("%azureml spark").displays
    assert [line.split("  ")[0] for line in shown.split("\n")] == [
        "Spark",
        "Java",
        "Master",
        "Application",
        "Executors",
        "Memory",
        "UI",
    ]
    assert "local[*]" in shown
    assert "my iris spark" in shown
    assert "cannot be reached from Jupyter" in shown


# ---- beside the run history ----------------------------------------------------------------------
def test_runs_of_cells_with_spark_end_as_the_cells_did(started):
    kernel = started()
    on = "from azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()\n%azureml history on"
    kernel.cell(on)
    kernel.cell(f"logger.log('rows', int({COUNT}))")
    assert kernel.values() == [("rows", 499500)]
    for turn in range(4):
        cell, seconds = kernel.interrupted((SLEEPING, SQL)[turn % 2])
        assert (cell.error, seconds < AT_MOST_SECONDS) == (("KeyboardInterrupt", ""), True)
    kernel.cell("spark.sql('selec 1')")
    assert [(record["status"], (record["error"] or {}).get("name")) for record in kernel.records("end")] == [
        ("Completed", None),
        ("Completed", None),
        *[("Canceled", "KeyboardInterrupt")] * 4,
        ("Failed", "ParseException"),
    ]
