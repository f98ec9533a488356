"""What the files of a project say: files in, frozen models out.

Pure: no Jupyter, no Docker, no network. ``project.load`` is the way in.
What a file contains never raises: it is reported as a problem with its line.
"""
