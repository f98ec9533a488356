"""Which run each cell of a notebook made last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_workbench.history.reading.flat import Run, dicts
from jupyter_workbench.history.reading.view import reading
from jupyter_workbench.history.records import fields

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData

# Of the columns beside max() SQLite takes those of the row that has it: https://www.sqlite.org/lang_select.html
_NEWEST = """
SELECT cell, run_id, number AS run_number, status, max(started) FROM runs
WHERE deleted IS NULL AND cell IS NOT NULL
    AND (notebook IS NULL OR notebook = :name OR substr(notebook, -length(:name) - 1) = '/' || :name)
GROUP BY cell
"""


def newest_by_cell(data: ProjectData, notebook: str) -> list[Run]:
    """List ``{"cell", "run_id", "run_number", "status"}``: of each cell the newest run outside of the bin.

    Of the path of a notebook the name of the file counts: one that moves to another folder keeps its runs, and a copy
    by another name, which has the same cells, has none. Raises ``HistoryError``.
    """
    name = fields.text(notebook.rpartition("/")[2])
    with reading(data) as connection:
        found = dicts(connection.execute(_NEWEST, {"name": name}))
    return [{key: row[key] for key in ("cell", "run_id", "run_number", "status")} for row in found]
