"""The run history of a project: what kernels wrote into their spools, kept in one SQLite file, and questions to it.

A folder imports only of those before it in this list; ``tests/history/test_history_layers.py`` checks that.

* ``records``: what a kernel and the server tell about runs, line by line; text in, checked records out
* ``disk``: spools, and opening and locking files that a kernel may have bent
* ``location``: the folder in which the history of a project is
* ``store``: records -> SQLite and blobs, exactly once in effect; the schema and its migrations
* ``reading``: questions to the database, and their answers as JSON-like objects
* ``upkeep``: what changes a history and is no record: a user's edits, the bin, repairs
* ``surroundings``: what the server finds out about a run that has begun, in git and of its packages
* ``intake``: from spools to the store: one collector a kernel, and the sweep for those that have none
* ``files``: outputs of runs put into folders of the user: restored, promoted to assets
* ``sharing``: runs as one file, for another machine
* ``mirror``: runs on an MLflow tracking server
"""
