from __future__ import annotations

import pytest

CONDA = "conda_dependencies.yml"


def test_the_template_of_workbench_becomes_an_environment_of_today(upgraded):
    change = upgraded(
        CONDA,
        """\
# Conda environment specification.
name: project_environment
dependencies:
  # The python interpreter version.
  - python=3.5.2

  # Required for Jupyter Notebooks.
  - ipykernel=4.6.1
  - scikit-learn

  - pip:
    # The API for Model Management.
    - azure-ml-api-sdk==0.1.0a11#0.1.0a9

    # Helper utilities.
    - https://azuremldownloads.blob.core.windows.net/wheels/azureml.assets-1.0.0-py3-none-any.whl?sv=2016&sig=x%3D
""",
    )
    blank = " "
    assert (
        change.diff()
        == f"""\
--- a/aml_config/conda_dependencies.yml
+++ b/aml_config/conda_dependencies.yml
@@ -2,15 +2,12 @@
 name: project_environment
 dependencies:
   # The python interpreter version.
-  - python=3.5.2
+  - python=3.12
{blank}
   # Required for Jupyter Notebooks.
-  - ipykernel=4.6.1
+  - ipykernel
   - scikit-learn
{blank}
-  - pip:
     # The API for Model Management.
-    - azure-ml-api-sdk==0.1.0a11#0.1.0a9
{blank}
     # Helper utilities.
-    - https://azuremldownloads.blob.core.windows.net/wheels/azureml.assets-1.0.0-py3-none-any.whl?sv=2016&***
"""
    )
    assert change.reasons == (
        "aml_config/conda_dependencies.yml:5: python=3.5.2 becomes python=3.12: "
        "kernels need Python 3.8 or newer; 3.12 is what the usual data packages all support",
        "aml_config/conda_dependencies.yml:8: ipykernel=4.6.1 becomes ipykernel: kernels need ipykernel 5.5 or newer",
        "aml_config/conda_dependencies.yml:13: azure-ml-api-sdk==0.1.0a11#0.1.0a9 is removed: "
        "it spoke to a service that was switched off with Workbench",
        "aml_config/conda_dependencies.yml:16: "
        "https://azuremldownloads.blob.core.windows.net/wheels/azureml.assets-1.0.0-py3-none-any.whl is removed: "
        "the download server of Workbench is gone",
    )


@pytest.mark.parametrize(
    ("entry", "becomes", "why"),
    [
        pytest.param(
            "python=3.6.3=0",
            "python=3.12",
            "python=3.6.3=0 becomes python=3.12: "
            "kernels need Python 3.8 or newer; 3.12 is what the usual data packages all support",
            id="a Python that no kernel runs on",
        ),
        pytest.param(
            "ipykernel<5",
            "ipykernel",
            "ipykernel<5 becomes ipykernel: kernels need ipykernel 5.5 or newer",
            id="an ipykernel that the magics do not work with",
        ),
        pytest.param(
            "pip==9.0.3",
            "pip",
            "pip==9.0.3 becomes pip: pip before 19.3 cannot install the wheels of today",
            id="a pip that cannot read the wheels of today",
        ),
        pytest.param(
            "sklearn=0.0",
            "scikit-learn",
            "sklearn=0.0 becomes scikit-learn: sklearn is what one imports, scikit-learn is the package",
            id="the name that one imports",
        ),
        pytest.param(
            '"sklearn>=0.20"',
            '"scikit-learn>=0.20"',
            "sklearn>=0.20 becomes scikit-learn>=0.20: sklearn is what one imports, scikit-learn is the package",
            id="the name that one imports, quoted and with a version",
        ),
    ],
)
def test_one_entry_becomes_another(upgraded, entry, becomes, why):
    change = upgraded(CONDA, f"dependencies:\n  - {entry}  # mine\n  - pandas\n")
    assert change.after == f"dependencies:\n  - {becomes}  # mine\n  - pandas\n"
    assert change.reasons == (f"aml_config/conda_dependencies.yml:2: {why}",)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        pytest.param("os", "os is removed: it is part of Python itself, not a package", id="a standard library name"),
        pytest.param("'pickle'", "pickle is removed: it is part of Python itself, not a package", id="a quoted one"),
        pytest.param(
            "sklearn",
            "sklearn is removed: sklearn is what one imports, scikit-learn is the package, and it is listed already",
            id="the imported name beside the package's",
        ),
        pytest.param(
            "cudatoolkit=10.0",
            "cudatoolkit=10.0 is removed: "
            "the wheels of torch and of tensorflow[and-cuda] bring the CUDA that they need",
            id="a package that only conda has",
        ),
    ],
)
def test_one_conda_entry_goes(upgraded, entry, why):
    change = upgraded(CONDA, f"dependencies:\n  - scikit-learn\n  - {entry}\n  - pandas\n")
    assert change.after == "dependencies:\n  - scikit-learn\n  - pandas\n"
    assert change.reasons == (f"aml_config/conda_dependencies.yml:3: {why}",)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        pytest.param(
            "--index-url https://azuremldownloads.azureedge.net/python-repository/preview",
            "--index-url https://azuremldownloads.azureedge.net/python-repository/preview is removed: "
            "the download server of Workbench is gone",
            id="a dead index",
        ),
        pytest.param(
            "--extra-index-url=https://me:hidden@azuremldownloads.azureedge.net/x",
            "--extra-index-url=https://azuremldownloads.azureedge.net/x is removed: "
            "the download server of Workbench is gone",
            id="a dead extra index, without its password",
        ),
        pytest.param(
            "https://cntk.ai/PythonWheel/GPU/cntk-2.1-cp35-cp35m-linux_x86_64.whl",
            "https://cntk.ai/PythonWheel/GPU/cntk-2.1-cp35-cp35m-linux_x86_64.whl is removed: "
            "CNTK ended in 2019, its wheels are for Python 3.6 and older",
            id="a wheel of CNTK",
        ),
        pytest.param(
            "azureml-requirements",
            "azureml-requirements is removed: it was only on the download server of Workbench, which is gone",
            id="the requirements of Workbench",
        ),
        pytest.param(
            "azureml.datacollector",
            "azureml.datacollector is removed: it spoke to a service that was switched off with Workbench",
            id="the data collector",
        ),
    ],
)
def test_one_pip_entry_goes(upgraded, entry, why):
    change = upgraded(CONDA, f"dependencies:\n- pip:\n  - notebook\n  - {entry}\n")
    assert change.after == "dependencies:\n- pip:\n  - notebook\n"
    assert change.reasons == (f"aml_config/conda_dependencies.yml:4: {why}",)


