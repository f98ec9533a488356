"""`workbench project upgrade`: shows first, writes only when asked."""

from __future__ import annotations

from pathlib import Path

import pytest

OLD = "name: project_environment\ndependencies:\n  # The Python of 2017.\n  - python=3.5.2\n  - scikit-learn\n"


@pytest.fixture
def an_old_project(run, tmp_path) -> Path:
    run("project", "create", "myIris")
    (tmp_path / "myIris/aml_config/conda_dependencies.yml").write_text(OLD)
    return tmp_path / "myIris"


def test_a_project_of_today_has_nothing_to_do(run, tmp_path):
    run("project", "create", "myIris", "--template", "iris")
    result = run("project", "upgrade", "myIris")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Nothing to do: no file of this project needs an upgrade.\n"


def test_without_write_the_diff_is_shown_and_no_file_changes(run, an_old_project):
    result = run("project", "upgrade", an_old_project)
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "--- a/aml_config/conda_dependencies.yml\n+++ b/aml_config/conda_dependencies.yml\n"
    )
    assert "-  - python=3.5.2\n" in result.stdout
    assert "   # The Python of 2017.\n" in result.stdout
    assert result.stderr.startswith("aml_config/conda_dependencies.yml:4: ")
    assert result.stderr.endswith("1 file would change; `workbench project upgrade --write` does it.\n")
    assert (an_old_project / "aml_config/conda_dependencies.yml").read_text() == OLD


def test_with_write_the_files_change_and_comments_stay(run, an_old_project):
    result = run("project", "upgrade", an_old_project, "--write")
    text = (an_old_project / "aml_config/conda_dependencies.yml").read_text()
    assert result.exit_code == 0
    assert result.stderr.endswith("Changed 1 file.\n")
    assert "python=3.5.2" not in text
    assert "# The Python of 2017." in text


def test_a_file_that_cannot_be_read_is_said_to_be_skipped(run, an_old_project):
    (an_old_project / "aml_config/broken.runconfig").write_text('{"Target": "docker"\n')
    result = run("project", "upgrade", an_old_project)
    assert result.exit_code == 0
    assert "aml_config/broken.runconfig" in result.stderr
    assert "skipped" in result.stderr


def test_a_folder_without_a_project_is_refused(run):
    assert run("project", "upgrade").exit_code == 1
