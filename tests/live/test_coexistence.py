"""Other packages that put their own classes into the server keep working beside us, whoever comes first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .jupyter import running_server

pytestmark = pytest.mark.live

STRANGER = """
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets.config import Config

class Specs(KernelSpecManager):
    def find_kernel_specs(self):
        found = super().find_kernel_specs()
        found["theirs"] = found["python3"]
        return found

    def get_kernel_spec(self, kernel_name):
        return super().get_kernel_spec("python3" if kernel_name == "theirs" else kernel_name)

class Kernels(AsyncMappingKernelManager):
    async def start_kernel(self, **kwargs):
        self.log.warning("their kernel manager starts a kernel")
        return await super().start_kernel(**kwargs)

def _jupyter_server_extension_points():
    return [{"module": __name__}]

def _link_jupyter_server_extension(app):
    app.update_config(Config({"ServerApp": {
        "kernel_spec_manager_class": __name__ + ".Specs",
        "kernel_manager_class": __name__ + ".Kernels",
    }}))

def _load_jupyter_server_extension(app):
    pass
"""


@pytest.fixture
def a_stranger(tmp_path, monkeypatch):
    """Write a package that sets both classes."""

    def write(name: str) -> str:
        (tmp_path / "packages").mkdir()
        (tmp_path / "packages" / f"{name}.py").write_text(STRANGER)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
        return name

    return write


async def both_work(project: Path, *options: str) -> str:
    """Start a kernel of each side and return the server's log."""
    with running_server(project, *options) as server:
        assert {"python3", "theirs", "myiris_local"} <= set(await server.kernelspecs())
        for name in ("theirs", "myiris_local"):
            kernel_id = await server.start_kernel(name)
            async with server.kernel(kernel_id) as kernel:
                assert (await kernel.run("print(1 + 1)")).text == "2\n"
        return server.log.read_text()


@pytest.mark.parametrize("name", ["aaa_before_us", "zzz_after_us"])
async def test_an_extension_that_sets_the_classes_keeps_its_kernels_and_so_do_we(a_stranger, a_project, name):
    options = f"--ServerApp.jpserver_extensions={{'jupyter_workbench': True, '{a_stranger(name)}': True}}"
    log = await both_work(a_project, options)
    assert log.count("their kernel manager starts a kernel") == 2


async def test_classes_that_the_command_line_sets_are_chained(a_stranger, a_project):
    name = a_stranger("stranger")
    log = await both_work(
        a_project,
        f"--ServerApp.kernel_spec_manager_class={name}.Specs",
        f"--ServerApp.kernel_manager_class={name}.Kernels",
    )
    assert log.count("their kernel manager starts a kernel") == 2


@pytest.mark.parametrize("extension", ["jupyter_server_ydoc", "jupyter_server_documents"])
async def test_kernels_start_beside_packages_for_collaboration(a_project, history, extension):
    """WORKBENCH_TEST_COLLABORATION_PYTHON has jupyter_collaboration, jupyter-server-documents and us installed."""
    python = os.environ.get("WORKBENCH_TEST_COLLABORATION_PYTHON")
    if not python:
        pytest.skip("WORKBENCH_TEST_COLLABORATION_PYTHON names no Python with jupyter_collaboration installed")
    others = {"jupyter_server_ydoc": False, "jupyter_server_documents": False, "jupyter_workbench": True}
    options = f"--ServerApp.jpserver_extensions={others | {extension: True}}"
    with running_server(a_project, options, python=python) as server:
        kernel_id = await server.start_kernel("myiris_local")
        async with server.kernel(kernel_id) as kernel:
            if extension == "jupyter_server_documents":  # its websockets are open before IOPub is subscribed to
                await kernel.handshake()
            assert (await kernel.run("%azureml history on")).text == "History logging enabled\n"
            assert (await kernel.run("print(1 + 1)")).text == "2\n"
        assert f"{extension} | extension was successfully loaded" in server.log.read_text()
    assert [run["status"] for run in history(a_project, "list")] == ["Completed", "Completed"]


async def test_nothing_of_ours_is_put_in_place_when_a_gateway_is_configured(a_project):
    with running_server(a_project, "--GatewayClient.url=http://127.0.0.1:9") as server:
        log = server.log.read_text()
    assert "jupyter_workbench: a kernel gateway is configured, its kernels are used" in log
