"""Kernelspecs as files, for clients that run no server of ours: nbconvert, papermill, the Jupyter console, VS Code."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

from jupyter_workbench.config.project import CONFIG_FOLDER, is_folder, load
from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.kernels.rows import Row, rows
from jupyter_workbench.kernels.specs import MARK, launcher_spec, resources_of


@dataclass(frozen=True)
class InstalledSpec:
    """A kernelspec that `install` wrote."""

    name: str
    display_name: str
    project: str
    project_dir: Path
    run_configuration: str
    folder: Path


def rows_to_install(home: Path, others: Iterable[InstalledSpec]) -> list[Row]:
    """Return the rows of the project at ``home`` as `install` takes them, told apart from ``others``.

    They do not take the kernel names of other projects. Their display names tell the folder too, when there are
    installed kernels of another project of that name, which still exists.
    """
    project = load(home)
    strangers = [spec for spec in others if spec.project_dir != home]
    namesakes = {spec.project_dir.resolve() for spec in strangers if spec.project == project.name} - {home}
    known = [load(folder) for folder in sorted(namesakes) if is_folder(folder / CONFIG_FOLDER)]
    found = rows([project, *known], {spec.name for spec in strangers})
    return [row for row in found if row.project_dir == home]


def install(rows: Iterable[Row], *, user: bool = False, prefix: str | None = None) -> list[Path]:
    """Write a kernelspec for each row and return their folders.

    ``user`` installs for this user, ``prefix`` into an environment, neither for the whole system, as for
    `jupyter kernelspec install`. A kernelspec of the same name that is not ours is refused, not overwritten.
    """
    manager = KernelSpecManager()
    written = []
    for row in rows:
        destination = kernels_folder(user=user, prefix=prefix) / row.name
        if destination.exists() and not is_ours(destination):
            raise WorkbenchError(
                f"{destination} holds a kernelspec that `workbench kernels install` did not write - "
                f"remove it with `jupyter kernelspec remove {row.name}`, or rename the run configuration"
            )
        with tempfile.TemporaryDirectory() as source:
            _write(Path(source), row)
            written.append(Path(manager.install_kernel_spec(source, row.name, user=user, prefix=prefix)))
    return written


def kernels_folder(*, user: bool = False, prefix: str | None = None) -> Path:
    """Return the folder that `install` writes into when it is told the same."""
    return Path(KernelSpecManager()._get_destination_dir("any", user=user, prefix=prefix)).parent


def installed(folder: Path | None = None) -> list[InstalledSpec]:
    """Return every kernelspec of ours in a folder of kernelspecs, or else in all those that Jupyter looks into."""
    folders = KernelSpecManager().kernel_dirs if folder is None else [str(folder)]
    looked_into = [path for path in map(Path, dict.fromkeys(folders)) if path.is_dir()]
    found = [spec for path in looked_into for spec in path.iterdir() if is_ours(spec)]
    return sorted(map(_read, found), key=lambda spec: spec.name)


def gone(specs: Iterable[InstalledSpec], rows: Collection[Row]) -> list[InstalledSpec]:
    """Return those kernelspecs of the project of ``rows`` whose run configuration it no longer has."""
    homes = {row.project_dir for row in rows}
    there = {(row.project_dir, row.run_configuration) for row in rows}
    ours = (spec for spec in specs if spec.project_dir in homes)
    return [spec for spec in ours if (spec.project_dir, spec.run_configuration) not in there]


def is_ours(folder: Path) -> bool:
    """Tell whether `install` wrote a kernelspec."""
    return (folder / f"{MARK}.json").exists() and (folder / "kernel.json").exists()


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
    for resource in resources_of(row).iterdir():
        shutil.copy(resource, folder)


def _read(folder: Path) -> InstalledSpec:
    spec = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
    ours = spec["metadata"][MARK]
    return InstalledSpec(
        name=folder.name,
        display_name=spec["display_name"],
        project=ours["project"],
        project_dir=Path(ours["project_dir"]),
        run_configuration=ours["run_configuration"],
        folder=folder,
    )
