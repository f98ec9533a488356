"""``history.db`` and ``blobs/``: the schema, records and contents that go in, each exactly once in effect.

Only `Store` and what it calls belong here: questions are asked in ``reading``, changes that no kernel tells are made in
``upkeep``. Imports of ``records``, ``disk`` and ``location`` only.
"""
