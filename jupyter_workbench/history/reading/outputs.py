"""The content of an output of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from jupyter_workbench.errors import HistoryError, OutputNotFound
from jupyter_workbench.history.reading.view import number_of, reading
from jupyter_workbench.history.records import fields
from jupyter_workbench.history.store.blobs import blob_path

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData


def open_output(data: ProjectData, run_id: str, path: str) -> tuple[BinaryIO, int, str]:
    """Open an output of a run: ``(file, size in bytes, SHA-256)``; the caller closes the file.

    Raises ``RunNotFound``, ``OutputNotFound`` (with the reason when the content was lost) and ``HistoryError``.
    """
    with reading(data) as connection:
        query = "SELECT sha256, size, state, problem FROM outputs WHERE run = ? AND path = ?"
        row = connection.execute(query, (number_of(connection, run_id), fields.text(path))).fetchone()
        if row is None:
            outputs = connection.execute(
                "SELECT path FROM outputs JOIN runs ON number = outputs.run WHERE run_id = ? ORDER BY path", (run_id,)
            ).fetchall()
            names = ", ".join(name for (name,) in outputs[:10]) + (", ..." if len(outputs) > 10 else "")
            raise OutputNotFound(f"The run {run_id} has no output {path!r}: it has {names or 'none'}.")
    sha256, size, state, problem = row
    if state == "lost":
        raise OutputNotFound(f"The output {path} of the run {run_id} was lost: {problem}.")
    try:
        return blob_path(data.blobs, sha256).open("rb"), size, sha256
    except FileNotFoundError:
        reason = "its content has not arrived yet" if state == "waiting" else "its content was removed from the disk"
        raise OutputNotFound(f"The output {path} of the run {run_id} is not there: {reason}.") from None
    except OSError as error:
        raise HistoryError(f"The output {path} of the run {run_id} cannot be read ({error.strerror}).") from error
