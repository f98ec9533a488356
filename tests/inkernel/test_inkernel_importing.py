"""`import azureml...` beside whatever else is called `azureml`, in our kernels and in what they spawn."""

from __future__ import annotations

import subprocess
import sys

import pytest

PKGUTIL = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"  # the whole __init__ of azureml-core
CLOSED = "VERSION = 1\n"
WORKBENCH = "import azureml.logging, azureml.assets\nfrom azureml.assets import get_local_path\n"
MODEL = "from azureml.core.model import Model\nassert 'inkernel' in sys.modules['azureml.core.model'].__file__\n"
KINDS = {"alone": None, "as azureml-core": PKGUTIL, "a namespace": "", "a closed package": CLOSED}

REPORT = """
import azureml.logging
assert azureml.logging.__file__ == {ours!r}, azureml.logging.__file__
from azureml.logging import get_azureml_logger
assert get_azureml_logger().log("a", 1) is not None
"""


@pytest.fixture
def ours(inkernel):
    return str(inkernel / "azureml" / "logging.py")


@pytest.fixture
def install(tmp_path):
    """Makes a folder of installed packages with an `azureml` of that kind, which has a `core`."""

    def make(kind, *, also=()):
        site = tmp_path / "site"
        (site / "azureml").mkdir(parents=True)
        if KINDS[kind] is None:
            return site
        if KINDS[kind]:
            (site / "azureml/__init__.py").write_text(KINDS[kind])
        for module in ("core", *also):
            (site / "azureml" / f"{module}.py").write_text("NAME = 'installed'\n")
        return site

    return make


def run(code, site, inkernel, *, finder):
    """Run code as a kernel of ours imports: the installed packages first, our folder last."""
    begin = f"import sys\nsys.path.insert(0, {str(site)!r})\nsys.path.append({str(inkernel)!r})\n"
    if finder:
        begin += f"from workbench_kernel import importing\nimporting.install({str(inkernel / 'azureml')!r})\n"
    done = subprocess.run([sys.executable, "-c", begin + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_ours_is_imported_beside_every_kind(kind, install, inkernel, ours):
    run(REPORT.format(ours=ours), install(kind), inkernel, finder=True)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "alone"])
@pytest.mark.parametrize("first", ["azureml.core", "azureml.logging"])
def test_nothing_that_is_installed_is_hidden(kind, first, install, inkernel):
    code = f"import {first}\nimport azureml.core, azureml.logging\nassert azureml.core.NAME == 'installed'"
    run(code, install(kind), inkernel, finder=True)


def test_an_installed_logging_gives_way_to_ours_and_keeps_the_rest(install, inkernel, ours):
    site = install("as azureml-core", also=["logging"])
    run(REPORT.format(ours=ours) + "from azureml import core", site, inkernel, finder=True)


@pytest.mark.parametrize("kind", ["alone", "as azureml-core", "a namespace"])
def test_a_spawned_process_which_has_our_path_but_not_our_finder_imports_it_too(kind, install, inkernel, ours):
    run(REPORT.format(ours=ours), install(kind), inkernel, finder=False)


def test_the_finder_answers_for_no_other_name(inkernel):
    code = "assert [f for f in sys.meta_path][0].find_spec('azureml.core') is None\nimport logging, azureml\n"
    run(code + "assert 'workbench' not in str(logging.__file__)", inkernel.parent, inkernel, finder=True)


@pytest.fixture
def install_core(tmp_path):
    """Makes a folder of installed packages with azureml-core and azureml-dataprep, as far as imports see them."""

    def make(kind):
        site = tmp_path / "site"
        for package in ("core", "core/compute", "dataprep", "_base_sdk_common"):
            (site / "azureml" / package).mkdir(parents=True)
            if kind != "all namespaces":
                (site / "azureml" / package / "__init__.py").write_text("VERSION = '1.62'\n")
        (site / "azureml/core/model.py").write_text(
            "from azureml._base_sdk_common import common\nclass Model: REAL = 1\n"
        )
        (site / "azureml/core/workspace.py").write_text("class Workspace: REAL = 1\n")
        (site / "azureml/_base_sdk_common/common.py").write_text("REAL = 1\n")
        (site / "azureml/dataprep/api.py").write_text("from azureml.core.workspace import Workspace\nREAL = 1\n")
        init = {"as azureml-core": PKGUTIL, "a closed package": CLOSED}.get(kind)
        if init is not None:
            (site / "azureml/__init__.py").write_text(init)
        return site

    return make


@pytest.mark.parametrize("first", ["", WORKBENCH])
@pytest.mark.parametrize(
    ("kind", "finder"),
    [
        *[(kind, True) for kind in ("as azureml-core", "a namespace", "all namespaces", "a closed package")],
        *[(kind, False) for kind in ("as azureml-core", "a namespace", "all namespaces")],
    ],
)
def test_an_installed_azureml_core_stays_wholly_usable_beside_ours(kind, first, finder, install_core, inkernel):
    code = (
        "from azureml.core.model import Model\nfrom azureml.core.workspace import Workspace\n"
        "import azureml.dataprep.api, azureml.core.compute, azureml.core\n"
        "assert (Model.REAL, Workspace.REAL, azureml.dataprep.api.REAL) == (1, 1, 1)\n"
    )
    version = "assert azureml.core.VERSION == '1.62'\n" if kind != "all namespaces" else ""
    run(first + code + version + WORKBENCH, install_core(kind), inkernel, finder=finder)


@pytest.mark.parametrize("finder", [True, False], ids=["kernel", "spawned"])
def test_without_azureml_core_models_of_the_project_are_found(finder, install, inkernel):
    run(
        WORKBENCH + MODEL + "from azureml.core import Model as same\nassert same is Model",
        install("alone"),
        inkernel,
        finder=finder,
    )


def test_a_dataprep_without_azureml_core_sees_that_it_is_missing(install, inkernel):
    site = install("as azureml-core")
    (site / "azureml/core.py").unlink()
    (site / "azureml/dataprep").mkdir()
    (site / "azureml/dataprep/__init__.py").write_text(
        "try:\n    from azureml.core import Workspace\nexcept ImportError:\n    Workspace = None\n"
    )
    run("import azureml.dataprep\nassert azureml.dataprep.Workspace is None\n" + MODEL, site, inkernel, finder=True)


def test_what_only_azureml_core_has_is_told(install, inkernel):
    code = (
        "import azureml.core\n"
        "try:\n    azureml.core.Workspace\nexcept AttributeError as error:\n    assert str(error) == (\n"
        "        'Workspace is of azureml-core, which is not installed in this kernel - '\n"
        "        'install it and restart the kernel')\nelse:\n    raise SystemExit(1)\n"
    )
    run(code, install("alone"), inkernel, finder=True)
