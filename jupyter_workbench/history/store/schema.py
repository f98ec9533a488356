"""The tables of ``history.db``; ``PRAGMA user_version`` counts the migrations that a file has seen.

A migration is never changed after a release: what a file went through must stay known. Its steps are SQL, or a function
of the open connection where SQL does not suffice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from jupyter_workbench.history.store import summaries

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

Step: TypeAlias = "str | Callable[[sqlite3.Connection], None]"

_RUNS_OF_KERNELS: tuple[Step, ...] = (
    # `reached`: bytes of the spool that are in the tables; it moves in the same transaction as they do.
    # `latest`: the time of the newest record. `closed`: no process writes any more.
    """
    CREATE TABLE streams (
        key INTEGER PRIMARY KEY, stream TEXT NOT NULL UNIQUE, reached INTEGER NOT NULL DEFAULT 0,
        bad_records INTEGER NOT NULL DEFAULT 0, latest REAL, closed REAL,
        project TEXT NOT NULL, project_dir TEXT NOT NULL, run_configuration TEXT NOT NULL, target TEXT NOT NULL,
        target_type TEXT NOT NULL, framework TEXT NOT NULL, kernel_id TEXT, notebook TEXT,
        python TEXT, user TEXT, host TEXT
    )
    """,
    "CREATE INDEX streams_open ON streams(stream) WHERE closed IS NULL",
    "CREATE TABLE sources (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
    # `number` counts the runs of the project in order of arrival and is never used twice.
    """
    CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL UNIQUE, run_id TEXT NOT NULL UNIQUE,
        stream INTEGER NOT NULL REFERENCES streams(key), status TEXT NOT NULL, started REAL NOT NULL, ended REAL,
        duration REAL, error_name TEXT, error_message TEXT, died INTEGER NOT NULL DEFAULT 0,
        source TEXT NOT NULL REFERENCES sources(sha256), execution_count INTEGER, cell TEXT, notebook TEXT
    )
    """,
    "CREATE INDEX runs_newest ON runs(started DESC, number DESC)",
    "CREATE INDEX runs_of_stream ON runs(stream, status)",
    # `position`: the byte offset of the record in its spool, hence the order of logging. `value` is its JSON text,
    # lossless; `number` is for sorting and charts.
    """
    CREATE TABLE metrics (
        run INTEGER NOT NULL REFERENCES runs(number), position INTEGER NOT NULL, name TEXT NOT NULL, t REAL NOT NULL,
        number REAL, value TEXT NOT NULL, PRIMARY KEY (run, position)
    ) WITHOUT ROWID
    """,
    # `state`: waiting (for its content), kept (in blobs/) or lost (`problem` says why).
    """
    CREATE TABLE outputs (
        run INTEGER NOT NULL REFERENCES runs(number), path TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
        t REAL NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', problem TEXT, PRIMARY KEY (run, path)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX outputs_waiting ON outputs(run) WHERE state = 'waiting'",
)

_FINDABLE_RUNS: tuple[Step, ...] = (
    # Sources, diffs, package lists and tracebacks repeat from run to run: each is kept once, by its hash.
    "ALTER TABLE sources RENAME TO texts",
    "ALTER TABLE streams ADD COLUMN ipykernel TEXT",
    "ALTER TABLE streams ADD COLUMN variables TEXT",  # a JSON list of names
    "ALTER TABLE streams ADD COLUMN environment TEXT",  # its fingerprint
    "ALTER TABLE streams ADD COLUMN problem TEXT",  # why records were left out
    *(
        f"ALTER TABLE runs ADD COLUMN {column}"
        for column in (
            "experiment TEXT", "note TEXT", "cpu_seconds REAL", "cpu_peak REAL", "memory_peak INTEGER", "gpu_peak REAL",
            "gpu_memory_peak INTEGER", "traceback TEXT", "commit_id TEXT", "branch TEXT", "git_remote TEXT",
            "dirty INTEGER", "diff TEXT", "git_problem TEXT", "captured REAL", "packages TEXT", "deleted REAL",
            # Of the last change; `counters` holds the newest one of the project.
            "revision INTEGER NOT NULL DEFAULT 0",
        )
    ),
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "INSERT INTO counters VALUES ('revision', 1)",
    "UPDATE runs SET revision = 1",
    "UPDATE runs SET notebook = (SELECT notebook FROM streams WHERE key = runs.stream) WHERE notebook IS NULL",
    "DROP INDEX runs_newest",
    # Every column that a filter names: lists and counts are answered without the rows.
    """
    CREATE INDEX runs_newest ON runs(started DESC, number DESC, stream, status, experiment, notebook)
    WHERE deleted IS NULL
    """,
    "CREATE INDEX runs_in_the_bin ON runs(started DESC, number DESC, deleted) WHERE deleted IS NOT NULL",
    "CREATE INDEX runs_changed ON runs(revision)",
    "CREATE INDEX runs_uncaptured ON runs(stream) WHERE captured IS NULL",
    # The last characters that a cell printed: beside the runs, so that a search over the runs stays small.
    """
    CREATE TABLE tails (
        run INTEGER PRIMARY KEY REFERENCES runs(number), stdout TEXT NOT NULL, stdout_omitted INTEGER NOT NULL,
        stderr TEXT NOT NULL, stderr_omitted INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE tags (
        run INTEGER NOT NULL REFERENCES runs(number), key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, key)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX tags_by_value ON tags(key, value)",
    # The values of one name lie side by side: a series is read without the others of its run.
    "ALTER TABLE metrics RENAME TO metrics_of_version_1",
    """
    CREATE TABLE metrics (
        run INTEGER NOT NULL REFERENCES runs(number), name TEXT NOT NULL, position INTEGER NOT NULL, t REAL NOT NULL,
        step, kind TEXT, number REAL, value TEXT NOT NULL, PRIMARY KEY (run, name, position)
    ) WITHOUT ROWID
    """,
    """
    INSERT INTO metrics SELECT run, name, position, t, NULL, CASE substr(value, 1, 1) WHEN '"' THEN 'text'
        WHEN '[' THEN 'list' WHEN '{' THEN 'dict' WHEN 't' THEN 'bool' WHEN 'f' THEN 'bool' WHEN 'n' THEN 'null' END,
        number, value FROM metrics_of_version_1 ORDER BY run, name, position
    """,
    "DROP TABLE metrics_of_version_1",
    # What was logged under one name in one run; see summaries.py.
    """
    CREATE TABLE summaries (
        run INTEGER NOT NULL REFERENCES runs(number), name TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
        position INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, number REAL, min REAL, max REAL, last_step,
        PRIMARY KEY (run, name)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX summaries_by_name ON summaries(name, number, kind)",
    summaries.rebuild,
    # Contents that a run had and has no more, until their files are removed (unless another run has them).
    "CREATE TABLE unused (sha256 TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE INDEX outputs_by_content ON outputs(sha256)",
)  # fmt: skip

_REMOVED_RUNS: tuple[Step, ...] = (
    # Runs that were removed for good while the spool of their stream was there: a repair takes that in anew.
    "CREATE TABLE removed (run TEXT PRIMARY KEY, stream TEXT NOT NULL) WITHOUT ROWID",
    # The sizes of all contents are added up without the rows of the outputs.
    "DROP INDEX outputs_by_content",
    "CREATE INDEX outputs_by_content ON outputs(sha256, size, state)",
)

MIGRATIONS: tuple[tuple[Step, ...], ...] = (_RUNS_OF_KERNELS, _FINDABLE_RUNS, _REMOVED_RUNS)
