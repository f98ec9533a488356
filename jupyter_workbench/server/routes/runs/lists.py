"""The runs of a project: a page of them, what to filter and sort by, and several side by side."""

from __future__ import annotations

from typing import Any

from jupyter_workbench.history.reading.cells import newest_by_cell
from jupyter_workbench.history.reading.comparison import MOST_RUNS, compare
from jupyter_workbench.history.reading.filters import Filter
from jupyter_workbench.history.reading.overview import choices, logged_names, overview
from jupyter_workbench.server.routes.arguments import BadRequest
from jupyter_workbench.server.routes.base import Answer, answers
from jupyter_workbench.server.routes.query_arguments import (
    Parameter,
    list_of_words,
    moment,
    one_of,
    switch,
    whole_number,
    words,
)
from jupyter_workbench.server.routes.runs.asking import RunsHandler, named

STATUSES = ("Running", "Completed", "Failed", "Canceled")
MOST_ROWS = 1000
MOST_OFFSET = 10**15
FILTERS: dict[str, Parameter] = {
    "experiment": words("baseline"),
    "notebook": words("notebooks/iris.ipynb"),
    "run_configuration": words("docker"),
    "target": words("docker"),
    "status": one_of(*STATUSES),
    "user": words("you"),
    "cell": words("c1d2e3f4"),
    "tag": list_of_words("stage=final"),
    "since": moment(),
    "until": moment(),
    "text": words("learning_rate"),
    "deleted": switch(),
}


class Runs(RunsHandler):
    """A page of runs."""

    @answers
    async def get(self) -> Answer:
        """List them with summaries of what they logged, the newest first if nobody says otherwise."""
        asked = self.query(
            **FILTERS,
            sort=words("-metric:Accuracy", "-started"),
            limit=whole_number(0, MOST_ROWS, 100),
            offset=whole_number(0, MOST_OFFSET, 0),
        )
        page = {name: asked.pop(name) for name in ("sort", "limit", "offset")}
        return await self.answer(lambda data: overview(data, _filter(asked), **page)._asdict())


class Names(RunsHandler):
    """What runs logged."""

    @answers
    async def get(self) -> Answer:
        """List the names."""
        asked = self.query(**FILTERS)
        return await self.answer(lambda data: logged_names(data, _filter(asked)))


class Choices(RunsHandler):
    """What there is to filter by."""

    @answers
    async def get(self) -> Answer:
        """List the values that occur."""
        self.query()
        return await self.answer(choices)


class Cells(RunsHandler):
    """What the cells of a notebook made."""

    @answers
    async def get(self) -> Answer:
        """List the newest run of each cell."""
        notebook = self.query(notebook=words("notebooks/iris.ipynb"))["notebook"]
        if notebook is None:
            raise BadRequest(
                "notebook: expected the path of a notebook, got nothing - write notebook=notebooks/iris.ipynb"
            )
        return await self.answer(lambda data: newest_by_cell(data, notebook))


class Compare(RunsHandler):
    """Runs side by side."""

    @answers
    async def get(self) -> Answer:
        """Compare the runs that the query names."""
        runs = self.query(run=list_of_words("myIris_1504832281116"))["run"]
        if not 2 <= len(runs) <= MOST_RUNS:
            raise BadRequest(
                f"run: expected 2 to {MOST_RUNS} ids of runs, got {len(runs)} - "
                f"write run=myIris_1504832281116&run=myIris_1504832283342"
            )
        return await self.answer(lambda data: compare(data, [named(data, run) for run in runs]))


def _filter(asked: dict[str, Any]) -> Filter:
    fields = {name: value for name, value in asked.items() if name != "tag"}
    return Filter(**fields, tags=dict(_tag(text) for text in asked["tag"]))


def _tag(text: str) -> tuple[str, str | None]:
    """Read ``key=value``, or ``key`` for any value."""
    key, equals, value = text.partition("=")
    return key, value if equals else None


HANDLERS = [
    ("runs", Runs),
    ("runs/names", Names),
    ("runs/choices", Choices),
    ("runs/cells", Cells),
    ("runs/compare", Compare),
]
