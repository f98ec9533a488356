"""`workbench kernels`: list, install, uninstall."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

ROW_KEYS = [
    "name",
    "display_name",
    "project",
    "project_dir",
    "run_configuration",
    "target",
    "target_type",
    "framework",
    "status",
    "problems",
]


@pytest.fixture
def a_project(run, tmp_path) -> Path:
    run("project", "create", "myIris")
    return tmp_path / "myIris"


def kernelspecs(data_dir: str) -> list[str]:
    folder = Path(data_dir) / "kernels"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# ---- list


def test_without_a_project_the_list_is_empty_and_says_what_to_do(run, tmp_path):
    result = run("kernels", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        f"No project with a run configuration at {tmp_path}: `workbench project create` makes one.\n"
    )


def test_the_list_is_a_table(run, a_project):
    result = run("kernels", "list")
    assert result.stdout == (
        "DISPLAY NAME  NAME          TARGET  FRAMEWORK  STATUS\nmyIris local  myiris_local  local   Python     ready\n"
    )


def test_json_is_the_contract(run, a_project):
    (a_project / "aml_config/broken.runconfig").write_text("Target: nowhere\n")
    rows = json.loads(run("kernels", "list", "-o", "json").stdout)
    assert [list(row) for row in rows] == [ROW_KEYS, ROW_KEYS]
    assert [(row["name"], row["status"]) for row in rows] == [("myiris_broken", "problem"), ("myiris_local", "ready")]
    assert rows[1] == {
        "name": "myiris_local",
        "display_name": "myIris local",
        "project": "myIris",
        "project_dir": str(a_project),
        "run_configuration": "local",
        "target": "local",
        "target_type": "local",
        "framework": "Python",
        "status": "ready",
        "problems": [],
    }


def test_projects_above_and_below_are_listed(run, a_project):
    (a_project / "data").mkdir()
    run("project", "create", "inner", "--path", a_project)
    names = ["inner local", "myIris local"]
    assert sorted(json.loads(run("kernels", "list", "-o", "json", "--query", "[].display_name").stdout)) == names
    below = run("kernels", "list", a_project / "data", "--query", "[].display_name")
    assert below.stdout == "myIris local\n"


def test_a_query_filters(run, a_project):
    (a_project / "aml_config/broken.runconfig").write_text("Target: nowhere\n")
    result = run("kernels", "list", "--query", "[?status!='ready'].[display_name, problems[0].key]")
    assert result.stdout == "myIris broken  Target\n"


def test_the_name_of_somebody_elses_kernel_is_not_taken(run, a_project):
    folder = Path(os.environ["JUPYTER_DATA_DIR"]) / "kernels" / "myiris_local"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text('{"argv": ["true"], "display_name": "mine", "language": "python"}')
    (name,) = json.loads(run("kernels", "list", "-o", "json", "--query", "[].name").stdout)
    assert name.startswith("myiris_local-")


# ---- install


def test_install_is_for_the_user_unless_told_otherwise(run, a_project):
    result = run("kernels", "install", a_project)
    data = os.environ["JUPYTER_DATA_DIR"]
    assert result.exit_code == 0
    assert result.stdout == f"Installed myIris local as myiris_local in {data}/kernels/myiris_local\n"
    assert kernelspecs(data) == ["myiris_local"]


def test_install_into_a_prefix(run, a_project, tmp_path):
    run("kernels", "install", "--prefix", tmp_path / "env", a_project)
    assert kernelspecs(f"{tmp_path}/env/share/jupyter") == ["myiris_local"]
    assert kernelspecs(os.environ["JUPYTER_DATA_DIR"]) == []


def test_install_into_sys_prefix(run, a_project, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.prefix", f"{tmp_path}/env")
    run("kernels", "install", "--sys-prefix", a_project)
    assert kernelspecs(f"{tmp_path}/env/share/jupyter") == ["myiris_local"]


def test_two_places_at_once_are_wrong_usage(run, a_project):
    result = run("kernels", "install", "--user", "--sys-prefix", a_project)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: Only one of --user, --sys-prefix and --prefix can be given."


def test_install_without_a_project_is_refused(run, tmp_path):
    result = run("kernels", "install")
    assert result.exit_code == 1
    assert "`workbench project create NAME`" in result.stderr


def test_install_of_a_project_without_run_configurations_is_refused(run, a_project):
    (a_project / "aml_config/local.runconfig").unlink()
    result = run("kernels", "install", a_project)
    assert result.exit_code == 1
    assert result.stderr == f"The project {a_project} has no run configuration: no file aml_config/*.runconfig.\n"


def test_a_kernel_that_cannot_run_yet_is_installed_and_told(run, a_project):
    (a_project / "aml_config/local.runconfig").write_text("Target: nowhere\n")
    result = run("kernels", "install", a_project)
    assert result.exit_code == 0
    assert result.stderr == "  It cannot run yet (problem): see `workbench project check`.\n"


def test_a_place_that_cannot_be_written_is_one_sentence(run, a_project, tmp_path):
    (tmp_path / "file").write_text("no folder")
    result = run("kernels", "install", "--prefix", tmp_path / "file", a_project)
    assert result.exit_code == 1
    assert result.stderr == (f"The kernels cannot be installed: {tmp_path}/file/share: Not a directory.\n")


def test_namesakes_from_other_folders_do_not_replace_each_other(run, a_project, tmp_path):
    (tmp_path / "other").mkdir()
    run("project", "create", "myIris", "--path", tmp_path / "other")
    run("kernels", "install", a_project)
    run("kernels", "install", tmp_path / "other/myIris")
    installed = json.loads(run("kernels", "list", "--installed", "-o", "json").stdout)
    assert sorted(spec["project_dir"] for spec in installed) == [str(a_project), str(tmp_path / "other/myIris")]


def test_a_namesake_tells_its_folder_in_its_display_name(run, a_project, tmp_path):
    (tmp_path / "other").mkdir()
    run("project", "create", "myIris", "--path", tmp_path / "other")
    run("kernels", "install", a_project)
    assert run("kernels", "install", tmp_path / "other/myIris").stdout.startswith(
        "Installed myIris (other/myIris) local as myiris_local-"
    )


def test_a_namesake_out_of_jupyters_sight_is_told_apart_and_not_replaced(run, a_project, tmp_path):
    (tmp_path / "other").mkdir()
    run("project", "create", "myIris", "--path", tmp_path / "other")
    run("kernels", "install", a_project, "--prefix", tmp_path / "env")
    result = run("kernels", "install", tmp_path / "other/myIris", "--prefix", tmp_path / "env")
    assert result.stdout.startswith("Installed myIris (other/myIris) local as myiris_local-")
    assert len(kernelspecs(f"{tmp_path}/env/share/jupyter")) == 2


def test_a_namesake_that_is_gone_needs_no_telling_apart(run, a_project, tmp_path):
    run("kernels", "install", a_project)
    a_project.rename(tmp_path / "moved")
    run("project", "create", "myIris", "--path", tmp_path / "moved")
    assert run("kernels", "install", tmp_path / "moved/myIris").stdout.startswith("Installed myIris local as ")


def test_a_kernel_whose_run_configuration_is_gone_is_removed_with_the_next_install(run, a_project):
    (a_project / "aml_config/big.runconfig").write_text("Target: local\nFramework: Python\n")
    run("project", "create", "other")
    run("kernels", "install", "other")
    run("kernels", "install", a_project)
    (a_project / "aml_config/big.runconfig").unlink()
    result = run("kernels", "install", a_project)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == ["Removed myIris big (myiris_big), whose run configuration is gone"]
    assert kernelspecs(os.environ["JUPYTER_DATA_DIR"]) == ["myiris_local", "other_local"]


def test_what_is_installed_in_another_place_stays(run, a_project, tmp_path):
    (a_project / "aml_config/big.runconfig").write_text("Target: local\nFramework: Python\n")
    run("kernels", "install", a_project)
    (a_project / "aml_config/big.runconfig").unlink()
    run("kernels", "install", a_project, "--prefix", tmp_path / "env")
    assert kernelspecs(os.environ["JUPYTER_DATA_DIR"]) == ["myiris_big", "myiris_local"]


def test_installing_twice_changes_nothing(run, a_project):
    run("kernels", "install", a_project)
    assert run("kernels", "install", a_project).exit_code == 0
    assert kernelspecs(os.environ["JUPYTER_DATA_DIR"]) == ["myiris_local"]


# ---- list --installed, uninstall


def test_the_list_of_installed_kernels(run, a_project):
    run("kernels", "install", a_project)
    data = os.environ["JUPYTER_DATA_DIR"]
    assert json.loads(run("kernels", "list", "--installed", "-o", "json").stdout) == [
        {
            "name": "myiris_local",
            "display_name": "myIris local",
            "project": "myIris",
            "project_dir": str(a_project),
            "run_configuration": "local",
            "folder": f"{data}/kernels/myiris_local",
        }
    ]


def test_uninstall_removes_what_install_wrote(run, a_project):
    run("kernels", "install", a_project)
    result = run("kernels", "uninstall", a_project)
    assert (result.exit_code, result.stdout) == (0, "Removed myIris local (myiris_local)\n")
    assert kernelspecs(os.environ["JUPYTER_DATA_DIR"]) == []


def test_uninstall_works_for_a_project_that_is_gone(run, a_project, tmp_path):
    run("kernels", "install", a_project)
    a_project.rename(tmp_path / "moved")
    assert run("kernels", "uninstall", a_project).exit_code == 0


def test_uninstall_leaves_other_projects_and_other_kernels_alone(run, a_project, tmp_path):
    run("project", "create", "other")
    run("kernels", "install", a_project)
    run("kernels", "install", tmp_path / "other")
    run("kernels", "uninstall", a_project)
    assert kernelspecs(os.environ["JUPYTER_DATA_DIR"]) == ["other_local"]


def test_uninstall_all(run, a_project, tmp_path):
    run("project", "create", "other")
    run("kernels", "install", a_project)
    run("kernels", "install", tmp_path / "other")
    assert run("kernels", "uninstall", "--all").exit_code == 0
    assert kernelspecs(os.environ["JUPYTER_DATA_DIR"]) == []


@pytest.fixture
def a_kernel_out_of_sight(run, a_project, tmp_path) -> Path:
    """The prefix of an installed kernel that Jupyter does not find."""
    run("kernels", "install", "--prefix", tmp_path / "env", a_project)
    return tmp_path / "env"


def test_what_is_installed_where_jupyter_does_not_look_is_listed(run, a_kernel_out_of_sight):
    assert json.loads(run("kernels", "list", "--installed", "-o", "json").stdout) == []
    (spec,) = json.loads(run("kernels", "list", "--installed", "--prefix", a_kernel_out_of_sight, "-o", "json").stdout)
    assert spec["folder"] == f"{a_kernel_out_of_sight}/share/jupyter/kernels/myiris_local"


def test_what_is_installed_where_jupyter_does_not_look_is_removed(run, a_kernel_out_of_sight, a_project):
    result = run("kernels", "uninstall", a_project, "--prefix", a_kernel_out_of_sight)
    assert (result.exit_code, result.stdout) == (0, "Removed myIris local (myiris_local)\n")
    assert kernelspecs(f"{a_kernel_out_of_sight}/share/jupyter") == []


@pytest.mark.parametrize("place", ["--user", "--sys-prefix"])
def test_each_place_is_listed_and_emptied_alone(run, a_project, tmp_path, monkeypatch, place):
    monkeypatch.setattr("sys.prefix", f"{tmp_path}/env")
    folders = {"--user": os.environ["JUPYTER_DATA_DIR"], "--sys-prefix": f"{tmp_path}/env/share/jupyter"}
    for each in folders:
        run("kernels", "install", each, a_project)
    listed = run("kernels", "list", "--installed", place, "-o", "json", "--query", "[].folder")
    assert json.loads(listed.stdout) == [f"{folders[place]}/kernels/myiris_local"]
    run("kernels", "uninstall", place, a_project)
    assert {each: kernelspecs(folder) for each, folder in folders.items()} == {
        each: [] if each == place else ["myiris_local"] for each in folders
    }


def test_uninstall_also_removes_what_another_kernel_of_that_name_hides(run, a_project, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", f"{tmp_path}/env/share/jupyter")
    run("kernels", "install", "--prefix", tmp_path / "env", a_project)
    run("kernels", "install", a_project)
    run("kernels", "uninstall", a_project)
    assert kernelspecs(f"{tmp_path}/env/share/jupyter") + kernelspecs(os.environ["JUPYTER_DATA_DIR"]) == []


def test_an_empty_place_is_said_to_be_empty(run, a_project, tmp_path):
    result = run("kernels", "list", "--installed", "--prefix", tmp_path / "env")
    folder = tmp_path / "env/share/jupyter/kernels"
    assert result.stderr == f"No kernel is installed in {folder}: `workbench kernels install`.\n"
    result = run("kernels", "uninstall", a_project, "--prefix", tmp_path / "env")
    assert result.exit_code == 1
    assert result.stderr == (
        f"No kernel of the project {a_project} is installed in {folder}; "
        "`workbench kernels list --installed` shows those that are.\n"
    )


def test_a_place_is_for_installed_kernels_only(run, a_project):
    result = run("kernels", "list", "--user")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: --user, --sys-prefix and --prefix are for --installed."


def test_uninstall_of_nothing_says_so(run, a_project):
    result = run("kernels", "uninstall", a_project)
    assert result.exit_code == 1
    assert result.stderr == (
        f"No kernel of the project {a_project} is installed; "
        "`workbench kernels list --installed` shows those that are.\n"
    )
