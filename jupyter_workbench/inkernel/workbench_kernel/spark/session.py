"""The Spark session of this kernel: made in a JVM of ours, forgotten when that has ended."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, Mapping, Optional

from . import configuration, launching, surroundings

ENDING_SECONDS = 10.0


@dataclass(frozen=True)
class Session:
    """What is in the user's namespace, and the gateway to the JVM behind it."""

    gateway: Any
    context: Any
    spark: Any

    def names(self) -> Dict[str, Any]:
        """Return what the user calls these things."""
        names = {"spark": self.spark, "sc": self.context, "sql": self.spark.sql}
        try:
            from pyspark.sql import SQLContext
        except ImportError:  # deprecated since Spark 3
            return names
        names["sqlContext"] = SQLContext(self.context, self.spark)
        return names

    def is_stopped(self) -> bool:
        """Whether its context was stopped, by the user or by the cluster."""
        java = self.context._jsc
        return java is None or bool(java.sc().isStopped())


def make(settings: Mapping[str, str], log: str, claimed: Callable[[], object]) -> Session:
    """Start the JVM unless one runs, and the session in it; whoever asks pyspark for one meanwhile waits and meets it.

    ``claimed`` is called as soon as that is so. The errors are pyspark's: `causes` has the words for them.
    """
    from pyspark import SparkContext

    former = SparkContext._gateway
    try:
        return _made(settings, log, claimed)
    except Exception:
        if former is None or launching.end_of(former, ENDING_SECONDS) is None:
            raise
    return _made(settings, log, claimed)  # the former JVM was just ending: it had no memory left, for example


def _made(settings: Mapping[str, str], log: str, claimed: Callable[[], object]) -> Session:
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    with SparkSession.Builder._lock, SparkContext._lock:  # in the order in which pyspark takes them
        claimed()
        if SparkContext._gateway is not None and launching.has_ended(SparkContext._gateway):
            forget_jvm()
        if SparkContext._gateway is None:
            SparkContext._gateway = launching.launch(configuration.for_the_start(settings), log)
            SparkContext._jvm = SparkContext._gateway.jvm
            _name_the_user(SparkContext._jvm)
        context = active_context()
        if context is None:
            conf = SparkConf()
            for key, value in settings.items():
                conf.set(key, value)
            context = SparkContext(conf=conf)
            if "spark.log.level" not in settings:
                context.setLogLevel("ERROR")
        spark = SparkSession.builder.getOrCreate()
        spark._jsparkSession.sessionState()  # Spark looks at its SQL settings now, or else in somebody's first query
    return Session(SparkContext._gateway, context, spark)


def _name_the_user(jvm: Any) -> None:
    """Tell Hadoop, which reads and writes Spark's files, who works here: it would ask the machine, and fail."""
    if surroundings.user_is_nameless():
        users = jvm.org.apache.hadoop.security.UserGroupInformation
        users.setLoginUser(users.createRemoteUser(surroundings.nameless_user()))


def active_context() -> Optional[Any]:
    """Return the context that pyspark has now, whoever made it; None when there is none that works."""
    from pyspark import SparkContext

    context = SparkContext._active_spark_context
    if context is None or getattr(context, "_jsc", None) is None:
        return None
    if context._jsc.sc().isStopped():  # by the cluster: Python does not know yet
        context.stop()
        return None
    return context


def forget_jvm() -> None:
    """Let pyspark start anew: it keeps one gateway for good, and that leads nowhere now."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    context, gateway = SparkContext._active_spark_context, SparkContext._gateway
    if context is not None:
        context._jsc = None  # nobody is there who could be told to stop
        context.stop()
    for holder, names in (
        (SparkContext, ("_gateway", "_jvm", "_active_spark_context")),
        (SparkSession, ("_instantiatedSession", "_activeSession")),
    ):
        for name in names:
            setattr(holder, name, None)
    _forget_sql_context()
    if gateway is not None:
        gateway.close()


def _forget_sql_context() -> None:
    try:
        from pyspark.sql import SQLContext
    except ImportError:
        return
    SQLContext._instantiatedContext = None


@contextmanager
def without_warnings() -> Iterator[None]:
    """Keep what pyspark warns of when it is imported out of the cell that happens to run.

    `warnings.catch_warnings` would undo what the user's own cell asks for meanwhile.
    """
    ours: Any = ("ignore", None, Warning, re.compile(r"pyspark\b"), 0)
    warnings.filters.insert(0, ours)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        if ours in warnings.filters:
            warnings.filters.remove(ours)  # type: ignore[attr-defined]
