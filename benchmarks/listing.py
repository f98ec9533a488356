"""Listing 200 run configurations over 20 projects, beside jupyter_client's own listing of 200 kernelspecs.

    python -m benchmarks.listing [ROUNDS]

Goals: no slower than jupyter_client's own listing of 200 specs; a refresh that finds no change under a quarter of it;
the user's own 200 specs no slower to list than without us.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

from benchmarks.measure import report, side_by_side
from jupyter_workbench.kernels.specs import with_workbench_specs

PROJECTS, RUN_CONFIGURATIONS, SPECS = 20, 10, 200


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        stock = KernelSpecManager(kernel_dirs=[_installed(root)], ensure_native_kernel=False)
        ours = _manager(_projects(root / "projects"), [])
        mixed = _manager(root / "empty", stock.kernel_dirs)

        async def stock_list() -> None:
            assert len(stock.get_all_specs()) == SPECS

        async def our_list() -> None:
            assert len(await ours.get_all_specs()) == PROJECTS * RUN_CONFIGURATIONS

        async def our_refresh() -> None:
            ours.discovery.refresh()

        async def mixed_list() -> None:
            assert len(await mixed.get_all_specs()) == SPECS

        candidates = {
            "jupyter_client, 200 specs": stock_list,
            "ours, 200 run configurations in 20 projects": our_list,
            "ours, a refresh that finds no change": our_refresh,
            "the user's own 200 specs through our manager": mixed_list,
        }
        report("listing kernels, warm", side_by_side(candidates, rounds))


def _installed(root: Path) -> str:
    for number in range(SPECS):
        folder = root / "kernels" / f"kernel{number}"
        folder.mkdir(parents=True)
        spec = {
            "argv": ["python", "-m", "k", "-f", "{connection_file}"],
            "display_name": f"K {number}",
            "language": "python",
        }
        (folder / "kernel.json").write_text(json.dumps(spec))
    return str(root / "kernels")


def _projects(root: Path) -> Path:
    for project in range(PROJECTS):
        configuration = root / f"project{project}" / "aml_config"
        configuration.mkdir(parents=True)
        (configuration / "local.compute").write_text("type: local\npythonLocation: python\n")
        for number in range(RUN_CONFIGURATIONS):
            text = "ArgumentVector:\n- $file\nTarget: local\nFramework: Python\nEnvironmentVariables:\n  A: b\n"
            (configuration / f"rc{number}.runconfig").write_text(text)
    return root


def _manager(root: Path, kernel_dirs: list[str]) -> KernelSpecManager:
    root.mkdir(exist_ok=True)
    os.chdir(root)
    manager = with_workbench_specs(KernelSpecManager)(kernel_dirs=kernel_dirs, ensure_native_kernel=False)
    assert manager.discovery
    return manager


if __name__ == "__main__":
    main()
