"""The tables of ``history.db``; ``PRAGMA user_version`` counts the migrations that a file has seen."""

from __future__ import annotations

_RUNS_OF_KERNELS = (
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

MIGRATIONS: tuple[tuple[str, ...], ...] = (_RUNS_OF_KERNELS,)
