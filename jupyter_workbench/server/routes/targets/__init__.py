"""`/workbench/api/targets`: the compute targets of a project, what they are, and what can be done with them."""

from __future__ import annotations

from jupyter_workbench.server.routes.targets.attaching import HANDLERS as ATTACHING
from jupyter_workbench.server.routes.targets.details import HANDLERS as DETAILS
from jupyter_workbench.server.routes.targets.lists import HANDLERS as LISTS
from jupyter_workbench.server.routes.targets.running import HANDLERS as RUNNING

HANDLERS = [*LISTS, *ATTACHING, *RUNNING, *DETAILS]
