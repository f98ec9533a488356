"""What is sent, and where to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.mirror.progress import Progress
    from jupyter_workbench.history.mirror.snapshot import Snapshot
    from jupyter_workbench.history.mirror.tracking import Tracking


class Errand(NamedTuple):
    """One moment of one run of the project, to its run ``remote`` on the tracking server."""

    data: ProjectData
    tracking: Tracking
    progress: Progress
    run: Snapshot
    remote: str
