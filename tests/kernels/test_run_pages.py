"""The address of a project's run history, as a kernel is told it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_workbench.kernels import run_pages


@pytest.fixture(autouse=True)
def no_jupyterlab(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process whose server has none, or that is no server."""
    monkeypatch.setattr(run_pages, "_lab", [])


def test_without_a_jupyterlab_there_is_none() -> None:
    assert run_pages.of_project(Path("/home/you/myIris")) is None


def test_it_is_below_the_base_of_the_server_and_any_folder_can_stand_in_it() -> None:
    run_pages.shown_in("/base/lab")
    assert run_pages.of_project(Path("/home/you/größe & more")) == (
        "/base/lab?workbench-project=%2Fhome%2Fyou%2Fgr%C3%B6%C3%9Fe%20%26%20more"
    )


def test_a_folder_whose_name_is_no_text_has_none() -> None:
    run_pages.shown_in("/lab")
    assert run_pages.of_project(Path("/home/caf\udce9")) is None
