"""All that is known of one run, for a page about it: summaries instead of series, however much was logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_workbench.history.reading.flat import OF_A_RUN, Run, details, dicts, moment
from jupyter_workbench.history.reading.overview import rows
from jupyter_workbench.history.reading.view import number_of, reading

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData

MAX_SOURCE = 100_000


def whole_run(data: ProjectData, run_id: str) -> Run:
    """Return a run, in the bin or not: a row of `overview.overview` and `flat.INFO_FIELDS`, which win where both are.

    Beside them ``end_time_utc``, ``deleted_utc`` (since when it is in the bin), and ``source_omitted``: how many
    characters of a source above ``MAX_SOURCE`` were left out at its end (`texts.text` has them). Raises
    ``RunNotFound`` and ``HistoryError``.
    """
    with reading(data) as connection:
        connection.execute("INSERT INTO page(number) VALUES (?)", (number_of(connection, run_id),))
        [run] = rows(connection)
        [row] = dicts(connection.execute(OF_A_RUN))
        more = details(connection, row)
    return {
        **run,
        **more,
        "end_time_utc": moment(row["ended"]),
        "deleted_utc": moment(row["deleted"]),
        "source": more["source"][:MAX_SOURCE],
        "source_omitted": max(0, len(more["source"]) - MAX_SOURCE),
    }
