"""The log of a start: `/workbench/api/kernels/{kernel_id}/log` and `/workbench/api/preparations/{id}/log`."""

from __future__ import annotations

from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler, answers


class Log(WorkbenchHandler):
    """What was told while something was started."""

    @answers
    async def get(self, id_: str) -> Answer:
        """Return it as far as it is; it stays when the kernel is gone, which may be why somebody reads it."""
        return Answer(self.workbench.start_logs.of(id_).as_json())


HANDLERS = [("kernels/([^/]+)/log", Log), ("preparations/([^/]+)/log", Log)]
