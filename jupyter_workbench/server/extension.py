"""The server extension: puts our classes in place before the server makes its managers, and brings in old records."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets.config import Config

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.history.location import project_data
from jupyter_workbench.history.store import Store
from jupyter_workbench.history.sweep import sweep
from jupyter_workbench.kernels.discovery import Discovery
from jupyter_workbench.kernels.managers import with_workbench_kernels
from jupyter_workbench.kernels.specs import WorkbenchSpecs, with_workbench_specs

CHAINED: dict[str, tuple[type, Callable[[Any], type]]] = {
    "kernel_spec_manager_class": (KernelSpecManager, with_workbench_specs),
    "kernel_manager_class": (AsyncMappingKernelManager, with_workbench_kernels),
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
    """Look for projects and bring in the records of kernels that outlived their server. Called once, at start."""
    specs = serverapp.kernel_spec_manager
    if isinstance(specs, WorkbenchSpecs):
        # A daemon thread of its own: the server must start, and stop, without waiting for file work.
        threading.Thread(target=_catch_up, args=(specs.discovery, serverapp.log), name="workbench", daemon=True).start()
    elif not GatewayClient.instance(parent=serverapp).gateway_enabled:
        serverapp.log.warning(
            "jupyter_workbench: %s is not chained with ours, so no kernel of a project is shown - "
            "see `workbench doctor`",
            type(specs).__name__,
        )


def _chain(serverapp: ServerApp, trait: str) -> None:
    default, add = CHAINED[trait]
    # An unset trait must not be read here: its default needs parts of the server that do not exist yet.
    base = getattr(serverapp, trait) if serverapp.trait_has_value(trait) else default
    chained = add(base)
    if chained is not base:
        serverapp.update_config(Config({"ServerApp": {trait: chained}}))


def _catch_up(discovery: Discovery, log: Any) -> None:
    for project in discovery.refresh().projects:
        data = project_data(project.directory, project.id)
        try:
            store = Store(data)
            try:
                sweep(data, store)
            finally:
                store.close()
        except WorkbenchError as error:
            log.warning("jupyter_workbench: the run history of %s was not brought up to date: %s", project.name, error)
