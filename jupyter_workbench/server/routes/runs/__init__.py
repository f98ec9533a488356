"""`/workbench/api/runs`: the run history of a project; `openapi.yaml` has every argument and answer."""

from __future__ import annotations

from jupyter_workbench.server.routes.runs.edits import HANDLERS as EDITS
from jupyter_workbench.server.routes.runs.lists import HANDLERS as LISTS
from jupyter_workbench.server.routes.runs.one import HANDLERS as ONE
from jupyter_workbench.server.routes.runs.outputs import HANDLERS as OUTPUTS
from jupyter_workbench.server.routes.runs.promotions import HANDLERS as PROMOTIONS

HANDLERS = [*LISTS, *EDITS, *PROMOTIONS, *ONE, *OUTPUTS]
"""Names come before ids: no id is one, since it ends with the milliseconds of the start."""
