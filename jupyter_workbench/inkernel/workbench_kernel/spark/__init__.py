"""A PySpark kernel: Spark starts in the background, and cells meet it as if it had always been there.

    settings       what the server told this kernel; configuration: what Spark is given; surroundings: what it reads
    variables      of the run configuration, for Spark's processes on other machines
    tying          the end of the JVM with the kernel
    launching      the JVM; session: the SparkSession in it; boot: both, in a thread of their own
    cells          the parts put together, for the cells of one kernel
    gate           a cell that names Spark waits for it; names: `spark`, `sc`, `sqlContext`, `sql`
    imports        an import of pyspark begins Spark, and a session that is asked for meanwhile is that of the kernel
    interrupts     an interrupt ends Spark's jobs too; failures: errors of Spark, shown without Java; quiet: nor logged
    causes         what a failure means and what helps, in words
    progress       what Spark does while a cell runs; sql: the magic; status: `%azureml spark`

Imported by kernels with ``--spark`` only. Standard library, IPython and the kernel's own pyspark.
"""
