from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

A_SUITE = """\
import pytest

@pytest.mark.live
def test_live():
    pytest.skip("no engine here")

@pytest.mark.live
def test_interpreter():
    pytest.skip("not run: no Python 3.14 with ipykernel")

def test_other():
    pytest.skip("not now")

@pytest.mark.live
@pytest.mark.xfail(reason="known")
def test_expected():
    assert False

@pytest.mark.soak
def test_long():
    assert False
"""
A_FILE = 'import pytest\npytest.importorskip("no_such_module", reason="no browser here")\n'
A_PAGE = """\
import pytest

seen = []

@pytest.fixture
def page():
    return seen

def test_page(page):
    seen.append("a try")
    assert len(seen) == 2

def test_other():
    seen.append("a try")
    assert len(seen) == 4
"""
DID_NOT_RUN = "WORKBENCH_REQUIRE_LIVE is set, and this live test did not run:"


@pytest.fixture
def outcome(tmp_path: Path):
    """Run a small suite under our conftest; return the last lines of its output."""
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_it.py").write_text(A_SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    live: real\n    soak: long\n")

    def run(*arguments: str, **environment: str) -> list[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env={**kept, **environment}, capture_output=True, text=True, check=False
        )
        return done.stdout.splitlines()

    return run


def test_a_skipped_live_test_fails_where_live_tests_are_required(outcome):
    lines = outcome(WORKBENCH_REQUIRE_LIVE="1")
    assert "1 failed, 2 skipped, 1 deselected, 1 xfailed" in lines[-1]
    assert f"{DID_NOT_RUN} no engine here" in lines


def test_a_skipped_file_of_live_tests_fails_too(outcome, tmp_path):
    (tmp_path / "live").mkdir()
    (tmp_path / "live/test_browser.py").write_text(A_FILE)
    assert f"{DID_NOT_RUN} no browser here" in outcome(WORKBENCH_REQUIRE_LIVE="1")
    assert "4 skipped, 1 deselected, 1 xfailed" in outcome()[-1]


def test_a_skipped_live_test_is_only_skipped_elsewhere(outcome):
    assert "3 skipped, 1 deselected, 1 xfailed" in outcome()[-1]


def test_long_tests_run_when_they_are_asked_for(outcome):
    assert "1 failed, 4 deselected" in outcome("-m", "soak")[-1]


def test_a_page_that_fails_is_tried_once_more_where_live_tests_are_required_and_nothing_else_is(outcome, tmp_path):
    (tmp_path / "test_it.py").write_text(A_PAGE)
    assert "1 failed, 1 passed, 1 rerun" in outcome(WORKBENCH_REQUIRE_LIVE="1")[-1]


def test_a_page_that_fails_fails_elsewhere(outcome, tmp_path):
    (tmp_path / "test_it.py").write_text(A_PAGE)
    assert "2 failed" in outcome()[-1]
