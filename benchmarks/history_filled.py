"""Two stores with as many runs in them, for the parts of `benchmarks.history` that read: ours, and MLflow's.

Each tool makes its tables and one run with 10 metrics and 3 tags. SQL copies the rows of that run with other ids, times
and values: quickly, and as the tool itself would have written them. Our long series go through `Store.apply`; MLflow's
are copies of a value that its client logged.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from benchmarks.mlflow_process import MlflowProcess
from benchmarks.our_records import METRICS, TAGS, OneStream
from benchmarks.tracking import MlflowStore
from jupyter_workbench.history.location import ProjectData

SERIES = "loss"
SECONDS_APART = 60  # of two runs
# As text for SQL, and below as Python: deterministic noise.
_VALUE_OF_STEP = "(n * 7919 % 10007) / 10007.0"
_COPIED_VALUE = "number + n % 97"


class OurFilled:
    """Our store; ``newest`` are the ids of its newest runs."""

    def __init__(self, root: Path, runs: int) -> None:
        self._stream = OneStream(root)
        self.data: ProjectData = self._stream.data
        first = f"{0:032x}"
        self._stream.apply(self._stream.run(first))
        with closing(sqlite3.connect(self.data.database)) as connection, connection:
            for table, changed in _OUR_TABLES.items():
                where = f"run = '{first}'" if table == "runs" else "run = 1"
                _multiply(connection, table, where, changed, runs - 1)

    def add_series(self, runs: int, points: int) -> None:
        """Log a series in each of the newest runs."""
        with closing(sqlite3.connect(self.data.database)) as connection:
            newest = connection.execute("SELECT run FROM runs ORDER BY started DESC LIMIT ?", (runs,)).fetchall()
        for (run,) in newest:
            self._stream.log_series(run, SERIES, _values(points))

    def add_long_series(self, points: int) -> str:
        """Log a series in a run of its own; returns the run's public id."""
        self._stream.apply(self._stream.run("long"))
        self._stream.log_series("long", SERIES, _values(points))
        with closing(sqlite3.connect(self.data.database)) as connection:
            found = connection.execute("SELECT run_id FROM runs WHERE run = 'long'").fetchone()
        return str(found[0])

    def close(self) -> None:
        """Let the file go."""
        self._stream.__exit__()


class MlflowFilled:
    """MLflow's store, as it sets it up."""

    def __init__(self, process: MlflowProcess, python: str, database: Path, runs: int) -> None:
        self._process, self._database = process, database
        self.uri = MlflowStore(python, database, wal=False).uri
        first = self._run()
        with closing(sqlite3.connect(database)) as connection, connection:
            for table, changed in _MLFLOW_TABLES.items():
                _multiply(connection, table, f"run_uuid = '{first}'", changed, runs - 1)

    def add_series(self, runs: int, points: int) -> None:
        """Log a series in each of the newest runs."""
        with closing(sqlite3.connect(self._database)) as connection, connection:
            query = "SELECT run_uuid FROM runs ORDER BY start_time DESC LIMIT ?"
            for (run,) in connection.execute(query, (runs,)).fetchall():
                _mlflow_series(connection, run, points)

    def add_long_series(self, points: int) -> str:
        """Log a series in a run of its own; returns the run's id."""
        run = self._run()
        with closing(sqlite3.connect(self._database)) as connection, connection:
            _mlflow_series(connection, run, points)
        return run

    def _run(self) -> str:
        return str(self._process.call("run in a batch", self.uri, metrics=METRICS, tags=TAGS).value)


_OUR_TABLES: Mapping[str, Mapping[str, str]] = {
    "runs": {
        "number": "number + n",
        "run": "printf('%032x', n)",
        "run_id": f"'myIris_' || CAST(started * 1000 + n * {SECONDS_APART * 1000} AS INTEGER)",
        "started": f"started + n * {SECONDS_APART}",
        "ended": f"ended + n * {SECONDS_APART}",
    },
    "metrics": {"run": "run + n", "number": _COPIED_VALUE, "value": f"CAST({_COPIED_VALUE} AS TEXT)"},
    "summaries": {
        "run": "run + n",
        **dict.fromkeys(("number", "min", "max"), _COPIED_VALUE),
        **dict.fromkeys(("first", "last"), f"CAST({_COPIED_VALUE} AS TEXT)"),
    },
    "tags": {"run": "run + n"},
}
_MLFLOW_COPY = {"run_uuid": "printf('%032x', n)"}
_MLFLOW_TABLES: Mapping[str, Mapping[str, str]] = {
    "runs": {
        **_MLFLOW_COPY,
        "start_time": f"start_time + n * {SECONDS_APART * 1000}",
        "end_time": f"end_time + n * {SECONDS_APART * 1000}",
    },
    "metrics": {**_MLFLOW_COPY, "value": "value + n % 97"},
    "latest_metrics": {**_MLFLOW_COPY, "value": "value + n % 97"},
    "tags": _MLFLOW_COPY,
}


def _multiply(connection: sqlite3.Connection, table: str, where: str, changed: Mapping[str, str], times: int) -> None:
    """Copy rows of a table ``times`` times, the columns in ``changed`` by an expression; ``n`` counts from 1 on."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.execute(f"CREATE TEMP TABLE template AS SELECT * FROM {table} WHERE {where}")
    connection.execute(
        "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies LIMIT ?)"
        f" INSERT INTO {table} ({_listed(columns)}) SELECT {', '.join(changed.get(c) or _listed([c]) for c in columns)}"
        " FROM copies CROSS JOIN template",
        (times,),
    )
    connection.execute("DROP TABLE template")


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _mlflow_series(connection: sqlite3.Connection, run: str, points: int) -> None:
    """Values as `log_metric` keeps them: the last one in ``latest_metrics`` too."""
    now = time.time_ns() // 1000000
    connection.execute(
        "WITH RECURSIVE steps(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM steps LIMIT ?)"
        " INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)"
        f" SELECT ?, {_VALUE_OF_STEP}, ? + n, ?, n, 0 FROM steps",
        (points, SERIES, now, run),
    )
    connection.execute(
        "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)"
        " SELECT key, value, timestamp, step, is_nan, run_uuid FROM metrics"
        " WHERE run_uuid = ? AND key = ? AND step = ?",
        (run, SERIES, points - 1),
    )


def _values(points: int) -> Iterator[float]:
    return ((step * 7919 % 10007) / 10007 for step in range(points))
