"""Kernelspecs as files, for clients that run no server of ours: nbconvert, papermill, the Jupyter console, VS Code."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.kernels.rows import Row
from jupyter_workbench.kernels.specs import MARK, RESOURCES, launcher_spec


@dataclass(frozen=True)
class InstalledSpec:
    """A kernelspec that `install` wrote."""

    name: str
    display_name: str
    project_dir: Path
    run_configuration: str
    folder: Path


def install(rows: Iterable[Row], *, user: bool = False, prefix: str | None = None) -> list[Path]:
    """Write a kernelspec for each row and return their folders.

    ``user`` installs for this user, ``prefix`` into an environment, neither for the whole system, as for
    `jupyter kernelspec install`. A kernelspec of the same name that is not ours is refused, not overwritten.
    """
    manager = KernelSpecManager()
    written = []
    for row in rows:
        destination = Path(manager._get_destination_dir(row.name, user=user, prefix=prefix))
        if destination.exists() and not _is_ours(destination):
            raise WorkbenchError(
                f"{destination} holds a kernelspec that `workbench kernels install` did not write - "
                f"remove it with `jupyter kernelspec remove {row.name}`, or rename the run configuration"
            )
        with tempfile.TemporaryDirectory() as source:
            _write(Path(source), row)
            written.append(Path(manager.install_kernel_spec(source, row.name, user=user, prefix=prefix)))
    return written


def installed() -> list[InstalledSpec]:
    """Return every kernelspec of ours that Jupyter finds."""
    found = KernelSpecManager().find_kernel_specs()
    return [_read(name, Path(folder)) for name, folder in sorted(found.items()) if _is_ours(Path(folder))]


def uninstall(specs: Iterable[InstalledSpec]) -> list[Path]:
    """Remove kernelspecs of ours and return their folders."""
    removed = []
    for spec in specs:
        shutil.rmtree(spec.folder)
        removed.append(spec.folder)
    return removed


def _write(folder: Path, row: Row) -> None:
    spec = launcher_spec(row)
    (folder / "kernel.json").write_text(json.dumps(spec, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / f"{MARK}.json").write_text(json.dumps(spec["metadata"][MARK], indent=1) + "\n", encoding="utf-8")
    for resource in RESOURCES.iterdir():
        shutil.copy(resource, folder)


def _is_ours(folder: Path) -> bool:
    return (folder / f"{MARK}.json").exists()


def _read(name: str, folder: Path) -> InstalledSpec:
    spec = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
    ours = spec["metadata"][MARK]
    return InstalledSpec(name, spec["display_name"], Path(ours["project_dir"]), ours["run_configuration"], folder)
