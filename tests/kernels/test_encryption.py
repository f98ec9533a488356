"""When what kernel and server say to each other over TCP is encrypted."""

from __future__ import annotations

import pytest
from jupyter_client import KernelManager

from jupyter_workbench.kernels import encryption
from jupyter_workbench.kernels.encryption import encrypt, kernel_has_curve, server_has_curve


@pytest.mark.parametrize(
    ("ipykernel", "has"), [(None, False), ("5.5.6", False), ("7.2.0", False), ("7.3.0", True), ("10.0", True)]
)
def test_a_kernel_can_from_the_first_ipykernel_that_does(ipykernel, has):
    assert kernel_has_curve(ipykernel) is has


@pytest.mark.parametrize("old", [{"ipykernel": "6.29"}, {"jupyter_client": "8.6"}])
def test_a_server_with_an_older_package_cannot(monkeypatch, old):
    newest = {"ipykernel": "7.4", "jupyter_client": "8.10"}
    monkeypatch.setattr(encryption, "version", {**newest, **old}.__getitem__)
    assert not server_has_curve()


def test_a_server_whose_zeromq_has_no_curve_cannot(monkeypatch):
    monkeypatch.setattr("zmq.has", lambda feature: False)
    assert not server_has_curve()


@pytest.mark.skipif(not server_has_curve(), reason="not run: no ipykernel or jupyter_client with CurveZMQ")
def test_keys_come_into_the_next_connection_file_and_go_again(tmp_path):
    manager = KernelManager(connection_file=str(tmp_path / "kernel.json"))
    manager.write_connection_file()
    encrypt(manager, True)
    manager.write_connection_file()
    assert "curve_secretkey" in (tmp_path / "kernel.json").read_text()
    encrypt(manager, False)
    manager.write_connection_file()
    assert "curve_secretkey" not in (tmp_path / "kernel.json").read_text()
