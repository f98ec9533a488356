from __future__ import annotations

import logging

import pytest

from jupyter_workbench.config.project import load
from jupyter_workbench.environments.changes import Inputs
from jupyter_workbench.history.location import project_data
from jupyter_workbench.server.seen_environments import FILE, SeenEnvironments

INPUTS = Inputs("debian", "sha256:1", "aml_config/conda_dependencies.yml", None, ("numpy", "scipy>=1.2"), None)


@pytest.fixture
def project(my_iris):
    return load(my_iris)


@pytest.fixture
def file(my_iris):
    return project_data(my_iris, None).root / FILE


def test_what_nobody_has_seen_is_not_known(project):
    assert SeenEnvironments().recall(project, "docker") is None


def test_what_was_seen_is_known_to_the_next_server(project):
    seen = SeenEnvironments()
    seen.keep(project, "docker", INPUTS)
    seen.keep(project, "other", Inputs("python", "sha256:2", "conda.yml"))
    assert SeenEnvironments().recall(project, "docker") == INPUTS
    assert SeenEnvironments().recall(project, "other") == Inputs("python", "sha256:2", "conda.yml")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 2}', '{"version": 1, "seen": {"docker": {"image": "x"}}}', "\0"]
)
def test_a_file_that_cannot_be_read_is_as_none_and_is_written_anew(project, file, text):
    file.parent.mkdir(parents=True)
    file.write_text(text)
    seen = SeenEnvironments()
    assert seen.recall(project, "docker") is None
    seen.keep(project, "docker", INPUTS)
    assert seen.recall(project, "docker") == INPUTS


def test_a_folder_that_cannot_be_written_is_a_line_of_the_log(project, file, caplog):
    file.parent.parent.mkdir(parents=True)
    file.parent.write_text("in the way")
    with caplog.at_level(logging.WARNING):
        SeenEnvironments().keep(project, "docker", INPUTS)
    assert f"{file} cannot be written: " in caplog.text


def test_others_cannot_read_it_and_nothing_half_written_stays(project, file):
    SeenEnvironments().keep(project, "docker", INPUTS)
    assert file.stat().st_mode & 0o077 == 0
    assert [found.name for found in file.parent.iterdir()] == [FILE]
