"""Outputs of runs as files in folders that a user named, whole or not at all: restored runs, assets, models.

Imports of ``reading``, ``store`` and what is before them.
"""
