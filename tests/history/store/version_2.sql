-- What version 2 wrote, as sqlite3 dumps it: statements and rows of that time, never changed.
BEGIN TRANSACTION;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "counters" VALUES('revision',3);
CREATE TABLE metrics (
        run INTEGER NOT NULL REFERENCES runs(number), name TEXT NOT NULL, position INTEGER NOT NULL, t REAL NOT NULL,
        step, kind TEXT, number REAL, value TEXT NOT NULL, PRIMARY KEY (run, name, position)
    ) WITHOUT ROWID
    ;
INSERT INTO "metrics" VALUES(1,'loss',283,1504832282.117,NULL,NULL,0.5,'0.5');
INSERT INTO "metrics" VALUES(1,'loss',390,1504832282.117,NULL,NULL,0.25,'0.25');
INSERT INTO "metrics" VALUES(2,'loss',1207,1504832282.117,NULL,NULL,9.0,'9');
CREATE TABLE outputs (
        run INTEGER NOT NULL REFERENCES runs(number), path TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
        t REAL NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', problem TEXT, PRIMARY KEY (run, path)
    ) WITHOUT ROWID
    ;
INSERT INTO "outputs" VALUES(1,'outputs/m','9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4',5,1504832283.117,'kept',NULL);
CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL UNIQUE, run_id TEXT NOT NULL UNIQUE,
        stream INTEGER NOT NULL REFERENCES streams(key), status TEXT NOT NULL, started REAL NOT NULL, ended REAL,
        duration REAL, error_name TEXT, error_message TEXT, died INTEGER NOT NULL DEFAULT 0,
        source TEXT NOT NULL REFERENCES "texts"(sha256), execution_count INTEGER, cell TEXT, notebook TEXT
    , experiment TEXT, note TEXT, cpu_seconds REAL, cpu_peak REAL, memory_peak INTEGER, gpu_peak REAL, gpu_memory_peak INTEGER, traceback TEXT, commit_id TEXT, branch TEXT, git_remote TEXT, dirty INTEGER, diff TEXT, git_problem TEXT, captured REAL, packages TEXT, deleted REAL, revision INTEGER NOT NULL DEFAULT 0);
INSERT INTO "runs" VALUES(1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','iris_1504832281117',1,'Completed',1504832281.117,1504832286.117,4.892389,NULL,NULL,0,'2d73824123d58d7af0bb9716bc110a16762ccf944be317d4f473f09d351f3aac',3,'c1','iris.ipynb',NULL,'the best',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3);
INSERT INTO "runs" VALUES(2,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','iris_7',1,'Running',1504832281.117,NULL,NULL,NULL,NULL,0,'2d73824123d58d7af0bb9716bc110a16762ccf944be317d4f473f09d351f3aac',3,'c1','iris.ipynb',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2);
CREATE TABLE streams (
        key INTEGER PRIMARY KEY, stream TEXT NOT NULL UNIQUE, reached INTEGER NOT NULL DEFAULT 0,
        bad_records INTEGER NOT NULL DEFAULT 0, latest REAL, closed REAL,
        project TEXT NOT NULL, project_dir TEXT NOT NULL, run_configuration TEXT NOT NULL, target TEXT NOT NULL,
        target_type TEXT NOT NULL, framework TEXT NOT NULL, kernel_id TEXT, notebook TEXT,
        python TEXT, user TEXT, host TEXT
    , ipykernel TEXT, variables TEXT, environment TEXT, problem TEXT);
INSERT INTO "streams" VALUES(1,'20260102T030405-0123456789abcdef',1312,0,1504832282.117,NULL,'iris','/projects/iris','local','local','local','Python','kernel-1',NULL,'3.11.7','ada','box',NULL,NULL,NULL,NULL);
CREATE TABLE summaries (
        run INTEGER NOT NULL REFERENCES runs(number), name TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
        position INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, number REAL, min REAL, max REAL, last_step,
        PRIMARY KEY (run, name)
    ) WITHOUT ROWID
    ;
INSERT INTO "summaries" VALUES(1,'loss','number',2,283,'0.5','0.25',0.25,0.25,0.5,NULL);
INSERT INTO "summaries" VALUES(2,'loss','number',1,1207,'9','9',9.0,9.0,9.0,NULL);
CREATE TABLE tags (
        run INTEGER NOT NULL REFERENCES runs(number), key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, key)
    ) WITHOUT ROWID
    ;
INSERT INTO "tags" VALUES(1,'stage','production');
CREATE TABLE tails (
        run INTEGER PRIMARY KEY REFERENCES runs(number), stdout TEXT NOT NULL, stdout_omitted INTEGER NOT NULL,
        stderr TEXT NOT NULL, stderr_omitted INTEGER NOT NULL
    );
CREATE TABLE "texts" (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "texts" VALUES('2d73824123d58d7af0bb9716bc110a16762ccf944be317d4f473f09d351f3aac','train()');
CREATE TABLE unused (sha256 TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE INDEX streams_open ON streams(stream) WHERE closed IS NULL;
CREATE INDEX runs_of_stream ON runs(stream, status);
CREATE INDEX outputs_waiting ON outputs(run) WHERE state = 'waiting';
CREATE INDEX runs_newest ON runs(started DESC, number DESC, stream, status, experiment, notebook)
    WHERE deleted IS NULL
    ;
CREATE INDEX runs_in_the_bin ON runs(started DESC, number DESC, deleted) WHERE deleted IS NOT NULL;
CREATE INDEX runs_changed ON runs(revision);
CREATE INDEX runs_uncaptured ON runs(stream) WHERE captured IS NULL;
CREATE INDEX tags_by_value ON tags(key, value);
CREATE INDEX summaries_by_name ON summaries(name, number, kind);
CREATE INDEX outputs_by_content ON outputs(sha256);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',2);
COMMIT;
PRAGMA user_version = 2;
