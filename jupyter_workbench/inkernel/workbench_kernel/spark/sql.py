"""``%%sql``: a cell of SQL, and its result as a table."""

from __future__ import annotations

from typing import Any, Callable, Optional

from IPython.core.error import UsageError

from . import table
from .session import Session


class SqlMagic:
    """Run one statement of SQL in the Spark session of this kernel, and show its first rows.

    %%sql            show the result
    %%sql NAME       show it, and keep it as a DataFrame of that name
    """

    def __init__(self, shell: Any, wait: Callable[[], Session]) -> None:
        """``wait`` returns the session, sooner or later."""
        self._shell = shell
        self._wait = wait

    def register(self) -> None:
        """Make it known to the shell."""

        def sql(line: str, cell: Optional[str] = None) -> None:
            self.run(line, cell)

        sql.__doc__ = type(self).__doc__
        self._shell.register_magic_function(sql, "line_cell", "sql")

    def run(self, line: str, cell: Optional[str]) -> None:
        """Do it. ``%sql SELECT ...`` has its statement in the line."""
        name, statement = ("", line) if cell is None else (line.strip(), cell)
        if name and not name.isidentifier():
            raise UsageError("%%sql: expected nothing or a name for the result, got {!r}".format(name))
        statement = statement.strip().rstrip(";")
        if not statement:
            raise UsageError("%%sql: expected a statement of SQL, got nothing - for example SELECT 1")
        frame = self._wait().spark.sql(statement)
        if name:
            self._shell.user_ns[name] = frame
        if frame.columns:
            self._show(frame)

    def _show(self, frame: Any) -> None:
        text, html = table.shown(frame.columns, frame.limit(table.MOST_ROWS + 1).collect())
        self._shell.display_pub.publish({"text/plain": text, "text/html": html})
