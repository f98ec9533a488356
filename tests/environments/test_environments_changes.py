from __future__ import annotations

from dataclasses import replace

from jupyter_workbench.environments.changes import Inputs, changes
from jupyter_workbench.environments.spec import EnvironmentSpec, Requirement

SPEC = EnvironmentSpec("aml_config/conda_dependencies.yml", python="3.8", requirements=(Requirement("numpy", 3),))
BEFORE = Inputs.of("python:3.8", "sha256:1", SPEC)


def spec(**fields: object) -> Inputs:
    return Inputs.of(BEFORE.image, BEFORE.image_id, replace(SPEC, **fields))


def test_packages_that_came_and_went_are_named():
    requirements = (Requirement("scipy>=1.2", 2), Requirement("pandas", 3))
    assert changes(BEFORE, spec(requirements=requirements)) == (
        "pandas was added",
        "scipy>=1.2 was added",
        "numpy was removed",
    )


def test_the_order_of_packages_is_no_change():
    two = (Requirement("numpy", 3), Requirement("pandas", 4))
    assert changes(spec(requirements=two), replace(spec(requirements=two[::-1]), image="debian")) == (
        "The image was python:3.8 and is debian",
    )


def test_another_python_is_told():
    assert changes(BEFORE, spec(python=None)) == ("Python was 3.8 and is that of the image",)


def test_an_image_that_was_pulled_anew_is_told_from_one_of_another_name():
    assert changes(BEFORE, replace(BEFORE, image_id="sha256:2")) == ("The image python:3.8 is another one now",)


def test_what_is_in_no_list_is_told_as_a_file():
    assert changes(BEFORE, BEFORE) == ("A file that aml_config/conda_dependencies.yml names has changed",)


def test_no_password_is_told():
    index = Requirement("--index-url https://me:secret@pypi.example.com/simple", 3)
    assert changes(BEFORE, spec(requirements=(*SPEC.requirements, index))) == (
        "--index-url https://***@pypi.example.com/simple was added",
    )


def test_no_password_is_kept():
    index = Requirement("--index-url https://me:secret@pypi.example.com/simple", 3)
    assert "secret" not in repr(spec(requirements=(index,)))
