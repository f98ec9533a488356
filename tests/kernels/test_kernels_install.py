"""Kernelspecs as files, for clients without our server."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.kernels.install import install, installed, uninstall
from jupyter_workbench.kernels.rows import Row


@pytest.fixture
def a_row(tmp_path: Path) -> Row:
    return Row("myiris_local", "myIris local", "myIris", tmp_path, "local", "local", "local", "Python", "ready", ())


@pytest.fixture
def prefix(tmp_path, monkeypatch) -> str:
    """A prefix that Jupyter looks into."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "prefix" / "share" / "jupyter"))
    return str(tmp_path / "prefix")


def test_a_kernelspec_that_is_not_ours_is_refused_and_kept(a_row, prefix):
    folder = Path(prefix) / "share" / "jupyter" / "kernels" / "myiris_local"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text("{}")
    with pytest.raises(WorkbenchError) as error:
        install([a_row], prefix=prefix)
    assert str(error.value) == (
        f"{folder} holds a kernelspec that `workbench kernels install` did not write - "
        "remove it with `jupyter kernelspec remove myiris_local`, or rename the run configuration"
    )
    assert (folder / "kernel.json").read_text() == "{}"


def test_an_installed_kernelspec_is_found_by_every_jupyter_client(a_row, prefix):
    install([a_row], prefix=prefix)
    assert KernelSpecManager().get_kernel_spec("myiris_local").display_name == "myIris local"


def test_its_command_is_our_launcher_and_it_needs_no_provisioner(a_row, prefix):
    (folder,) = install([a_row], prefix=prefix)
    spec = json.loads((folder / "kernel.json").read_text())
    assert spec["argv"][:2] == [sys.executable, "-c"]
    assert spec["argv"][2].endswith("from jupyter_workbench.kernels.launcher import main; main()")
    assert spec["argv"][3:] == [
        "--project",
        str(a_row.project_dir),
        "--run-configuration",
        "local",
        "-f",
        "{connection_file}",
    ]
    assert "kernel_provisioner" not in spec["metadata"]


def test_installing_again_replaces_our_own(a_row, prefix):
    assert install([a_row], prefix=prefix) == install([a_row], prefix=prefix)


def test_what_we_installed_is_listed_and_nothing_else(a_row, prefix):
    (folder,) = install([a_row], prefix=prefix)
    (spec,) = installed()
    assert (spec.name, spec.display_name, spec.project_dir, spec.run_configuration, spec.folder) == (
        "myiris_local",
        "myIris local",
        a_row.project_dir,
        "local",
        folder,
    )


def test_uninstalling_removes_the_folder(a_row, prefix):
    (folder,) = install([a_row], prefix=prefix)
    uninstall(installed())
    assert not folder.exists()
    assert installed() == []
