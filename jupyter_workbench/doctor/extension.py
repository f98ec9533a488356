"""Whether a Jupyter server of this environment will load us, and find our kernels."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.application import JupyterApp
from jupyter_core.paths import jupyter_config_path
from jupyter_server.extension.config import ExtensionConfigManager
from jupyter_server.extension.manager import ExtensionPackage
from jupyter_server.serverapp import ServerApp
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from jupyter_workbench.doctor.check import Check
from jupyter_workbench.kernels.specs import PROVISIONER, WorkbenchSpecs
from jupyter_workbench.screen import why_no_screen

PACKAGE = "jupyter_workbench"


class _ServerFiles(JupyterApp):
    """Reads the files of a server, which are called by this name, and acts on nothing."""

    name = "jupyter_server"


def checks(_: Path) -> Iterator[Check]:
    """Look at the configuration of servers and at our own hooks."""
    yield _enabled()
    yield _provisioner()
    yield _screen()
    config = server_config()
    configured = _configured(config, "ServerApp", "kernel_spec_manager_class")
    broken = None if configured is None else _broken_class(configured)
    if _configured(config, "GatewayClient", "url"):
        fix = "take GatewayClient.url out of the configuration to have the kernels of projects"
        yield Check.warning("Extension linked", "a kernel gateway is configured; kernels come from there only", fix)
    elif broken is not None:
        yield broken
    else:
        yield _linked(config)


def server_config() -> Config:
    """Return what the configuration files say to a server. A real ServerApp would exit if they say nonsense."""
    reader = _ServerFiles()
    reader.load_config_file()
    return reader.config


def enabled_extensions() -> dict[str, bool]:
    """Return the extensions that the configuration folders of Jupyter enable or disable, by package."""
    manager = ExtensionConfigManager(read_config_path=jupyter_config_path())
    return dict(manager.get_jpserver_extensions())  # type: ignore[no-untyped-call]


def _enabled() -> Check:
    enabled = enabled_extensions().get(PACKAGE)
    if enabled:
        return Check.ok("Extension enabled", "in the configuration of Jupyter")
    said = "not in" if enabled is None else "disabled in"
    fix = f"{sys.executable} -m jupyter_server extension enable {PACKAGE} --sys-prefix"
    return Check.failure("Extension enabled", f"it is {said} the configuration of Jupyter", fix)


def _linked(config: Config) -> Check:
    """Call our hook as a server of this configuration would, and look at what it leaves behind."""
    name = "Extension linked"
    app = ServerApp(config=config)
    base = app.kernel_spec_manager_class if app.trait_has_value("kernel_spec_manager_class") else KernelSpecManager
    try:
        for point in ExtensionPackage(name=PACKAGE, enabled=True).extension_points.values():  # type: ignore[no-untyped-call]
            point.link(app)
    except Exception as error:  # whatever a server would log: it goes on without our kernels
        return Check.failure(name, f"its hook raises {type(error).__name__}: {error}", Check.REINSTALL)
    if not issubclass(app.kernel_spec_manager_class, WorkbenchSpecs):
        return Check.failure(name, "its hook does not add the kernels of projects", Check.REINSTALL)
    return Check.ok(name, f"the kernels of projects are added to {base.__module__}.{base.__name__}")


def _provisioner() -> Check:
    found = importlib.metadata.entry_points(group="jupyter_client.kernel_provisioners", name=PROVISIONER)
    if not found:
        return Check.failure("Kernel provisioner", f"{PROVISIONER} is not registered", Check.REINSTALL)
    try:
        next(iter(found)).load()
    except (ImportError, AttributeError) as error:
        return Check.failure("Kernel provisioner", f"{PROVISIONER} cannot be imported: {error}", Check.REINSTALL)
    return Check.ok("Kernel provisioner", f"{PROVISIONER} is registered")


def _screen() -> Check:
    name = "Screen in JupyterLab"
    if (reason := why_no_screen()) is None:
        return Check.ok(name, "its extension is installed")
    what, *more = reason.splitlines()
    return Check.warning(name, what, "\n".join([*more, Check.REINSTALL]))


def _broken_class(configured: str | type) -> Check | None:
    """Return what is wrong with the class that a configuration file sets as the manager of kernelspecs."""
    fix = "take ServerApp.kernel_spec_manager_class out of the configuration, or install the package it comes from"
    try:
        manager = import_item(configured) if isinstance(configured, str) else configured
    except ImportError as error:
        return Check.failure("Kernelspec manager", f"{configured} is configured, but cannot be imported: {error}", fix)
    if not (isinstance(manager, type) and issubclass(manager, KernelSpecManager)):
        return Check.failure("Kernelspec manager", f"{configured} is configured, but is no KernelSpecManager", fix)
    return None


def _configured(config: Config, section: str, key: str) -> Any:
    return config[section][key] if section in config and key in config[section] else None
