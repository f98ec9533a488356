"""Where a kernel manager expects its kernel, and when front ends have to connect anew."""

from __future__ import annotations

import pytest
from jupyter_client import KernelManager

from jupyter_workbench.kernels import addresses
from jupyter_workbench.kernels.addresses import ManagedAddress
from jupyter_workbench.targets.base import Address


class Place:
    """A place whose kernels are at one address."""

    def __init__(self, address: Address, ipykernel: str | None = None) -> None:
        self._address, self.ipykernel = address, ipykernel

    def address(self, kernel_id: str) -> Address:
        return self._address


TCP = Address("tcp", "127.0.0.1")


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """A manager of a kernel that has run on this machine; the server can encrypt."""
    monkeypatch.setattr(addresses, "server_has_curve", lambda: True)
    manager = KernelManager(connection_file=str(tmp_path / "kernel.json"))
    manager.write_connection_file()
    return manager


def test_a_kernel_that_stays_where_it_is_keeps_its_ports(manager):
    before = manager.shell_port
    assert not ManagedAddress(manager).use(Place(TCP, "7.2.0"), "id")
    assert manager.shell_port == before


def test_a_kernel_that_moves_to_sockets_gets_other_ones(manager, tmp_path):
    address = Address("ipc", str(tmp_path / "k"))
    assert ManagedAddress(manager).use(Place(address), "id")
    assert (manager.transport, manager.shell_port, manager.cache_ports) == ("ipc", 0, False)


def test_other_keys_need_other_ports_since_front_ends_connect_anew_only_then(manager):
    if not hasattr(manager, "curve_secretkey"):
        pytest.skip("this jupyter_client has no CurveZMQ")
    address = ManagedAddress(manager)
    assert address.use(Place(TCP, "7.3.0"), "id")
    assert (manager.curve_secretkey is not None, manager.shell_port) == (True, 0)
    manager.write_connection_file()
    assert not address.use(Place(TCP, "7.4.0"), "id")
    assert address.use(None, "id")
    assert (manager.curve_secretkey, manager.shell_port) == (None, 0)
