"""What the doctor finds in a broken installation, and what it advises."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from jupyter_workbench import doctor
from jupyter_workbench.doctor import extension, jupyter, projects, python, storage
from jupyter_workbench.doctor.check import Check
from jupyter_workbench.templates import create


@pytest.fixture
def config_dir(tmp_path, monkeypatch) -> Path:
    """The only folder that Jupyter reads configuration from."""
    folder = tmp_path / "config"
    folder.mkdir()
    monkeypatch.setattr("jupyter_workbench.doctor.extension.jupyter_config_path", lambda: [str(folder)])
    monkeypatch.setattr("jupyter_core.application.jupyter_config_path", lambda: [str(folder)])
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
    return folder


@pytest.fixture
def a_project(tmp_path) -> Path:
    create(tmp_path / "myIris", "blank", "myIris", "myiris_local")
    return tmp_path / "myIris"


def by_name(checks) -> dict[str, Check]:
    return {check.name: check for check in checks}


# ---- the registry


def test_a_group_that_raises_is_a_failure_and_the_others_are_still_shown(monkeypatch, tmp_path):
    groups = {"Broken": "jupyter_workbench.doctor.nothing", "Python": "jupyter_workbench.doctor.python"}
    monkeypatch.setattr(doctor, "GROUPS", groups)
    found = doctor.examine(tmp_path)
    assert found[0] == Check(
        "Broken",
        "failure",
        "could not be checked: ModuleNotFoundError: No module named 'jupyter_workbench.doctor.nothing'",
        f"{sys.executable} -m pip install --force-reinstall jupyter_workbench",
    )
    assert found[1].name == "Python"


# ---- Python


def test_a_jupyter_of_another_python_is_a_warning(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda _: str(tmp_path / "jupyter"))
    assert by_name(python.checks(tmp_path))["jupyter command"] == Check.warning(
        "jupyter command",
        f"{tmp_path}/jupyter belongs to another Python, in which projects may have no kernels",
        "workbench notebook start",
    )


def test_no_jupyter_on_the_path_is_a_warning(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert by_name(python.checks(tmp_path))["jupyter command"].status == "warning"


def test_an_old_python_is_a_failure(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.version_info", (3, 9, 0))
    check = by_name(python.checks(tmp_path))["Python"]
    assert (check.status, check.fix) == ("failure", "install jupyter_workbench in Python 3.10 or newer")


# ---- Jupyter


@pytest.fixture
def version_of(monkeypatch) -> dict[str, str]:
    """Versions that packages seem to have; None is not installed."""
    versions: dict[str, str | None] = {}
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name in versions and versions[name] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions.get(name) or real(name)

    monkeypatch.setattr("importlib.metadata.version", version)
    return versions


def test_every_package_of_jupyter_that_we_need_is_shown(tmp_path):
    assert set(by_name(jupyter.checks(tmp_path))) == {"jupyter-server", "jupyterlab", "jupyter-client", "ipykernel"}


def test_a_package_that_is_too_old_is_a_failure(tmp_path, version_of):
    version_of["jupyterlab"] = "3.6.0"
    assert by_name(jupyter.checks(tmp_path))["jupyterlab"] == Check.failure(
        "jupyterlab",
        "3.6.0 is older than what is needed, >=4.2",
        f'{sys.executable} -m pip install --upgrade "jupyterlab>=4.2"',
    )


def test_a_package_that_is_missing_is_a_failure(tmp_path, version_of):
    version_of["ipykernel"] = None
    check = by_name(jupyter.checks(tmp_path))["ipykernel"]
    assert (check.status, check.detail) == ("failure", "is not installed")


# ---- the extension


def test_an_extension_that_is_not_enabled_is_a_failure(config_dir, tmp_path):
    assert by_name(extension.checks(tmp_path))["Extension enabled"] == Check.failure(
        "Extension enabled",
        "it is not in the configuration of Jupyter",
        f"{sys.executable} -m jupyter_server extension enable jupyter_workbench --sys-prefix",
    )


def test_an_extension_that_is_disabled_is_a_failure(config_dir, tmp_path):
    (config_dir / "jupyter_server_config.json").write_text(
        '{"ServerApp": {"jpserver_extensions": {"jupyter_workbench": false}}}'
    )
    check = by_name(extension.checks(tmp_path))["Extension enabled"]
    assert (check.status, check.detail) == ("failure", "it is disabled in the configuration of Jupyter")


def test_an_enabled_extension_is_a_pass(config_dir, tmp_path):
    (config_dir / "jupyter_server_config.d").mkdir()
    (config_dir / "jupyter_server_config.d/jupyter_workbench.json").write_text(
        '{"ServerApp": {"jpserver_extensions": {"jupyter_workbench": true}}}'
    )
    assert by_name(extension.checks(tmp_path))["Extension enabled"].status == "ok"


def test_a_screen_that_was_not_built_is_told_with_what_to_do(config_dir, tmp_path, monkeypatch):
    (tmp_path / "not_built.txt").write_text("expected Node 20.19 or newer, found none - get it\n")
    monkeypatch.setattr("jupyter_workbench.screen.NOT_BUILT", tmp_path / "not_built.txt")
    monkeypatch.setattr("jupyter_workbench.screen.jupyter_path", lambda *_: [str(tmp_path)])
    assert by_name(extension.checks(tmp_path))["Screen in JupyterLab"] == Check.warning(
        "Screen in JupyterLab", "expected Node 20.19 or newer, found none - get it", Check.REINSTALL
    )


def test_a_screen_that_is_not_installed_is_told(config_dir, tmp_path, monkeypatch):
    monkeypatch.setattr("jupyter_workbench.screen.NOT_BUILT", tmp_path / "not_built.txt")
    monkeypatch.setattr("jupyter_workbench.screen.jupyter_path", lambda *_: [str(tmp_path)])
    assert by_name(extension.checks(tmp_path))["Screen in JupyterLab"].detail == (
        "jupyter_workbench is in none of the folders where JupyterLab looks for extensions - install the package again"
    )


def test_a_screen_that_is_installed_passes(config_dir, tmp_path, monkeypatch):
    (tmp_path / "jupyter_workbench").mkdir()
    (tmp_path / "jupyter_workbench" / "package.json").write_text("{}")
    monkeypatch.setattr("jupyter_workbench.screen.jupyter_path", lambda *_: [str(tmp_path)])
    assert by_name(extension.checks(tmp_path))["Screen in JupyterLab"].status == "ok"


def test_the_hook_adds_our_kernels_to_jupyters_own(config_dir, tmp_path):
    assert by_name(extension.checks(tmp_path))["Extension linked"] == Check.ok(
        "Extension linked", "the kernels of projects are added to jupyter_client.kernelspec.KernelSpecManager"
    )


def test_a_foreign_manager_of_kernelspecs_is_chained_and_named(config_dir, tmp_path, monkeypatch):
    (tmp_path / "foreign_specs.py").write_text(
        "from jupyter_client.kernelspec import KernelSpecManager\nclass Foreign(KernelSpecManager): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    (config_dir / "jupyter_server_config.py").write_text(
        "c.ServerApp.kernel_spec_manager_class = 'foreign_specs.Foreign'\n"
    )
    assert by_name(extension.checks(tmp_path))["Extension linked"] == Check.ok(
        "Extension linked", "the kernels of projects are added to foreign_specs.Foreign"
    )


@pytest.mark.parametrize(
    ("configured", "detail"),
    [
        ("gone.Specs", "gone.Specs is configured, but cannot be imported: No module named 'gone'"),
        ("json.JSONDecoder", "json.JSONDecoder is configured, but is no KernelSpecManager"),
    ],
)
def test_a_manager_of_kernelspecs_that_cannot_work_is_a_failure(config_dir, tmp_path, configured, detail):
    (config_dir / "jupyter_server_config.py").write_text(f"c.ServerApp.kernel_spec_manager_class = '{configured}'\n")
    assert by_name(extension.checks(tmp_path))["Kernelspec manager"] == Check.failure(
        "Kernelspec manager",
        detail,
        "take ServerApp.kernel_spec_manager_class out of the configuration, or install the package it comes from",
    )


def test_a_gateway_is_a_warning(config_dir, tmp_path):
    (config_dir / "jupyter_server_config.py").write_text("c.GatewayClient.url = 'http://localhost:1'\n")
    assert by_name(extension.checks(tmp_path))["Extension linked"].status == "warning"


def test_a_hook_that_raises_is_a_failure(config_dir, tmp_path, monkeypatch):
    def broken(serverapp):
        raise RuntimeError("no")

    monkeypatch.setattr("jupyter_workbench.server.extension.link", broken)
    check = by_name(extension.checks(tmp_path))["Extension linked"]
    assert (check.status, check.detail) == ("failure", "its hook raises RuntimeError: no")


def test_a_provisioner_that_is_not_registered_is_a_failure(config_dir, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())
    check = by_name(extension.checks(tmp_path))["Kernel provisioner"]
    assert (check.status, check.detail) == ("failure", "workbench-provisioner is not registered")


# ---- the run history


def test_a_data_folder_that_does_not_exist_yet_is_a_pass_and_is_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_WORKBENCH_DATA_DIR", str(tmp_path / "a/b"))
    (check,) = storage.checks(tmp_path)
    assert check == Check.ok("Data folder", f"{tmp_path}/a/b can be written and is on a disk of this machine")
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_that_cannot_be_written_is_a_failure(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JUPYTER_WORKBENCH_DATA_DIR", str(tmp_path / "file"))
    (check,) = storage.checks(tmp_path)
    assert check == Check.failure(
        "Data folder",
        f"{tmp_path}/file cannot be written: Not a directory",
        f"make {tmp_path}/file a folder that you can write in, or name a folder on a local disk in the environment "
        "variable JUPYTER_WORKBENCH_DATA_DIR",
    )


def test_a_data_folder_on_a_network_file_system_is_a_warning(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text("server:/home / nfs4 rw 0 0\n")
    monkeypatch.setattr(storage, "MOUNTS", mounts)
    monkeypatch.setenv("JUPYTER_WORKBENCH_DATA_DIR", str(tmp_path))
    (check,) = storage.checks(tmp_path)
    assert (check.status, check.detail) == ("warning", f"{tmp_path} is on a network file system, which is slower")


# ---- projects


def test_no_project_is_a_warning_that_says_how_to_make_one(tmp_path):
    assert list(projects.checks(tmp_path)) == [
        Check.warning(
            "Projects", f"none at, above or below {tmp_path}", "workbench project create NAME --template iris"
        )
    ]


def test_a_project_that_works_is_two_passes(a_project, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    assert list(projects.checks(a_project)) == [
        Check.ok("Project myIris", f"1 of 1 run configurations ready, in {a_project}"),
        Check.ok("Python of myIris local", sys.executable),
    ]


def test_a_project_with_problems_is_a_warning_that_counts_them(a_project):
    (a_project / "aml_config/broken.runconfig").write_text("Target: nowhere\nFramework: Python\n")
    assert by_name(projects.checks(a_project))["Project myIris"] == Check.warning(
        "Project myIris",
        f"1 of 2 run configurations ready, in {a_project}; problems in its files: 1",
        f"workbench project check {a_project}",
    )


def test_an_interpreter_that_is_missing_is_a_failure_with_file_and_line(a_project):
    (a_project / "aml_config/local.compute").write_text("type: local\npythonLocation: /nowhere/bin/python\n")
    assert by_name(projects.checks(a_project))["Python of myIris local"] == Check.failure(
        "Python of myIris local",
        "aml_config/local.compute:2: pythonLocation: expected a Python interpreter, got /nowhere/bin/python, "
        "which does not exist",
        "name one that does, or `python` for the active one",
    )


def test_an_active_environment_without_ipykernel_is_a_warning(a_project, tmp_path, monkeypatch):
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "empty"))
    check = by_name(projects.checks(a_project))["Python of myIris local"]
    assert (check.status, check.fix) == ("warning", "set pythonLocation in the compute file of local")
