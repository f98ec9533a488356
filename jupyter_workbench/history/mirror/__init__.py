"""Mirrors the runs of a project to an MLflow tracking server: each exactly once, whichever side dies meanwhile.

    history.db  -> snapshot     a run as it is now, with its revision
                -> names, values, tables, description     the same in MLflow's words; pure
                -> presence     whether a run is on the server: created once, found, moved, deleted, restored
                -> sending      what a run holds, sent to the run on the server
                -> run          one run brought up to date on the server, by those two
                -> mirror       every run whose revision is newer than the one that the server has, over and over
    progress                    what the server has, in `mirror.db` beside `history.db`
    tracking                    the only module that knows mlflow, which is an extra and imported when it is used

`mirror.db` is a file of its own because it is no part of the history: it holds what one server has, is written all the
time by a process that no kernel may ever wait for, and may be lost (every run carries its key as a tag there).
"""
