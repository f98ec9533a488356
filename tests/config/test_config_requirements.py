from __future__ import annotations

import pytest

from jupyter_workbench.config.requirements import requirement


@pytest.mark.parametrize(
    ("text", "name", "written", "versions"),
    [
        ("python=3.5.2", "python", "python", "=3.5.2"),
        ("python 3.5.2 py35_0", "python", "python", "3.5.2 py35_0"),
        ("conda-forge::Python = 3.6", "python", "conda-forge::Python", "= 3.6"),
        ("azureml.data_collector[all] == 1", "azureml-data-collector", "azureml.data_collector[all]", "== 1"),
        ("pandas", "pandas", "pandas", ""),
    ],
)
def test_a_requirement_is_a_name_and_its_versions(text, name, written, versions):
    asked = requirement(text)
    assert (asked.name, asked.written, asked.versions) == (name, written, versions)


@pytest.mark.parametrize("text", ["--index-url https://x", "https://x/y.whl", "C:\\temp\\x.whl", "./x.whl", "", "-e ."])
def test_an_option_an_address_and_a_path_are_no_requirements(text):
    assert requirement(text) is None


@pytest.mark.parametrize(
    "versions",
    [
        "=3.5.2",
        "==3.7.*",
        "3.6",
        "=3.6=py36_0",
        "3.6 0",
        "<3.8",
        "<3.8.0",
        "<=3.7",
        ">=3.5,<3.8",
        "~=3.6.1",
        "=2",
        "==2.7",
    ],
)
def test_versions_that_end_before_3_8(versions):
    assert not requirement(f"python{versions if not versions[0].isdigit() else ' ' + versions}").admits((3, 8))


@pytest.mark.parametrize(
    "versions",
    ["", "=3", "==3.*", "=3.8", "3.10", ">=3.5", ">3.5", "<3.9", "<=3.8", "~=3.6", "!=3.5", "=3.5|3.9", "=*", "@ file",
     "==3.5; sys_platform == 'win32'"],
)  # fmt: skip
def test_versions_that_reach_3_8_or_are_not_understood(versions):
    assert requirement(f"python {versions}").admits((3, 8))
