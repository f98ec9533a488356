"""`/workbench/api/openapi.yaml`: what all routes take and answer, for programs."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler, answers

FILE = Path(__file__).parents[1] / "openapi.yaml"


class Description(WorkbenchHandler):
    """The OpenAPI file."""

    @answers
    async def get(self) -> Answer:
        """Give the file as it is."""
        # RFC 9512
        return Answer(await asyncio.to_thread(FILE.read_bytes), content_type="application/yaml")


HANDLERS = [(r"openapi\.yaml", Description)]
