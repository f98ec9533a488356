"""One entry of conda's list -> a requirement of PyPI."""

from __future__ import annotations

import pytest

FILE = "aml_config/conda_dependencies.yml"
UPGRADE = "`workbench project upgrade` proposes a change of the whole file"


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ("numpy", "numpy"),
        ("numpy=1.13", "numpy==1.13.*"),
        ("numpy=1.13.3", "numpy==1.13.3.*"),
        ("numpy==1.13", "numpy==1.13"),
        ("numpy==1.13.*", "numpy==1.13.*"),
        ("numpy=1.13*", "numpy==1.13.*"),
        ("numpy 1.13", "numpy==1.13"),
        ("numpy 1.13*", "numpy==1.13.*"),
        ("numpy=*", "numpy"),
        ("numpy >=1.2,<2", "numpy>=1.2,<2"),
        ("numpy>=1.2.*", "numpy>=1.2"),
        ("numpy!=1.13.*", "numpy!=1.13.*"),
        ("numpy~=1.13", "numpy~=1.13"),
        ("numpy=2.0rc1", "numpy==2.0rc1"),
        ("conda-forge::numpy", "numpy"),
        ("conda-forge/linux-64::numpy=1.13", "numpy==1.13.*"),
        ("numpy=1.13=py36_0", "numpy==1.13.*"),
        ("numpy 1.13 py36_0", "numpy==1.13"),
        ("numpy[version='>=1.2,<2']", "numpy>=1.2,<2"),
        ("NumPy", "numpy"),
        ("ruamel.yaml=0.17", "ruamel-yaml==0.17.*"),
        ("pytorch=2.1", "torch==2.1.*"),
        ("tensorflow-gpu", "tensorflow[and-cuda]"),
        ("sklearn", "scikit-learn"),
        ("sklearn=0.0", "scikit-learn"),
        ("setuptools=40.0", "setuptools==40.0.*"),
        ("pip=23.1", "pip==23.1.*"),
        ("pip==9.0.3", "pip"),
    ],
)
def test_a_package_of_conda_is_asked_of_pypi(lines_of, entry, line):
    assert lines_of(entry) == [line]


@pytest.mark.parametrize(
    "entry", ["os", "json", "pickle", "distutils", "zlib=1.2", "_libgcc_mutex=0.1=main", "libgcc-ng=9.1.0"]
)
def test_what_python_or_a_wheel_brings_is_left_out(lines_of, entry):
    assert lines_of(entry) == []


@pytest.mark.parametrize(
    ("entry", "note"),
    [
        ("os", "`os` is left out: it is part of Python itself."),
        ("zlib=1.2", "`zlib=1.2` is left out: wheels bring the libraries that they need."),
        (
            "sklearn",
            "`sklearn` is installed as `scikit-learn`: sklearn is what one imports, scikit-learn is the package.",
        ),
        (
            "pip==9.0.3",
            "`pip==9.0.3` is installed as `pip`: pip before 19.3 cannot install the wheels of today, "
            "so it is taken newer.",
        ),
        (
            "numpy=1.13=py36_0",
            "`numpy=1.13=py36_0` is installed as `numpy==1.13.*`: PyPI knows no builds such as `py36_0`, "
            "so any build of that version is taken.",
        ),
    ],
)
def test_what_is_not_taken_over_is_said(spec_of, entry, note):
    assert spec_of(f"dependencies:\n  - {entry}\n").notes == (f"{FILE}:2: {note}",)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "foo=1.2",
            "expected a package whose name on PyPI is known, got `foo=1.2` - "
            "move it below `- pip:` as `- foo==1.2.*` if PyPI's package of that name is meant",
        ),
        (
            "esri::arcgis",
            "expected a package whose name on PyPI is known, got `esri::arcgis` - "
            "move it below `- pip:` as `- arcgis` if PyPI's package of that name is meant",
        ),
        (
            "r-base",
            "expected a package that PyPI has, got `r-base` - "
            f"it belongs to R, which is no part of a Python environment: remove the line; {UPGRADE}",
        ),
        (
            "cudatoolkit=10.0",
            "expected a package that PyPI has, got `cudatoolkit=10.0` - "
            "the wheels of torch and of tensorflow[and-cuda] bring the CUDA that they need: remove the line; "
            f"{UPGRADE}",
        ),
        (
            "openjdk",
            "expected a package that PyPI has, got `openjdk` - "
            "it is a program, which the image has to bring: name an image that has it as `baseDockerImage` "
            f"and remove the line; {UPGRADE}",
        ),
        (
            "gcc_linux-64",
            "expected a package that PyPI has, got `gcc_linux-64` - "
            "it is a compiler, which the image has to bring: name an image that has it as `baseDockerImage` "
            f"and remove the line; {UPGRADE}",
        ),
        (
            "numpy=1.8|1.9",
            "expected one range of versions, got `numpy=1.8|1.9` - keep one of those that `|` parts",
        ),
        (
            "numpy=1.1.1k",
            "expected a version as Python packages have it, got `numpy=1.1.1k` - "
            "write it as `=1.13`, `==1.13.3` or `>=1.13,<2`",
        ),
        (
            "ipykernel=4.6.1",
            "expected ipykernel 5.5 or newer, which kernels need, got `ipykernel=4.6.1` - "
            f"write `ipykernel`, or remove the line, as it is always installed; {UPGRADE}",
        ),
        (
            "./x.whl",
            "expected a package such as `numpy=1.13`, got `./x.whl` - "
            "correct it, or move it below `- pip:` if it is one of pip's lines",
        ),
        (
            "https://u:secret@example.com/x.tar.bz2?sig=secret",
            "expected a package such as `numpy=1.13`, got `https://***@example.com/x.tar.bz2?***` - "
            "correct it, or move it below `- pip:` if it is one of pip's lines",
        ),
    ],
)
def test_what_cannot_be_had_is_refused_with_what_to_do(refusal_of, entry, message):
    assert refusal_of(entry) == f"{FILE}:2: {message}"


@pytest.mark.parametrize(
    ("pin", "request_"),
    [
        ("python", None),
        ("python=3", "3"),
        ("python=3.11", "3.11"),
        ("python==3.11.*", "3.11"),
        ("python=3.11*", "3.11"),
        ("python 3.11.4", "3.11.4"),
        ("python=3.11.4=h955ad1f_0", "3.11.4"),
        ("conda-forge::python=3.10", "3.10"),
        ("python>=3.8", ">=3.8"),
        ("python>=3.8,<3.12", ">=3.8,<3.12"),
        ("python<3.12", "<3.12"),
        ("python~=3.10", "~=3.10"),
        ("python=*", None),
    ],
)
def test_a_pin_of_python_becomes_what_uv_is_asked_for(spec_of, pin, request_):
    assert spec_of(f"dependencies:\n  - {pin}\n").python == request_


@pytest.mark.parametrize("pin", ["python=3.5.2", "python=3.6", "python=2.7", "python<3.8", "python==3.7.*"])
def test_a_python_that_nobody_serves_is_refused(refusal_of, pin):
    assert refusal_of(pin) == (
        f"{FILE}:2: expected Python 3.8 or newer, which kernels need and which can still be downloaded, got `{pin}` - "
        f"write `python=3.11`, or remove the line to take the Python of the image; {UPGRADE}"
    )
