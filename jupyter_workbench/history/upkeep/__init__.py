"""What changes a history and is told by no kernel: edits of users, the bin, the repair of a damaged file.

Imports of ``reading``, ``store`` and what is before them.
"""
