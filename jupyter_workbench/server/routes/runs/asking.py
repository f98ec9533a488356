"""How the routes of the run history ask it: in threads of their own, so that no file or lock holds the server up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from jupyter_workbench.config.project import Project
from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.reading.queries import find_run
from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler
from jupyter_workbench.server.routes.query_arguments import Parameter, read_query

Arguments = ParamSpec("Arguments")
Found = TypeVar("Found")

THREADS = 4
LAST = "last"
"""Instead of an id: the newest run."""

# A locked database keeps a thread for 20 seconds: not one that whoever else uses threads waits for.
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="workbench-runs")


async def in_a_thread(work: Callable[Arguments, Found], *values: Arguments.args, **named: Arguments.kwargs) -> Found:
    """Do something that reads or writes files."""
    return await asyncio.get_running_loop().run_in_executor(_threads, partial(work, *values, **named))


class RunsHandler(WorkbenchHandler):
    """A route of the run history of one project."""

    def query(self, **parameters: Parameter) -> dict[str, Any]:
        """Return the parameters of the request's query. Raises BadRequest."""
        return read_query(self.request.query_arguments, parameters)

    async def ask(self, question: Callable[[ProjectData], Found]) -> Found:
        """Ask the history of the project that the query names. Raises BadRequest, ProjectNotFound and its errors."""
        project = await self.project()
        return await in_a_thread(lambda: question(history_of(project)))

    async def answer(self, question: Callable[[ProjectData], Any]) -> Answer:
        """Ask, and answer with what was found."""
        return Answer(await self.ask(lambda data: as_json(question(data))))


def history_of(project: Project) -> ProjectData:
    """Return where the history of a project is kept. Reads files."""
    return project_data(project.directory, project.id)


def named(data: ProjectData, run_id: str) -> str:
    """Return the id of a run that the path of a request names. Raises RunNotFound and HistoryError."""
    return find_run(data, run_id) if run_id == LAST else run_id


def as_json(found: Any) -> bytes:
    """Write it as every JSON parser reads it: a float that JSON cannot write is the text NaN, Infinity or -Infinity."""
    try:
        text = json.dumps(found, allow_nan=False)
    except ValueError:
        # Python writes the three as bare words, and asks about each when it reads them.
        text = json.dumps(json.loads(json.dumps(found), parse_constant=str))
    return text.encode()
