from __future__ import annotations

import os
import socket
import tempfile
from dataclasses import dataclass

import pytest

from jupyter_workbench.targets import spark_ui
from jupyter_workbench.targets.base import Address

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets")


@dataclass
class Elsewhere:
    transport: str

    def address(self, kernel_id):
        return Address(self.transport, "somewhere")


@pytest.fixture(autouse=True)
def a_temporary_folder(tmp_path_factory, monkeypatch):
    """The folder that has the user's one in it."""
    folder = tmp_path_factory.mktemp("t")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(autouse=True)
def a_server(monkeypatch):
    """Some server in this process serves UIs."""
    monkeypatch.setattr(spark_ui, "_served_below", ["/of/me/workbench/spark"])


NOTHING = {"ui_base": None, "ui_socket": None}


def test_without_a_server_nobody_is_told_of_a_place(monkeypatch):
    monkeypatch.setattr(spark_ui, "_served_below", [])
    assert spark_ui.told("an-id", None) == NOTHING


def test_an_engine_that_shares_no_folder_has_no_place():
    assert spark_ui.told("an-id", Elsewhere("tcp")) == NOTHING


def test_a_container_is_told_the_place_as_it_sees_it():
    assert spark_ui.told("an-id", Elsewhere("ipc")) == {
        "ui_base": "/of/me/workbench/spark/an-id",
        "ui_socket": "/azureml-sockets/u",
    }


def test_a_local_kernel_has_a_folder_of_its_own_that_nobody_else_enters():
    told = spark_ui.told("an-id", None)
    place = spark_ui.socket_of("an-id")
    assert told == {"ui_base": "/of/me/workbench/spark/an-id", "ui_socket": str(place)}
    assert [folder.stat().st_mode & 0o777 for folder in (place.parent, place.parent.parent)] == [0o700, 0o700]
    assert spark_ui.socket_of("another") != place
    spark_ui.leave("an-id")
    assert not place.parent.exists()


def test_a_restart_keeps_the_place():
    assert spark_ui.told("an-id", None) == spark_ui.told("an-id", None)


def test_a_folder_that_somebody_else_can_enter_is_not_used():
    base = spark_ui.socket_of("an-id").parent.parent
    base.mkdir()
    base.chmod(0o755)
    assert spark_ui.told("an-id", None) == NOTHING


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path):
    spark_ui.socket_of("an-id").parent.parent.symlink_to(tmp_path)
    assert spark_ui.told("an-id", None) == NOTHING


def test_a_folder_that_cannot_be_made_is_no_reason_not_to_start(a_temporary_folder):
    (a_temporary_folder / spark_ui.socket_of("an-id").parent.parent.name).write_text("a file")
    assert spark_ui.told("an-id", None) == NOTHING


def test_a_path_fits_every_system(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/" + 200 * "t")
    assert len(os.fsencode(spark_ui.socket_of("an-id"))) < 104
