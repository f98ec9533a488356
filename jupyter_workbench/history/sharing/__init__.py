"""Runs as one portable file: its format, writing it, and taking in one that may come from anybody.

Imports of ``reading``, ``store`` and what is before them.
"""
