"""`/workbench/api/environments`: what is built on the Docker engine, who needs it, and how it is removed."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.server.routes.arguments import BadRequest, days
from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler, answers
from jupyter_workbench.server.workbench import shown_project

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.building.environments import Removal
    from jupyter_workbench.targets.docker.engines.engine import Engine

FINGERPRINT = re.compile(r"[0-9a-f]{20}")


class NoSuchEnvironment(WorkbenchError):
    """The engine has no environment of that fingerprint."""

    http_status = 404


class EnvironmentInUse(WorkbenchError):
    """An environment is in use, so it stays."""

    http_status = 409


class Environments(WorkbenchHandler):
    """The environments of the user on the engine."""

    @answers
    async def get(self) -> Answer:
        """List them as `workbench environment list -o json` does; those that a project needs when one is named."""
        from jupyter_workbench.targets.docker import needs
        from jupyter_workbench.targets.docker.building import environments

        asked = self.project_dir_if_any()
        shown = await self.workbench.look()
        projects = shown.projects if asked is None else (shown_project(shown, asked),)
        engine = await _engine()
        needed = await needs.needs_of(engine, projects)
        found = await environments.listing(engine)
        return Answer([needed.row(info) for info in found if asked is None or needed.of(info)])


class States(WorkbenchHandler):
    """Whether the environments of a project are built as its files say now."""

    @answers
    async def get(self) -> Answer:
        """Look at each run configuration; nothing is built. An engine that does not answer is no error here."""
        project = await self.project()
        return Answer([state.as_json() for state in await self.workbench.environment_states.of(project)])


class RemovingHandler(WorkbenchHandler):
    """Routes that remove environments."""

    async def tell_of(self, removal: Removal) -> None:
        """Tell front ends: whose an environment was is not known any more."""
        if removal.removed:
            for project in (await self.workbench.look()).projects:
                self.workbench.target_events.changed(project.directory)


class OneEnvironment(RemovingHandler):
    """One environment."""

    @answers
    async def delete(self, fingerprint: str) -> Answer:
        """Remove it. The next kernel that needs it builds it again, with the packages that it had."""
        from jupyter_workbench.targets.docker.building import environments, shelf

        if not FINGERPRINT.fullmatch(fingerprint):
            raise BadRequest(
                f"expected the fingerprint of an environment, 20 hexadecimal digits, got {fingerprint} - "
                f"GET /workbench/api/environments lists them"
            )
        removal = await environments.remove(await _engine(), [fingerprint])
        await self.tell_of(removal)
        for _, why in removal.kept:
            if why == shelf.NOT_THERE:
                raise NoSuchEnvironment(
                    f"expected the fingerprint of an environment on the Docker engine, got {fingerprint} - "
                    f"GET /workbench/api/environments lists them"
                )
            raise EnvironmentInUse(f"The environment {fingerprint} stays: {why}.")
        return Answer(_told(removal))


class Prune(RemovingHandler):
    """An end to what nobody needs."""

    @answers
    async def post(self) -> Answer:
        """Remove every environment that no run configuration of the projects that the server shows needs."""
        from jupyter_workbench.targets.docker import needs
        from jupyter_workbench.targets.docker.building import environments

        limit = self.body(older_than_days=days(30))["older_than_days"]
        older_than = None if limit is None else timedelta(days=limit)
        shown = await self.workbench.look()
        engine = await _engine()
        needed = await needs.needs_of(engine, shown.projects)
        keep = [info.fingerprint for info in await environments.listing(engine) if needed.of(info)]
        removal = await environments.prune(engine, older_than, keep)
        await self.tell_of(removal)
        return Answer({**_told(removal), "unknown": list(needed.unknown)})


async def _engine() -> Engine:
    from jupyter_workbench.targets.docker.engines.engine import connect  # the SDK takes a while to import

    return await connect(os.environ)


def _told(removal: Removal) -> dict[str, Any]:
    return {
        "removed": list(removal.removed),
        "bytes": removal.bytes,
        "kept": [{"fingerprint": fingerprint, "reason": why} for fingerprint, why in removal.kept],
    }


HANDLERS = [
    ("environments", Environments),
    ("environments/states", States),
    ("environments/prune", Prune),
    ("environments/([^/]+)", OneEnvironment),
]
