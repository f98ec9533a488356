"""Questions to the history; nothing here changes it, and every answer is of one moment (`view.reading`).

Lists are made of summaries, however much was logged. Imports of ``store`` and what is before it.
"""
