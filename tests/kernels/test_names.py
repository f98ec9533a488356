"""How kernels are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_workbench.config.project import Project
from jupyter_workbench.kernels.names import kernel_name, project_labels, unique_kernel_name


def project(name: str, directory: str) -> Project:
    return Project(name=name, directory=Path(directory), id=None, entries=(), problems=())


@pytest.mark.parametrize(
    ("display_name", "name"),
    [
        ("myIris docker-python", "myiris_docker-python"),
        ("PredictiveMaintenance dlvmjme", "predictivemaintenance_dlvmjme"),
        ("Document-Collection-Analysis local", "document-collection-analysis_local"),
        ("Hack2 myDockerVm", "hack2_mydockervm"),
        ("Please switch kernel to myproject local", "please_switch_kernel_to_myproject_local"),
    ],
)
def test_a_kernel_is_named_as_real_notebooks_recorded_it(display_name, name):
    assert kernel_name(display_name) == name


def test_what_jupyter_does_not_allow_is_left_out_and_a_digest_tells_such_names_apart():
    assert kernel_name("花 local") == "local-d15070"
    assert kernel_name("鳥 local") == "local-d91ec1"
    assert kernel_name("Café local") == "cafe_local-ae09fe"


@given(st.text(min_size=1))
def test_every_kernel_name_is_one_that_jupyter_allows(display_name):
    assert re.fullmatch(r"[a-z0-9._-]+", kernel_name(display_name))


def test_a_second_kernel_of_a_name_gets_a_digest_of_its_place():
    first = unique_kernel_name("iris local", Path("/a/iris"), set())
    second = unique_kernel_name("iris local", Path("/b/iris"), {first})
    assert (first, second) == ("iris_local", "iris_local-d8e8a8")


def test_a_name_is_stable():
    assert unique_kernel_name("iris local", Path("/b"), {"iris_local"}) == unique_kernel_name(
        "iris local", Path("/b"), {"iris_local", "other"}
    )


def test_a_project_is_called_by_its_name():
    assert project_labels([project("iris", "/a"), project("churn", "/b")]) == {Path("/a"): "iris", Path("/b"): "churn"}


def test_two_projects_of_one_name_are_told_apart_by_their_folders():
    projects = [project("iris", "/work/old/iris"), project("iris", "/work/new/iris")]
    assert project_labels(projects) == {
        Path("/work/old/iris"): "iris (old/iris)",
        Path("/work/new/iris"): "iris (new/iris)",
    }
