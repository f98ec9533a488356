"""Every run configuration of a project is a Jupyter kernel, on any compute target, and every cell can be a run.

The way of the data:

    aml_config/*.runconfig + *.compute + *.yml
     -> config       every problem of every file at once, as `file:line: key: expected X, got Y - what to do`
     -> kernels      kernelspecs "<project> <runconfig>", names only; values are resolved at each start
     -> targets      where the kernel runs: prepared, then started by the provisioner or the launcher
     -> inkernel     shipped into the kernel: `%azureml`, `azureml.logging`; each record goes to a spool first
     -> history      spool -> collector -> store (SQLite, outside the project)
     -> server, cli  show kernels, problems and runs

The functions below are the hooks that Jupyter looks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Name the module that holds the other hooks: this one."""
    return [{"module": "jupyter_workbench"}]


def _link_jupyter_server_extension(serverapp: ServerApp) -> None:
    """Put our classes in place; Jupyter calls this before it makes its managers."""
    from jupyter_workbench.server.extension import link

    link(serverapp)


def _load_jupyter_server_extension(serverapp: ServerApp) -> None:
    """Start what the server runs; Jupyter calls this when its managers exist."""
    from jupyter_workbench.server.extension import load

    load(serverapp)
