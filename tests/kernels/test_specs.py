"""Our kernels beside those of any kernelspec manager class."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from jupyter_workbench.kernels.specs import with_workbench_specs


class Dynamic(KernelSpecManager):
    """A manager whose kernels are in no folder, as nb_conda_kernels has them."""

    def find_kernel_specs(self):
        return {**super().find_kernel_specs(), "theirs": "/nowhere"}

    def get_kernel_spec(self, kernel_name):
        if kernel_name == "theirs":
            return self.kernel_spec_class(resource_dir="/nowhere", argv=["theirs"], display_name="Theirs")
        return super().get_kernel_spec(kernel_name)


class Awaitable(Dynamic):
    """A manager whose list is awaited."""

    async def get_all_specs(self):
        return {"theirs": {"resource_dir": "/nowhere", "spec": {"display_name": "Theirs"}}}


@pytest.fixture
def a_project(tmp_path: Path, monkeypatch) -> Path:
    configuration = tmp_path / "iris" / "aml_config"
    configuration.mkdir(parents=True)
    (configuration / "local.compute").write_text("type: local\n")
    (configuration / "local.runconfig").write_text("Target: local\nFramework: Python\n")
    monkeypatch.chdir(tmp_path / "iris")
    return tmp_path / "iris"


@pytest.mark.parametrize("base", [Dynamic, Awaitable])
async def test_kernels_that_are_in_no_folder_stay_in_the_list(a_project, base):
    found = await with_workbench_specs(base)().get_all_specs()
    assert found["theirs"]["spec"]["display_name"] == "Theirs"
    assert found["iris_local"]["spec"]["display_name"] == "iris local"


async def test_one_broken_kernelspec_hides_no_other(a_project, tmp_path):
    (tmp_path / "kernels" / "broken").mkdir(parents=True)
    (tmp_path / "kernels" / "broken" / "kernel.json").write_text("{")
    found = await with_workbench_specs(KernelSpecManager)(kernel_dirs=[str(tmp_path / "kernels")]).get_all_specs()
    assert set(found) == {"python3", "iris_local"}


def test_a_kernel_of_nobody_is_unknown(a_project):
    with pytest.raises(NoSuchKernel):
        with_workbench_specs(Dynamic)().get_kernel_spec("nobodys")


def test_a_kernel_of_theirs_is_found_by_its_name(a_project):
    assert with_workbench_specs(Dynamic)().get_kernel_spec("theirs").argv == ["theirs"]


def test_a_class_is_chained_once(a_project):
    once = with_workbench_specs(Dynamic)
    assert with_workbench_specs(once) is once


async def test_files_are_looked_at_in_a_thread(a_project, monkeypatch):
    manager = with_workbench_specs(KernelSpecManager)()
    refresh, threads = manager.discovery.refresh, []
    monkeypatch.setattr(manager.discovery, "refresh", lambda: (threads.append(threading.current_thread()), refresh()))
    await manager.get_all_specs()
    assert threads
    assert threading.main_thread() not in threads


def test_a_kernelspec_that_others_installed_under_our_name_is_not_shadowed(a_project, tmp_path):
    (tmp_path / "kernels" / "iris_local").mkdir(parents=True)
    (tmp_path / "kernels" / "iris_local" / "kernel.json").write_text(
        '{"argv": ["other"], "display_name": "Other", "language": "python"}'
    )
    manager = with_workbench_specs(KernelSpecManager)(kernel_dirs=[str(tmp_path / "kernels")])
    assert manager.get_kernel_spec("iris_local").display_name == "Other"
    (ours,) = (name for name in manager.find_kernel_specs() if name.startswith("iris_local-"))
    assert manager.get_kernel_spec(ours).display_name == "iris local"
