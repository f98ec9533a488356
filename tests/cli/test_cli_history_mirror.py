from __future__ import annotations

import sys

import pytest

from jupyter_workbench.cli.history.mirror import Counter


@pytest.fixture(autouse=True)
def no_mlflow(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_without_mlflow_one_sentence_tells_what_to_install(run, iris):
    result = run("history", "mirror", "--tracking-uri", "http://box:5000")
    assert (result.exit_code, result.stderr) == (
        1, 'mlflow is not installed - run `pip install "jupyter_workbench[mirror]"`\n',
    )  # fmt: skip


def test_without_a_server_it_is_asked_for(run, iris):
    result = run("history", "mirror")
    assert result.exit_code == 2
    assert "Missing option '--tracking-uri'" in result.stderr


def test_a_folder_is_no_server(run, iris):
    result = run("history", "mirror", "--tracking-uri", "mlruns")
    assert (result.exit_code, result.stderr) == (
        1,
        "--tracking-uri: expected the URI of a tracking server such as http://localhost:5000, got a folder - start one "
        "with `mlflow server`\n",
    )


def test_progress_is_told_now_and_then_without_a_terminal(capsys):
    now = iter([0.0, 5.0, 11.0, 11.0])
    counter = Counter(lambda: next(now))
    counter.count(0, 3)
    counter.count(1, 3)
    counter.count(2, 3)
    assert capsys.readouterr().err == "2 of 3 runs\n"
