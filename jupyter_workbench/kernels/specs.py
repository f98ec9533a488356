"""Kernelspecs that follow `aml_config/`: any kernelspec manager class, with the kernels of our projects added."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Callable, Collection, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from jupyter_workbench.kernels.commands import command_of
from jupyter_workbench.kernels.discovery import Discovery
from jupyter_workbench.kernels.rows import Row

PROVISIONER = "workbench-provisioner"
MARK = "jupyter_workbench"
"""The key of our stanza in a kernelspec's metadata."""

RESOURCES = Path(__file__).parent / "resources"
PLAIN = "Python"
"""The framework whose icon is shown where a run configuration does not tell which one it is."""

_only_theirs: ContextVar[bool] = ContextVar("only_theirs", default=False)


def launcher_spec(row: Row) -> dict[str, Any]:
    """Return a kernelspec that any Jupyter client can start: its command is our launcher.

    Kernelspecs are public over REST: they carry names, never values.
    """
    return {
        "argv": [
            *command_of("jupyter_workbench.kernels.launcher"),
            *("--project", str(row.project_dir)),
            *("--run-configuration", row.run_configuration),
            *("-f", "{connection_file}"),
        ],
        "display_name": row.display_name,
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {
            "debugger": True,
            MARK: {
                "project": row.project,
                "project_dir": str(row.project_dir),
                "run_configuration": row.run_configuration,
                "target": row.target,
                "target_type": row.target_type,
                "framework": row.framework,
                "status": row.status,
            },
        },
    }


def server_spec(row: Row) -> dict[str, Any]:
    """Return a kernelspec for a server that has our provisioner: it prepares, reports and cancels."""
    spec = launcher_spec(row)
    config = {"project_dir": str(row.project_dir), "run_configuration": row.run_configuration}
    spec["metadata"]["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": config}
    return spec


def resources_of(row: Row) -> Path:
    """Return the folder with the icon of a kernel: that of its framework."""
    named = RESOURCES / (row.framework or PLAIN).lower()
    return named if named.is_dir() else RESOURCES / PLAIN.lower()


class WorkbenchSpecs(KernelSpecManager):
    """Adds our kernels to the kernelspec manager class that it is put before (`with_workbench_specs`).

    `get_all_specs` looks at the files, in a thread; the two synchronous methods answer from what it found last, so
    that neither listing nor starting does file work for us on the event loop.
    """

    _discovery: Discovery | None = None
    _folders: dict[str, str] | None = None  # of the kernelspecs that are not ours, as they were last found

    @property
    def discovery(self) -> Discovery:
        """The projects that the server sees, looked for below its root folder."""
        if self._discovery is None:
            root = getattr(self.parent, "root_dir", None) or Path.cwd()
            self._discovery = Discovery(Path(root), self._foreign)
        return self._discovery

    def find_kernel_specs(self) -> dict[str, str]:
        """Return every kernel name with its resource folder. Called by Jupyter for existence checks."""
        found = super().find_kernel_specs()
        if not _only_theirs.get():
            found.update({name: str(resources_of(row)) for name, row in self._ours().items()})
        return found

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return one kernelspec. Called by Jupyter for each kernel that it starts."""
        ours = {} if _only_theirs.get() else self._ours()
        if row := ours.get(kernel_name):
            return self.kernel_spec_class(resource_dir=str(resources_of(row)), **server_spec(row))
        return super().get_kernel_spec(kernel_name)

    async def get_all_specs(self) -> dict[str, Any]:  # type: ignore[override]
        """Return every kernelspec. Called by Jupyter for its lists and menus, which await it."""
        theirs = await self._theirs()
        rows = self._ours()
        shown = {(str(row.project_dir), row.run_configuration) for row in rows.values()}
        found = {name: spec for name, spec in theirs.items() if _run_configuration(spec) not in shown}
        for name, row in rows.items():
            found[name] = {"resource_dir": str(resources_of(row)), "spec": {"env": {}, **server_spec(row)}}
        return found

    async def refresh(self) -> None:
        """Look at the files of the projects again, in a thread."""
        await asyncio.to_thread(self.discovery.refresh)

    def is_ours(self, kernel_name: str) -> bool:
        """Tell whether a kernel name is that of a run configuration."""
        return kernel_name in self._ours()

    def _ours(self) -> dict[str, Row]:
        allowed = self.allowed_kernelspecs
        rows = self.discovery.snapshot.rows
        return {name: row for name, row in rows.items() if not allowed or name in allowed}

    def _foreign(self, names: Collection[str]) -> Collection[str]:
        """Return those of ``names`` that belong to others; specs that we installed for other clients are ours."""
        if self._folders is None:
            with _theirs_only():
                self._folders = super().find_kernel_specs()
        folders = {name: self._folders[name] for name in names if name in self._folders}
        return [name for name, folder in folders.items() if not (Path(folder) / f"{MARK}.json").exists()]

    async def _theirs(self) -> dict[str, Any]:
        """Return what the class below us finds, and look at the files of the projects in the same thread."""
        inherited: tuple[Any, ...] = (super().get_all_specs, super().find_kernel_specs, super().get_kernel_spec)
        with _theirs_only():
            # Stock `get_all_specs` is quadratic in a subclass: where all is stock, ours takes its place.
            if all(method.__func__ is getattr(KernelSpecManager, method.__name__) for method in inherited):
                return await asyncio.to_thread(self._look, self._read_stock)
            found = await asyncio.to_thread(self._look, super().get_all_specs)
            return dict(await found if inspect.isawaitable(found) else found)

    def _look(self, read: Callable[[], Any]) -> Any:
        found = read()
        if isinstance(found, dict):
            self._folders = {name: spec["resource_dir"] for name, spec in found.items()}
        self.discovery.refresh()
        return found

    def _read_stock(self) -> dict[str, Any]:
        found = {}
        for name, folder in super().find_kernel_specs().items():
            try:
                spec = self._get_kernel_spec_by_name(name, folder)
            except NoSuchKernel:
                continue  # jupyter_client has logged why
            except Exception:
                self.log.warning("Error loading kernelspec %r", name, exc_info=True)
                continue
            found[name] = {"resource_dir": folder, "spec": spec.to_dict()}
        return found


def _run_configuration(spec: dict[str, Any]) -> tuple[Any, Any]:
    """Return the project folder and the name that a kernelspec installed by us stands for."""
    stanza = spec["spec"].get("metadata", {}).get(MARK, {})
    return stanza.get("project_dir"), stanza.get("run_configuration")


@contextlib.contextmanager
def _theirs_only() -> Iterator[None]:
    """Hide our kernels from the methods above: base classes call them on `self` to find their own."""
    token = _only_theirs.set(True)
    try:
        yield
    finally:
        _only_theirs.reset(token)


def with_workbench_specs(base: type[KernelSpecManager]) -> type[KernelSpecManager]:
    """Return ``base`` with our kernels added; a class that has them already comes back as it is."""
    if issubclass(base, WorkbenchSpecs):
        return base
    return type(f"Workbench{base.__name__}", (WorkbenchSpecs, base), {"__module__": __name__})
