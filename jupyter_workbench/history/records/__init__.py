"""What is told about runs, as text: each record is checked, and secrets are masked, before anything is done with it.

Here is no file and no database, and nothing of the other folders is imported.
"""
