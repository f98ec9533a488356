"""The server extension: puts our classes in place before the server makes its managers, and brings in old records."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import url_path_join
from traitlets.config import Config

from jupyter_workbench.history.intake.news import news
from jupyter_workbench.kernels import run_pages
from jupyter_workbench.kernels.connections import with_workbench_connections
from jupyter_workbench.kernels.discovery import Discovery
from jupyter_workbench.kernels.managers import WorkbenchKernels, with_workbench_kernels
from jupyter_workbench.kernels.preparing import prepare_environment, settled
from jupyter_workbench.kernels.progress import board
from jupyter_workbench.kernels.specs import WorkbenchSpecs, with_workbench_specs
from jupyter_workbench.screen import why_no_screen
from jupyter_workbench.server import catch_up
from jupyter_workbench.server.last_failures import LastFailures
from jupyter_workbench.server.mirroring import WorkbenchMirror
from jupyter_workbench.server.preparations import Preparation, Preparations
from jupyter_workbench.server.progress_events import ProgressEvents
from jupyter_workbench.server.routes import add_routes
from jupyter_workbench.server.run_events import RunEvents
from jupyter_workbench.server.start_logs import StartLogs
from jupyter_workbench.server.target_events import TargetEvents
from jupyter_workbench.server.target_use import StoppedTargets
from jupyter_workbench.server.watch import Watch
from jupyter_workbench.server.workbench import Workbench
from jupyter_workbench.targets.docker.running import tidying

CHAINED: dict[str, tuple[type, Callable[[Any], type]]] = {
    "kernel_spec_manager_class": (KernelSpecManager, with_workbench_specs),
    "kernel_manager_class": (AsyncMappingKernelManager, with_workbench_kernels),
    "kernel_websocket_connection_class": (ZMQChannelsWebsocketConnection, with_workbench_connections),
}
"""Each trait of the server that we chain: its class when nobody sets one, and what adds ours to a class."""


def link(serverapp: ServerApp) -> None:
    """Chain whatever classes are configured with ours. Called before the server makes its managers.

    A class that another extension or a later configuration sets afterwards is chained again.
    """
    if GatewayClient.instance(parent=serverapp).gateway_enabled:
        serverapp.log.info("jupyter_workbench: a kernel gateway is configured, its kernels are used")
        return
    for trait in CHAINED:
        _chain(serverapp, trait)
        serverapp.observe(lambda change: _chain(serverapp, change["name"]), names=trait)


def load(serverapp: ServerApp) -> None:
    """Start what the server runs for us. Called once, when its managers exist."""
    if reason := why_no_screen():
        serverapp.log.warning("jupyter_workbench: JupyterLab does not show our screen: %s", reason)
    elif serverapp.extension_manager.extension_apps.get("jupyterlab"):
        run_pages.shown_in(url_path_join(serverapp.base_url, "lab"))
    specs = serverapp.kernel_spec_manager
    if isinstance(specs, WorkbenchSpecs):
        failures = LastFailures()
        Watch(serverapp, specs.discovery, failures).start()
        serverapp.io_loop.add_callback(tidying.after_a_crash, os.environ)
        _open_routes(serverapp, specs.discovery, failures)
        _mirror(serverapp, specs.discovery)
        catch_up.start(specs.discovery, serverapp.log)  # last: what it brings in is told to front ends
    elif not GatewayClient.instance(parent=serverapp).gateway_enabled:
        serverapp.log.warning(
            "jupyter_workbench: %s is not chained with ours, so no kernel of a project is shown - "
            "see `workbench doctor`",
            type(specs).__name__,
        )


def _open_routes(serverapp: ServerApp, discovery: Discovery, failures: LastFailures) -> None:
    assert serverapp.event_logger is not None, "a server that loads extensions has made it"
    events = ProgressEvents(serverapp.event_logger)
    logs = StartLogs()

    def told(preparation: Preparation) -> None:
        logs.preparation(preparation)
        failures.preparation(preparation)
        events.preparation(preparation)

    board.listen(logs.kernel)  # first: who is told of a moment may read the log of it
    board.listen(failures.kernel)
    board.listen(events.kernel)
    preparations = Preparations(prepare_environment, told)
    run_events = RunEvents(serverapp.event_logger, serverapp.io_loop.asyncio_loop)  # type: ignore[attr-defined]
    news.listen(run_events)
    target_events = TargetEvents(serverapp.event_logger)
    stopped = StoppedTargets(target_events.changed)
    workbench = Workbench(discovery, preparations, run_events, target_events, stopped, logs, failures)
    board.listen(stopped.hear)
    add_routes(serverapp.web_app, workbench)
    kernels = serverapp.kernel_manager
    if isinstance(kernels, WorkbenchKernels):
        kernels.at_shutdown += [preparations.close, workbench.environment_states.close, settled]


def _mirror(serverapp: ServerApp, discovery: Discovery) -> None:
    mirror = WorkbenchMirror(parent=serverapp)
    mirror.start(discovery)
    kernels = serverapp.kernel_manager
    if isinstance(kernels, WorkbenchKernels):
        kernels.at_shutdown.append(mirror.close)


def _chain(serverapp: ServerApp, trait: str) -> None:
    default, add = CHAINED[trait]
    # An unset trait must not be read here: its default needs parts of the server that do not exist yet.
    base = getattr(serverapp, trait) if serverapp.trait_has_value(trait) else default
    chained = add(base)
    if chained is not base:
        serverapp.update_config(Config({"ServerApp": {trait: chained}}))
