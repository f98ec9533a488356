"""Where a kernel manager expects its kernel, which may move with each start."""

from __future__ import annotations

from typing import Any

from jupyter_client.connect import port_names

from jupyter_workbench.kernels.encryption import encrypt, kernel_has_curve, server_has_curve
from jupyter_workbench.targets.base import Address, Elsewhere


class ManagedAddress:
    """The address that a kernel manager writes into the connection file of its next start."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager
        self._is_encrypted = False  # by keys of ours: a server can be configured to encrypt local kernels itself

    @property
    def now(self) -> Address:
        """Where the kernel is, or will be."""
        return Address(self._manager.transport, self._manager.ip)

    def use(self, elsewhere: Elsewhere | None, kernel_id: str) -> bool:
        """Expect the kernel where it will be; tells whether that needs other ports than before.

        Front ends connect anew when the ports have changed, and only then: other keys need other ports, too.
        """
        has_moved = elsewhere is not None and self._move_to(elsewhere.address(kernel_id))
        return self._encrypt(elsewhere) or has_moved

    def _move_to(self, address: Address) -> bool:
        if address == self.now:
            return False
        manager = self._manager
        self._forget_ports()
        manager.transport, manager.ip = address.transport, address.ip
        manager.cache_ports = address.transport == "tcp"
        return True

    def _encrypt(self, elsewhere: Elsewhere | None) -> bool:
        """Encrypt what goes over published ports, where both ends can."""
        ipykernel = elsewhere.ipykernel if elsewhere is not None and self.now.transport == "tcp" else None
        wanted = kernel_has_curve(ipykernel) and server_has_curve()
        if wanted == self._is_encrypted:
            return False
        self._forget_ports()
        encrypt(self._manager, wanted)
        self._is_encrypted = wanted
        return True

    def _forget_ports(self) -> None:
        self._manager.cleanup_connection_file()
        for name in port_names:
            setattr(self._manager, name, 0)
