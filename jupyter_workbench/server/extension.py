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
from traitlets.config import Config

from jupyter_workbench.kernels.connections import with_workbench_connections
from jupyter_workbench.kernels.discovery import Discovery
from jupyter_workbench.kernels.managers import WorkbenchKernels, with_workbench_kernels
from jupyter_workbench.kernels.preparing import prepare_environment, settled
from jupyter_workbench.kernels.progress import board
from jupyter_workbench.kernels.specs import WorkbenchSpecs, with_workbench_specs
from jupyter_workbench.server import catch_up
from jupyter_workbench.server.preparations import Preparations
from jupyter_workbench.server.progress_events import ProgressEvents
from jupyter_workbench.server.routes import add_routes
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
    specs = serverapp.kernel_spec_manager
    if isinstance(specs, WorkbenchSpecs):
        catch_up.start(specs.discovery, serverapp.log)
        Watch(serverapp, specs.discovery).start()
        serverapp.io_loop.add_callback(tidying.after_a_crash, os.environ)
        _open_routes(serverapp, specs.discovery)
    elif not GatewayClient.instance(parent=serverapp).gateway_enabled:
        serverapp.log.warning(
            "jupyter_workbench: %s is not chained with ours, so no kernel of a project is shown - "
            "see `workbench doctor`",
            type(specs).__name__,
        )


def _open_routes(serverapp: ServerApp, discovery: Discovery) -> None:
    assert serverapp.event_logger is not None, "a server that loads extensions has made it"
    events = ProgressEvents(serverapp.event_logger)
    board.listen(events.kernel)
    preparations = Preparations(prepare_environment, told=events.preparation)
    add_routes(serverapp.web_app, Workbench(discovery, preparations))
    kernels = serverapp.kernel_manager
    if isinstance(kernels, WorkbenchKernels):
        kernels.at_shutdown += [preparations.close, settled]


def _chain(serverapp: ServerApp, trait: str) -> None:
    default, add = CHAINED[trait]
    # An unset trait must not be read here: its default needs parts of the server that do not exist yet.
    base = getattr(serverapp, trait) if serverapp.trait_has_value(trait) else default
    chained = add(base)
    if chained is not base:
        serverapp.update_config(Config({"ServerApp": {trait: chained}}))
