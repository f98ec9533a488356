"""A dependency file -> what an environment is built from."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_workbench.config.models import RunConfiguration
from jupyter_workbench.environments.spec import EnvironmentSpec, Requirement, read_spec
from jupyter_workbench.errors import ConfigurationError

FILE = "aml_config/conda_dependencies.yml"
A_RUN_CONFIGURATION = RunConfiguration(name="docker", target="docker", framework="Python")


def test_without_a_file_there_is_a_kernel(a_project):
    spec = EnvironmentSpec(FILE, requirements=(Requirement("ipykernel>=5.5", 0),))
    assert read_spec(a_project, A_RUN_CONFIGURATION) == spec


def test_a_file_that_the_run_configuration_names_has_to_be_there(a_project):
    configuration = RunConfiguration(
        name="docker", target="docker", framework="Python", conda_dependencies_file="gone.yml"
    )
    with pytest.raises(
        ConfigurationError, match=r"^gone.yml: expected a file, got none - create it, or mend the link$"
    ):
        read_spec(a_project, configuration)


def test_a_broken_file_is_refused_with_its_problem(spec_of):
    with pytest.raises(ConfigurationError) as error:
        spec_of("dependencies: numpy\n")
    assert str(error.value) == (
        f"{FILE}:1: dependencies: expected a list, got a single value - begin each entry with `- ` on a line of its own"
    )


def test_every_problem_is_told_at_once(refusal_of):
    assert [line.split(": ")[0] for line in refusal_of("foo", "numpy", "r-base", pip=["-e ."]).splitlines()] == [
        f"{FILE}:2",
        f"{FILE}:4",
        f"{FILE}:6",
    ]


def test_requirements_stand_in_the_order_of_the_file(spec_of):
    spec = spec_of(
        """
        name: project_environment
        dependencies:
          - python=3.11
          - pip:
            - --index-url https://example.com/simple
            - requests
          - pandas
          - ipykernel=6
        """
    )
    assert (spec.python, spec.python_line) == ("3.11", 4)
    assert spec.requirements == (
        Requirement("--index-url https://example.com/simple", 6),
        Requirement("requests", 7),
        Requirement("pandas", 8),
        Requirement("ipykernel==6.*", 9),
    )


@pytest.mark.parametrize(
    "text", ["  - ipykernel\n", "  - pip:\n    - ipykernel>=6\n", "  - pip:\n    - IPyKernel[test]\n"]
)
def test_ipykernel_is_added_only_when_no_list_names_it(spec_of, text):
    assert all(requirement.line for requirement in spec_of(f"dependencies:\n{text}").requirements)


def test_channels_are_noted_when_they_are_not_the_usual_ones(spec_of):
    spec = spec_of("channels: [conda-forge, defaults, esri]\ndependencies:\n  - numpy\n")
    assert spec.notes == (f"{FILE}:1: The channel `esri` is not asked: packages come from PyPI.",)


def test_variables_are_noted(spec_of):
    spec = spec_of("dependencies:\n  - numpy\nvariables:\n  A: secret\n")
    assert spec.notes == (
        f"{FILE}: `variables` are not set in kernels: write them as EnvironmentVariables of the run configuration.",
    )


def test_the_example_of_the_templates_can_be_built(spec_of):
    from jupyter_workbench import templates

    example = Path(templates.__path__[0], "common", "aml_config", "conda_dependencies.yml")
    spec = spec_of(example.read_text("utf-8"))
    assert (spec.python, spec.notes) == (">=3.10", ())
    assert [requirement.text for requirement in spec.requirements] == ["ipykernel>=6", "numpy", "scikit-learn", "pip"]


def test_passwords_are_not_in_what_is_printed_of_it(spec_of):
    spec = spec_of(
        """
        dependencies:
          - pip:
            - --index-url https://user:secret@example.com/simple
            - https://example.com/x-1.0-py3-none-any.whl?sv=1&sig=secret
            - x @ git+https://secret@example.com/x.git
        """
    )
    assert "secret" in spec.requirements[1].text
    assert "secret" not in repr(spec)
    assert "secret" not in f"{spec.requirements}"


def test_what_an_upgrade_makes_of_a_file_of_workbench_can_be_built(spec_of, a_project):
    from jupyter_workbench.upgrade import examine

    text = """
        name: project_environment
        dependencies:
          - python=3.5.2
          - ipykernel=4.6.1
          - cudatoolkit=9.0
          - os
          - pip==9.0.3
          - pip:
            - azure-ml-api-sdk==0.1.0a11
        """
    (a_project / "aml_config" / "local.runconfig").write_text("Target: local\nFramework: Python\n")
    with pytest.raises(ConfigurationError):
        spec_of(text)
    (change,) = examine(a_project).changes
    spec = spec_of(change.after)
    assert (spec.python, spec.notes) == ("3.12", ())
    assert [requirement.text for requirement in spec.requirements] == ["ipykernel", "pip"]
