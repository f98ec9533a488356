"""The folder that a kernel in a container shares with its server: whatever the kernel does there, only it is hurt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.running.folders import CONNECTION_FILE, LEASE, SERVER, abandoned, meeting_of
from jupyter_workbench.targets.docker.servers import is_gone, this_server

ENGINE = "unix:///var/run/docker.sock"


@pytest.fixture(autouse=True)
def a_short_base(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("LOGNAME", "me")
    monkeypatch.setattr("jupyter_workbench.targets.docker.running.folders.LONGEST_BASE", 1000)


@pytest.fixture
def meeting():
    """A folder in which a kernel has run."""
    meeting = meeting_of("kernel")
    os.close(meeting.open(ENGINE))
    meeting.hand_over("{}")
    return meeting


@pytest.mark.parametrize("name", [CONNECTION_FILE, LEASE, SERVER])
def test_a_link_that_the_kernel_plants_is_replaced_and_not_followed(meeting, tmp_path, name):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (meeting.path / name).unlink()
    (meeting.path / name).symlink_to(victim)
    os.close(meeting.open(ENGINE))
    meeting.hand_over("{}")
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("name", [CONNECTION_FILE, LEASE, SERVER])
def test_a_pipe_that_the_kernel_plants_holds_nobody_up(meeting, name):
    (meeting.path / name).unlink()
    os.mkfifo(meeting.path / name)
    os.close(meeting.open(ENGINE))
    meeting.hand_over("{}")
    assert (meeting.path / name).is_file()


@pytest.mark.parametrize("name", [CONNECTION_FILE, LEASE, SERVER, "k-1"])
def test_a_folder_that_the_kernel_plants_is_replaced(meeting, name):
    (meeting.path / name).unlink(missing_ok=True)
    (meeting.path / name / "deep").mkdir(parents=True)
    os.close(meeting.open(ENGINE))
    meeting.hand_over("{}")
    assert not (meeting.path / name).is_dir()


def test_a_pipe_in_place_of_the_servers_name_holds_no_other_server_up(meeting):
    (meeting.path / SERVER).unlink()
    os.mkfifo(meeting.path / SERVER)
    assert abandoned(ENGINE) == []


def test_the_folder_of_a_server_that_is_gone_is_abandoned_at_its_engine_only(meeting):
    gone = this_server().rpartition("/")[0] + "/0"
    (meeting.path / SERVER).write_text(f"{gone}\n{ENGINE}")
    assert abandoned(ENGINE) == [meeting]
    assert abandoned("unix:///another.sock") == []


def test_a_base_that_others_can_enter_is_refused_and_never_looked_into(meeting):
    (meeting.path / SERVER).write_text(f"nobody\n{ENGINE}")
    meeting.path.parent.chmod(0o755)
    assert abandoned(ENGINE) == []
    with pytest.raises(TargetError) as error:
        meeting.open(ENGINE)
    assert str(error.value) == (
        f"expected {meeting.path.parent} to be a folder that only you can enter, got one that is not - remove it: "
        "the sockets of kernels are kept there"
    )


def test_a_name_that_would_make_sockets_too_long_is_shortened(monkeypatch):
    monkeypatch.setattr("jupyter_workbench.targets.docker.running.folders.LONGEST_BASE", 88)
    monkeypatch.setenv("LOGNAME", "n" * 100)
    assert len(os.fsencode(f"{meeting_of('kernel').ip}-5")) <= 107


def test_this_process_is_not_gone_and_of_another_namespace_nothing_is_certain():
    host, boot, _, pid, start = this_server().split("/")
    assert not is_gone(this_server())
    assert is_gone(f"{host}/another-boot/{Path('/proc/self/ns/pid').readlink()}/{pid}/{start}")
    assert not is_gone(f"{host}/{boot}/pid:[1]/{pid}/0")
    assert not is_gone(f"another-host/{boot}/pid:[1]/{pid}/0")
