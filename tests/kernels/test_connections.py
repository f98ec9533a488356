"""Websockets of any class wait for our kernels; `tests/live/test_websockets_of_others.py` opens real ones."""

from __future__ import annotations

import asyncio

import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_server.services.kernels.connection.base import BaseKernelWebsocketConnection
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado import web

from jupyter_workbench.errors import TargetError
from jupyter_workbench.kernels.connections import with_workbench_connections
from jupyter_workbench.kernels.managers import with_workbench_kernels
from jupyter_workbench.kernels.provisioner import WorkbenchProvisioner


class Hasty(BaseKernelWebsocketConnection):
    """A class that prepares nothing, as that of jupyter_server_documents."""


class Prepared(BaseKernelWebsocketConnection):
    """A class that prepares something of its own."""

    has_prepared = False

    async def prepare(self):
        self.has_prepared = True


class Limited(ZMQChannelsWebsocketConnection):
    """A class that waits as the server's own does."""


@pytest.fixture
async def our_kernel():
    """A kernel of ours that is being prepared."""
    kernel = AsyncKernelManager(parent=with_workbench_kernels(AsyncMappingKernelManager)())
    kernel.provisioner = WorkbenchProvisioner(parent=kernel)
    assert not kernel.ready.done()
    return kernel


def websocket_to(kernel, base):
    handler = KernelWebsocketHandler.__new__(KernelWebsocketHandler)  # there is no request here
    handler.connection = with_workbench_connections(base)(parent=kernel, websocket_handler=handler)
    return handler.connection


async def begun(preparing) -> asyncio.Task[None]:
    """Let a preparation run until it waits for something."""
    task = asyncio.ensure_future(preparing)
    for _ in range(5):
        await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("base", [Hasty, Prepared])
async def test_a_start_that_failed_is_an_error_of_the_request_with_the_reason(our_kernel, base):
    our_kernel.ready.set_exception(TargetError("no such Python: 100 % sure"))
    with pytest.raises(web.HTTPError) as refused:
        await websocket_to(our_kernel, base).prepare()
    assert str(refused.value) == "HTTP 500: Internal Server Error (no such Python: 100 % sure)"


async def test_the_base_prepares_nothing_for_a_kernel_that_failed_to_start(our_kernel):
    our_kernel.ready.set_exception(TargetError("no such Python"))
    websocket = websocket_to(our_kernel, Prepared)
    with pytest.raises(web.HTTPError):
        await websocket.prepare()
    assert not websocket.has_prepared


async def test_a_start_that_was_cancelled_is_an_error_of_the_request(our_kernel):
    our_kernel.ready.cancel()
    with pytest.raises(web.HTTPError, match=r"\(The start of .* was cancelled\.\)$"):
        await websocket_to(our_kernel, Hasty).prepare()


async def test_a_request_that_is_cancelled_does_not_cancel_the_start(our_kernel):
    preparing = await begun(websocket_to(our_kernel, Hasty).prepare())
    preparing.cancel()
    await asyncio.wait([preparing])
    assert preparing.cancelled()
    assert not our_kernel.ready.done()


async def test_the_base_prepares_once_our_kernel_is_there(our_kernel):
    websocket = websocket_to(our_kernel, Prepared)
    preparing = await begun(websocket.prepare())
    assert not preparing.done()
    assert not websocket.has_prepared
    our_kernel.ready.set_result(None)
    await preparing
    assert websocket.has_prepared


async def test_the_base_prepares_nothing_for_a_front_end_that_has_gone_meanwhile(our_kernel):
    websocket = websocket_to(our_kernel, Prepared)
    preparing = await begun(websocket.prepare())
    websocket.websocket_handler.connection = None  # what the server does when it has disconnected one
    our_kernel.ready.set_result(None)
    with pytest.raises(web.HTTPError, match=r"\(The websocket was closed while its kernel was being prepared\.\)$"):
        await preparing
    assert not websocket.has_prepared


async def test_a_kernel_of_others_is_not_waited_for(our_kernel):
    our_kernel.provisioner = object()
    websocket = websocket_to(our_kernel, Prepared)
    await websocket.prepare()
    assert websocket.has_prepared


@pytest.mark.parametrize("base", [ZMQChannelsWebsocketConnection, Limited])
def test_a_class_that_waits_as_the_servers_own_does_is_left_as_it_is(base):
    assert with_workbench_connections(base) is base


def test_a_class_is_chained_once():
    chained = with_workbench_connections(Hasty)
    assert with_workbench_connections(chained) is chained
