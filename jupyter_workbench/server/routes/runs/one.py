"""One run: all that is known of it, the series and the texts that it keeps."""

from __future__ import annotations

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.series import series
from jupyter_workbench.history.reading.texts import TEXTS, text
from jupyter_workbench.server.routes.arguments import REQUIRED
from jupyter_workbench.server.routes.base import Answer, answers
from jupyter_workbench.server.routes.query_arguments import shown, switch, whole_number, words
from jupyter_workbench.server.routes.runs.asking import RunsHandler, named

FEWEST_POINTS = 4
"""The first value, the last, the smallest and the largest."""
MOST_POINTS = 10_000


class NoSuchText(WorkbenchError):
    """Runs keep no text of that name."""

    http_status = 404


class Series(RunsHandler):
    """What was logged under one name."""

    @answers
    async def get(self, run_id: str) -> Answer:
        """Tell the values, down-sampled where there are more than were asked for."""
        points = whole_number(FEWEST_POINTS, MOST_POINTS, 1000)
        asked = self.query(name=words("Accuracy", REQUIRED), points=points, newest=switch())
        return await self.answer(lambda data: series(data, named(data, run_id), **asked))


class Text(RunsHandler):
    """A text that a run keeps."""

    @answers
    async def get(self, run_id: str, which: str) -> Answer:
        """Give it whole."""
        self.query()
        if which not in TEXTS:
            raise NoSuchText(f"expected one of the texts {', '.join(TEXTS)}, got {shown(which)} - ask for one of these")

        def found(data: ProjectData) -> dict[str, str]:
            return {"text": text(data, named(data, run_id), which)}

        return await self.answer(found)


HANDLERS = [("runs/([^/]+)/series", Series), ("runs/([^/]+)/texts/([^/]+)", Text)]
