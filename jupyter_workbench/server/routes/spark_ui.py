"""`/workbench/spark/<kernel id>/`: the Spark UI of a kernel, behind the login of Jupyter.

Documents are for who is logged in. What they load comes without cookies, since their sandbox has no origin: there a
capability stands in the path (`server.spark_ui.capability`), which no address bar shows.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated, authorized
from jupyter_server.utils import url_path_join
from tornado import web

from jupyter_workbench.server.spark_ui.capability import Capabilities
from jupyter_workbench.server.spark_ui.failures import SparkUiRefused
from jupyter_workbench.server.spark_ui.handler import BELOW, SparkUiHandler, told
from jupyter_workbench.server.spark_ui.requests import path_below, query_without_token, url_with
from jupyter_workbench.targets.spark_ui import serve_below


def rules(base_url: str) -> list[Any]:
    """Return the routes of a server for its application, and note where kernels find themselves served."""
    below = url_path_join(base_url, BELOW)
    serve_below(below)
    shared = {"capabilities": Capabilities()}
    return [
        (f"{below}/([^/]+)/~([^/]+)(?:/.*)?", Parts, shared),
        (f"{below}/([^/]+)(?:/.*)?", Documents, shared),
    ]


class Documents(SparkUiHandler):
    """The pages of a UI, for who is logged in."""

    @web.authenticated
    @authorized
    @told
    async def get(self, kernel_id: str) -> None:
        """Pass a page on, once nothing in its address or in that of the page before it could log somebody in."""
        place = self.place_of(kernel_id)
        asked = path_below(place, self.request.path)
        has_token = "token" in self.request.query_arguments or "token=" in self.request.headers.get("Referer", "")
        if not asked or (has_token and self.is_for_a_person):
            self.redirect(url_with(place, asked or "/", query_without_token(self.request.query)))
            return
        await self.pass_on(kernel_id, asked, place)

    head = get


class Parts(SparkUiHandler):
    """What the pages load, for who has the capability."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Ask for no login, and give none. Called by tornado."""
        self.current_user = self._jupyter_current_user = None
        if not self.check_host():
            raise web.HTTPError(403)

    def set_default_headers(self) -> None:
        """Let the sandbox read the answers. Called by tornado."""
        super().set_default_headers()
        self.set_header("Access-Control-Allow-Origin", "null")

    @allow_unauthenticated
    @told
    async def get(self, kernel_id: str, capability: str) -> None:
        """Pass a part on; a page is shown where one has to be logged in."""
        place = self.place_of(kernel_id, capability)
        asked = path_below(place, self.request.path) or "/"
        if self.is_for_a_person:
            query = query_without_token(self.request.query)
            self.redirect(url_with(self.place_of(kernel_id), asked, query))
            return
        if not self.capabilities.opens(capability, kernel_id):
            raise SparkUiRefused("This part of a Spark UI belongs to a page that is too old - reload the page.")
        await self.pass_on(kernel_id, asked, place)

    head = get

    @allow_unauthenticated
    async def options(self, *_: str) -> None:
        """Tell that scripts of the sandbox may read: jQuery adds a header that browsers ask about first."""
        self.set_header("Access-Control-Allow-Methods", "GET, HEAD")
        self.set_header("Access-Control-Allow-Headers", "X-Requested-With")
        self.set_header("Access-Control-Max-Age", "3600")
        self.set_status(204)
        self.finish()
