"""The database of a jupyter_workbench that wrote the first schema."""

from __future__ import annotations

import hashlib
import sqlite3

from kernel_on_paper import OTHER_RUN, RUN, RUN_ID, STREAM

from jupyter_workbench.history.location import ProjectData

# The statements of version 1, as it was released; not those of today's module, which must still mean the same.
VERSION_1 = """
CREATE TABLE streams (
    key INTEGER PRIMARY KEY, stream TEXT NOT NULL UNIQUE, reached INTEGER NOT NULL DEFAULT 0,
    bad_records INTEGER NOT NULL DEFAULT 0, latest REAL, closed REAL,
    project TEXT NOT NULL, project_dir TEXT NOT NULL, run_configuration TEXT NOT NULL, target TEXT NOT NULL,
    target_type TEXT NOT NULL, framework TEXT NOT NULL, kernel_id TEXT, notebook TEXT,
    python TEXT, user TEXT, host TEXT
);
CREATE INDEX streams_open ON streams(stream) WHERE closed IS NULL;
CREATE TABLE sources (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL UNIQUE, run_id TEXT NOT NULL UNIQUE,
    stream INTEGER NOT NULL REFERENCES streams(key), status TEXT NOT NULL, started REAL NOT NULL, ended REAL,
    duration REAL, error_name TEXT, error_message TEXT, died INTEGER NOT NULL DEFAULT 0,
    source TEXT NOT NULL REFERENCES sources(sha256), execution_count INTEGER, cell TEXT, notebook TEXT
);
CREATE INDEX runs_newest ON runs(started DESC, number DESC);
CREATE INDEX runs_of_stream ON runs(stream, status);
CREATE TABLE metrics (
    run INTEGER NOT NULL REFERENCES runs(number), position INTEGER NOT NULL, name TEXT NOT NULL, t REAL NOT NULL,
    number REAL, value TEXT NOT NULL, PRIMARY KEY (run, position)
) WITHOUT ROWID;
CREATE TABLE outputs (
    run INTEGER NOT NULL REFERENCES runs(number), path TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    t REAL NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', problem TEXT, PRIMARY KEY (run, path)
) WITHOUT ROWID;
CREATE INDEX outputs_waiting ON outputs(run) WHERE state = 'waiting';
PRAGMA user_version = 1;
"""
LOGGED = [
    ("loss", 0.5, "0.5"),
    ("acc", None, '"caf\\u00e9"'),
    ("loss", 0.25, "0.25"),
    ("curve", None, "[1,NaN,3]"),
    ("best", None, '{"a":1}'),
    ("done", 1.0, "true"),
    ("nothing", None, "null"),
    ("odd", None, "NaN"),
    ("big", float("inf"), "Infinity"),
]


def a_history_of_version_1(data: ProjectData) -> None:
    """A run that ended, with values of every kind and an output, and one whose kernel lives on."""
    data.make()
    connection = sqlite3.connect(data.database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(VERSION_1)
    sha256 = hashlib.sha256(b"train()").hexdigest()
    connection.execute("INSERT INTO sources VALUES (?, 'train()')", (sha256,))
    connection.execute(
        "INSERT INTO streams VALUES (1, ?, 1000, 2, 1504832290.0, NULL, 'iris', '/projects/iris', 'local', 'local',"
        " 'local', 'Python', 'kernel-1', 'started.ipynb', '3.11.7', 'ada', 'box')",
        (STREAM,),
    )
    run = "INSERT INTO runs VALUES (?, ?, ?, 1, ?, ?, ?, ?, NULL, NULL, 0, ?, 3, 'c1', ?)"
    connection.execute(run, (1, RUN, RUN_ID, "Completed", 1504832281.117, 1504832286.0, 4.9, sha256, "iris.ipynb"))
    connection.execute(run, (2, OTHER_RUN, "iris_7", "Running", 1504832290.0, None, None, sha256, None))
    values = [(100 + 50 * i, name, 1504832282.0 + i, number, value) for i, (name, number, value) in enumerate(LOGGED)]
    connection.executemany("INSERT INTO metrics VALUES (1, ?, ?, ?, ?, ?)", values)
    connection.execute("INSERT INTO outputs VALUES (1, 'outputs/m', ?, 5, 1504832283.0, 'kept', NULL)", ("a" * 64,))
    connection.commit()
    connection.close()