def test_a_dead_index_leaves_the_other_options_of_its_line(upgraded):
    change = upgraded(
        CONDA,
        "dependencies:\n- pip:\n"
        "  - --index-url https://azuremldownloads.azureedge.net/p --extra-index-url https://pypi.org/simple\n",
    )
    assert change.after == "dependencies:\n- pip:\n  - --extra-index-url https://pypi.org/simple\n"


def test_pins_that_the_new_python_cannot_have_are_dropped_with_the_old_python(upgraded):
    change = upgraded(
        CONDA,
        "dependencies:\n  - python=3.5.2\n  - pandas=0.20.3\n  - numpy>=1.13\n  - lightgbm=2.0\n"
        "  - pip:\n    - tensorflow-gpu==1.4.0\n    - matplotlib==2.1\n",
    )
    assert change.after == (
        "dependencies:\n  - python=3.12\n  - pandas\n  - numpy>=1.13\n  - lightgbm=2.0\n"
        '  - pip:\n    - "tensorflow[and-cuda]"\n    - matplotlib\n'
    )
    assert change.reasons[1:] == (
        "aml_config/conda_dependencies.yml:3: pandas=0.20.3 becomes pandas: Python 3.12 needs pandas 2.1.1 or newer",
        "aml_config/conda_dependencies.yml:7: tensorflow-gpu==1.4.0 becomes tensorflow[and-cuda]: "
        "tensorflow-gpu was removed from PyPI, tensorflow serves GPUs itself",
        "aml_config/conda_dependencies.yml:8: matplotlib==2.1 becomes matplotlib: "
        "Python 3.12 needs matplotlib 3.8 or newer",
    )


@pytest.mark.parametrize(
    "text",
    [
        "dependencies:\n  - python=3.8\n  - pandas=1.0.5\n  - pip=20.0.2\n  - ipykernel=5.5.6\n",
        "dependencies:\n  - python>=3.5\n  - ipykernel>=4.6\n  - ipykernel\n  - zlib\n  - readline\n",
        "dependencies:\n  - python=3\n  - python=3.5|3.9\n",
        "dependencies:\n  - pip:\n    - --extra-index-url https://pypi.org/simple\n    - C:\\temp\\x.whl\n",
        "dependencies:\n  - pip:\n    - tensorflow-gpu==2.4.0\n    - git+https://github.com/a/b.git\n",
        "dependencies:\n  - scikit-learn",
        "dependencies:\n",
        "dependencies: []\n",
        "name: x\nchannels: [conda-forge]\n",
        "- python=3.5.2\n",
        "",
        "# nothing\n",
    ],
)
def test_what_works_today_stays(upgraded, text):
    assert upgraded(CONDA, text).after == text


def test_a_list_that_loses_everything_is_an_empty_list(upgraded):
    change = upgraded(CONDA, "dependencies:  # all of them\n  # mine\n  - os\n  - pip:\n    - azureml-requirements\n")
    assert change.after == "dependencies: []  # all of them\n  # mine\n"


def test_json_stays_json(upgraded):
    change = upgraded(
        CONDA,
        '{"dependencies": ["python=3.5.2", "os",\n  "pandas",'
        ' {"pip": ["azureml-requirements", "azureml.datacollector"]}]}',
    )
    assert change.after == '{"dependencies": ["python=3.12", "pandas"]}'


def test_windows_line_ends_and_a_missing_last_one_stay(upgraded):
    change = upgraded(CONDA, "dependencies:\r\n  - python=3.5.2\r\n\r\n  - pandas\r\n  - os")
    assert change.after == "dependencies:\r\n  - python=3.12\r\n\r\n  - pandas"
