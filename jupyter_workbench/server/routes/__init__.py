"""The REST API below `/workbench/api/`: one module a subject, each with its `HANDLERS` (`docs/reference/rest.md`)."""

from __future__ import annotations

from typing import Any

from jupyter_server.utils import url_path_join
from tornado.web import Application

from jupyter_workbench.server.routes import (
    description,
    environments,
    kernels,
    preparations,
    projects,
    runs,
    spark_ui,
    start_logs,
    targets,
)
from jupyter_workbench.server.routes.base import NoSuchRoute
from jupyter_workbench.server.workbench import Workbench

SUBJECTS = (description, projects, targets, preparations, environments, kernels, start_logs, runs)


def add_routes(web_app: Application, workbench: Workbench) -> None:
    """Let a server answer our requests."""
    handlers = [*(handler for subject in SUBJECTS for handler in subject.HANDLERS), ("(.*)", NoSuchRoute)]
    below = url_path_join(web_app.settings["base_url"], "workbench", "api")
    rules: list[Any] = [(f"{below}/{path}", handler, {"workbench": workbench}) for path, handler in handlers]
    web_app.add_handlers(".*$", [*rules, *spark_ui.rules(web_app.settings["base_url"])])
