"""`PYTHON training.py FOLDER`: a little of everything that notebooks do with Spark, for `archive`.

What fails is left out: an archive with less in it is good, too.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any


def main(folder: str) -> None:
    """Start Spark, use it, and end Java as it ends by itself, which is when it writes what it has loaded."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.memory": "512m",
        "spark.ui.port": "0",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": folder,
        "spark.sql.warehouse.dir": str(Path(folder, "warehouse")),
        "spark.sql.shuffle.partitions": "2",
        "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:training;create=true",
    }
    builder: Any = SparkSession.builder
    builder = builder.master("local[2]").appName("training")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    for step in (rdds, frames, statements, files, models):
        with contextlib.suppress(Exception):
            step(spark, Path(folder))
    gateway: Any = SparkContext._gateway
    spark.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


def rdds(spark: Any, _: Path) -> None:
    """Distribute, map in Python, reduce by key."""
    numbers = spark.sparkContext.parallelize(range(100), 2)
    numbers.map(lambda number: (number % 3, number)).reduceByKey(lambda one, other: one + other).collect()


def frames(spark: Any, _: Path) -> None:
    """Make, filter, group, join, sort and describe."""
    from pyspark.sql import functions

    frame = spark.createDataFrame([(number, float(number), str(number % 3)) for number in range(20)], ["n", "x", "s"])
    grouped = frame.groupBy("s").agg(functions.sum("n"), functions.avg("x"), functions.count("*"))
    grouped.join(frame, "s").orderBy(functions.desc("n")).limit(5).collect()
    frame.filter(frame.n > 3).withColumn("twice", frame.n * 2).describe().collect()
    frame.select(functions.udf(str.upper)("s")).show()
    frame.cache().count()
    frame.printSchema()


def statements(spark: Any, _: Path) -> None:
    """Query a view."""
    spark.range(100).createOrReplaceTempView("numbers")
    spark.sql("select id % 7 as rest, count(*) as n from numbers group by 1 having count(*) > 1 order by 2").collect()


def files(spark: Any, folder: Path) -> None:
    """Write and read what notebooks keep."""
    frame = spark.range(10).selectExpr("id", "cast(id as string) as name")
    for kind in ("csv", "json", "parquet"):
        place = str(folder / kind)
        getattr(frame.write, kind)(place)
        getattr(spark.read, kind)(place).count()
    spark.read.csv(str(folder / "csv"), inferSchema=True).collect()


def models(spark: Any, _: Path) -> None:
    """Fit a classifier, where numpy is."""
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.feature import StringIndexer, VectorAssembler

    frame = spark.createDataFrame([(float(n), float(n % 5), "ab"[n % 2]) for n in range(40)], ["x", "y", "kind"])
    indexed = StringIndexer(inputCol="kind", outputCol="label").fit(frame).transform(frame)
    vectors = VectorAssembler(inputCols=["x", "y"], outputCol="features").transform(indexed)
    LogisticRegression(maxIter=2).fit(vectors).transform(vectors).count()


if __name__ == "__main__":
    main(sys.argv[1])
