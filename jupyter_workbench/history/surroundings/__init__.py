"""What the server finds out about a run that has just begun: the state of its project in git, its packages.

A project may belong to a container that nobody vouches for: git is run on a stand-in, bounded, and without its
settings. Imports of ``records`` and ``disk`` only.
"""
