"""`workbench notebook start`: which JupyterLab is started, where, with which options."""

from __future__ import annotations

import re
import signal
import socket
from importlib.metadata import version
from pathlib import Path

import pytest
from jupyter_server.auth import IdentityProvider
from jupyter_server.serverapp import ServerApp

from jupyter_workbench.cli import notebook


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """The command lines of the JupyterLabs that were started."""
    lines: list[list[str]] = []
    monkeypatch.setattr(notebook, "_run_lab", lines.append)
    monkeypatch.setattr(notebook, "_enable_extension", list)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    return lines


@pytest.fixture
def a_project(run, tmp_path) -> Path:
    run("project", "create", "myIris")
    return tmp_path / "myIris"


def test_a_folder_without_a_project_says_how_to_make_one(run, started, tmp_path):
    result = run("notebook", "start")
    assert result.exit_code == 1
    assert started == []
    assert result.stderr == (
        f"expected a folder `aml_config` in {tmp_path} or above it, got none - "
        "name the folder of a project, or make one with `workbench project create NAME`\n"
    )


def test_the_root_is_the_home_of_the_project(run, started, a_project):
    (a_project / "data").mkdir()
    assert run("notebook", "start", a_project / "data").exit_code == 0
    assert started == [[f"--ServerApp.root_dir={a_project}"]]


def test_port_and_no_browser(run, started, a_project):
    run("notebook", "start", a_project, "--port", "9000", "--no-browser")
    assert started == [[f"--ServerApp.root_dir={a_project}", "--ServerApp.port=9000", "--no-browser"]]


def test_what_stands_after_two_dashes_goes_to_jupyter_last(run, started, a_project):
    run("notebook", "start", a_project, "--", "--ServerApp.ip=0.0.0.0", "--no-browser", "--", "-y")
    assert started == [
        [f"--ServerApp.root_dir={a_project}", "--ServerApp.ip=0.0.0.0", "--no-browser", "--", "-y"],
    ]


def test_root_is_told_so_and_is_let_in(run, started, a_project, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    result = run("notebook", "start", a_project)
    assert started == [[f"--ServerApp.root_dir={a_project}", "--allow-root"]]
    assert result.stderr == "You are root: everything that a notebook runs, it runs as root.\n"


def test_options_for_jupyter_need_no_folder(run, started, a_project, monkeypatch):
    monkeypatch.chdir(a_project)
    run("notebook", "start", "--", "--debug")
    assert started == [[f"--ServerApp.root_dir={a_project}", "--debug"]]


def test_the_usage_line_names_them(run):
    assert (
        "Usage: workbench notebook start [OPTIONS] [FOLDER] [-- JUPYTER OPTIONS]\n"
        in run("notebook", "start", "--help").stdout
    )


def test_a_port_that_is_none_is_wrong_usage(run, started, a_project):
    assert run("notebook", "start", a_project, "--port", "70000").exit_code == 2


def test_the_extension_is_enabled_beside_those_of_the_user(run, monkeypatch, tmp_path):
    monkeypatch.setattr("jupyter_workbench.doctor.extension.enabled_extensions", dict)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    (tmp_path / "jupyter_server_config.py").write_text("c.ServerApp.jpserver_extensions = {'mine': True}\n")
    assert notebook._enable_extension() == ["--ServerApp.jpserver_extensions={'mine': True, 'jupyter_workbench': True}"]


def test_an_enabled_extension_needs_no_option(monkeypatch):
    monkeypatch.setattr("jupyter_workbench.doctor.extension.enabled_extensions", lambda: {"jupyter_workbench": True})
    assert notebook._enable_extension() == []


@pytest.mark.live
def test_it_takes_the_next_free_port_prints_the_url_and_keeps_the_exit_code(run, a_project, workbench_process):
    (a_project / "jupyterlab.py").write_text("raise SystemExit('the project passed for JupyterLab')\n")
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
        process = workbench_process(
            "notebook", "start", a_project, "--port", port, "--no-browser", "--", "--allow-root"
        )
        lines: list[str] = []
        while not (lines and (found := re.search(r"http://localhost:(\d+)/lab\?token=\w+", lines[-1]))):
            lines.append(process.stderr.readline())
            assert lines[-1], "".join(lines)
    told = process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=60)
    assert int(found[1]) != port
    assert (told, rest) == (f"JupyterLab is at {found[0]}\n", "")
    assert process.returncode == 0


@pytest.mark.live
@pytest.mark.parametrize(
    ("option", "begin"), [("--version", f"{version('jupyterlab')}\n"), ("--help", "JupyterLab - An extensible")]
)
def test_what_jupyter_answers_without_a_server_stays_as_it_is(a_project, workbench_process, option, begin):
    process = workbench_process("notebook", "start", a_project, "--", option)
    told, complaint = process.communicate(timeout=60)
    assert (process.returncode, told[: len(begin)]) == (0, begin), complaint
    assert "JupyterLab is at" not in told


@pytest.mark.parametrize(
    ("ip", "custom", "url"),
    [
        ("localhost", "", "http://localhost:8888/lab?token="),
        ("0.0.0.0", "", "http://127.0.0.1:8888/lab?token="),
        ("::", "", "http://[::1]:8888/lab?token="),
        ("0.0.0.0", "https://hub.example.com:443", "https://hub.example.com:443/lab?token="),
    ],
)
def test_the_url_is_one_that_a_browser_can_open(monkeypatch, ip, custom, url):
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    server = ServerApp(ip=ip, port=8888, custom_display_url=custom, default_url="/lab")
    server.identity_provider = IdentityProvider()
    assert notebook._url(server) == url + server.identity_provider.token
