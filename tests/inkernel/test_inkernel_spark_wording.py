"""Messages of Spark keep what the user can act on, and lose Java's frames and pyspark's own."""

from __future__ import annotations

import pytest
from workbench_kernel.spark import causes
from workbench_kernel.spark.settings import Settings
from workbench_kernel.spark.surroundings import JavaMissing
from workbench_kernel.spark.wording import without_java

OF_A_JOB = """An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 failed: Traceback (most recent call last):
  File "/usr/lib/pyspark/worker.py", line 1247, in main
    process()
    ~~~~~~~^^
  File "<ipython-input-1>", line 1, in <lambda>
    1 / x
ZeroDivisionError: division by zero

\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException(PythonRunner.scala:572)
\t... 1 more

Driver stacktrace:
\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2856)
Caused by: org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "<ipython-input-1>", line 1, in <lambda>
\t... 1 more
"""


def test_a_failed_job_is_told_in_the_words_of_python():
    assert without_java(OF_A_JOB) == (
        "Job aborted due to stage failure: Task 0 failed: Traceback (most recent call last):\n"
        '  File "<ipython-input-1>", line 1, in <lambda>\n'
        "    1 / x\n"
        "ZeroDivisionError: division by zero"
    )


def test_where_only_the_cause_says_what_it_is_it_is_told():
    message = (
        "An error occurred while calling o109.getResult.\n"
        ": org.apache.spark.SparkException: Exception thrown in awaitResult: \n"
        "\tat org.apache.spark.util.SparkThreadUtils$.awaitResult(SparkThreadUtils.scala:56)\n"
        "Caused by: org.apache.spark.SparkException: Job aborted: too large\n\tat a.B$.c(D.scala:1)\n"
        "Caused by: java.io.IOException: once more\n"
    )
    assert without_java(message) == "Job aborted: too large"


def test_a_message_of_one_line_is_left_as_it_is():
    assert without_java("[PATH_NOT_FOUND] Path does not exist: file:/x.csv") == (
        "[PATH_NOT_FOUND] Path does not exist: file:/x.csv"
    )


@pytest.mark.parametrize(
    ("message", "help_"),
    [
        (
            "Total size of results of 8 tasks (1100.0 MiB) is bigger than spark.driver.maxResultSize (256.0 MiB)",
            "Take fewer rows to Python (`df.limit(1000).toPandas()`, `df.show()`), or write them to files "
            "(`df.write.parquet(...)`), or raise spark.driver.maxResultSize in aml_config/spark_dependencies.yml.",
        ),
        (
            "java.lang.OutOfMemoryError: Java heap space",
            "Java's memory is used up. Take fewer rows to Python (`df.limit(1000).toPandas()`, `df.show()`), "
            "or write them to files (`df.write.parquet(...)`), "
            "or raise spark.driver.memory in aml_config/spark_dependencies.yml.",
        ),
        (
            "[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.9 than that in driver: 3.11",
            "Workers use the Python that PYSPARK_PYTHON names: it must be of the version of this kernel's.",
        ),
        ("[DIVIDE_BY_ZERO] Division by zero.", None),
    ],
)
def test_a_message_is_followed_by_what_helps(message, help_):
    assert causes.of_cell(message, Settings()) == help_


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "java.lang.UnsupportedClassVersionError: org/apache/spark/launcher/Main has been compiled by a more recent "
            "version of the Java Runtime (class file version 61.0), this version of the Java Runtime only "
            "recognizes class file versions up to 52.0",
            "Spark could not start: this Spark needs Java 17 or newer, and this one is Java 8 - "
            "name another one with JAVA_HOME, then restart the kernel.",
        ),
        (
            "Error occurred during initialization of boot layer\n"
            "java.lang.module.FindException: Module jdk.incubator.vector not found",
            "Spark could not start: this Java lacks a module that this Spark needs - "
            "name another one with JAVA_HOME, then restart the kernel.",
        ),
        (
            "java.lang.UnsupportedOperationException: getSubject is not supported",
            "Spark could not start: this Java does not fit this Spark - "
            "name another one with JAVA_HOME, then restart the kernel (17 suits Spark 3.3 and newer).",
        ),
        (
            "Error occurred during initialization of VM\nCould not reserve enough space for 2097152KB object heap",
            "Spark could not start: there is too little memory for Java - "
            "give it less with spark.driver.memory, or more memory to the machine or the container.",
        ),
        (
            "Invalid maximum heap size: -Xmxlots\nError: Could not create the Java Virtual Machine.",
            "Spark could not start: aml_config/spark_dependencies.yml:7: spark.driver.memory: "
            "expected an amount such as 2g, got 'lots'.",
        ),
        (
            "org.apache.spark.SparkException: Could not parse Master URL: 'nonsense'",
            "Spark could not start: aml_config/spark_dependencies.yml:9: spark.master: "
            "expected local[*], spark://HOST:PORT or yarn.",
        ),
        (
            "java.lang.IllegalArgumentException: spark.executor.cores should be int, but was many",
            "Spark could not start: aml_config/spark_dependencies.yml:8: spark.executor.cores: "
            "should be int, but was many.",
        ),
        (
            "java.net.UnknownHostException: myhost: myhost: Name or service not known",
            "Spark could not start: the host name 'myhost' leads nowhere - set spark.driver.host or SPARK_LOCAL_IP.",
        ),
        ("", "Spark could not start: Java ended without a word, perhaps for want of memory (RuntimeError)."),
    ],
)
def test_why_spark_did_not_start_is_one_sentence(said, sentence):
    keys = {"spark.driver.memory": 7, "spark.executor.cores": 8, "spark.master": 9}
    told = Settings(configuration=dict.fromkeys(keys, "x"), lines=keys)
    assert causes.of_start(RuntimeError("[JAVA_GATEWAY_EXITED]"), said, told) == sentence


def test_what_is_not_installed_is_named():
    assert causes.of_start(JavaMissing("JAVA_HOME is not set, and there is no `java` on the PATH"), "", Settings()) == (
        "Spark could not start: JAVA_HOME is not set, and there is no `java` on the PATH - "
        "install a Java (Debian: openjdk-17-jre-headless) and run the cell again, "
        "or set JAVA_HOME and restart the kernel."
    )
    assert causes.of_start(ModuleNotFoundError("No module", name="pyspark"), "", Settings()) == (
        "Spark could not start: this Python has no pyspark - install it, then run the cell again."
    )


@pytest.mark.parametrize(
    ("limit", "place"),
    [
        (200 * 1024**2, "the container is used up, its limit is 200 MiB (`memory` of its compute target)"),
        (None, "the machine is used up"),
    ],
)
def test_a_java_that_was_killed_for_want_of_memory_is_told_with_the_limit(limit, place):
    told = Settings(memory_bytes=limit)
    assert causes.of_start(RuntimeError("[JAVA_GATEWAY_EXITED]"), "", told, was_killed=True) == (
        f"Spark could not start: Java was killed: the memory of {place} - give it less with spark.driver.memory, or "
        "more memory to the machine or the container."
    )
