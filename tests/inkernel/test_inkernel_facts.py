"""What the kernel is told, and which notebook it serves."""

from __future__ import annotations

import pytest
from workbench_kernel import facts
from workbench_kernel.facts import Facts

LOCAL = Facts("s", "iris", notebook="told.ipynb")


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"project": 5, "notice": ""}', "\ud800"])
def test_without_readable_facts_the_folders_tell_the_names(tmp_path, monkeypatch, content):
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    spool = tmp_path / "20260101T000000-0123456789abcdef"
    spool.mkdir()
    if content is not None:
        (spool / "kernel.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    assert facts.read(str(spool)) == Facts("20260101T000000-0123456789abcdef", "project")


def test_the_facts_are_those_of_kernel_json(make_spool):
    folder = make_spool(tracked_run=False, notice="a line", notebook="a.ipynb")
    assert facts.read(str(folder)) == Facts(folder.name, "iris", "local", False, "a line", "a.ipynb")


def test_no_client_told_a_notebook(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert facts.notebook(Facts("s", "iris"), {}) is None


def test_the_servers_session_goes_before_what_the_launcher_knew(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/a/train.ipynb")
    assert facts.notebook(LOCAL, {}) == "/home/a/train.ipynb"


def test_a_papermill_inside_a_session_goes_before_the_session(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/a/train.ipynb")
    assert facts.notebook(LOCAL, {"PAPERMILL_INPUT_PATH": "in.ipynb"}) == "in.ipynb"


def test_vs_code_names_its_notebook(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert facts.notebook(LOCAL, {"__vsc_ipynb_file__": "/home/a/code.ipynb"}) == "/home/a/code.ipynb"
