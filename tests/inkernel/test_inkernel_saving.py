"""`%azureml upload` as its user sees it, above all when it takes long."""

from __future__ import annotations

import pytest
from workbench_kernel import saving


@pytest.fixture
def shown(a_shell, monkeypatch):
    """What was displayed: text and whether it replaced what was there."""
    found = []
    monkeypatch.setattr(
        a_shell.shell.display_pub,
        "publish",
        lambda data, transient, update: found.append((data["text/plain"], update, transient["display_id"])),
    )
    return found


@pytest.fixture
def slow(monkeypatch):
    """Every upload takes long."""
    monkeypatch.setattr(saving, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(saving, "PERIOD_SECONDS", 0.0)


@pytest.fixture
def model(a_project):
    path = a_project / "outputs/model.pkl"
    path.write_bytes(b"x" * 4 * 1024 * 1024)
    return path


def test_a_quick_upload_is_a_line_of_text(a_shell, shown, model):
    assert a_shell.run("%azureml upload outputs/model.pkl").stdout == "Saved outputs/model.pkl (4.2 MB)\n"
    assert shown == []


def test_a_long_one_shows_how_far_it_is_in_one_place_and_ends_as_a_quiet_line(a_shell, shown, model, slow):
    assert a_shell.run("%azureml upload outputs/model.pkl").stdout == ""
    assert [(text, update) for text, update, _ in shown] == [
        ("Saving outputs/model.pkl: 25 % of 4.2 MB", False),
        ("Saving outputs/model.pkl: 50 % of 4.2 MB", True),
        ("Saving outputs/model.pkl: 75 % of 4.2 MB", True),
        ("Saving outputs/model.pkl: 100 % of 4.2 MB", True),
        ("Saved outputs/model.pkl (4.2 MB)", True),
    ]
    assert len({place for _, _, place in shown}) == 1


def test_many_files_end_as_one_line(a_shell, a_project):
    for i in range(6):
        (a_project / f"outputs/{i}.txt").write_text(str(i))
    assert a_shell.run("%azureml upload outputs").stdout == "Saved 6 files (6 bytes)\n"
    assert len(a_shell.records("output")) == 6


def test_an_interrupted_one_saves_nothing_and_says_so(a_shell, shown, model, slow, monkeypatch):
    def publish_and_interrupt(data, transient, update):
        shown.append(data["text/plain"])
        if len(shown) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(a_shell.shell.display_pub, "publish", publish_and_interrupt)
    cell = a_shell.run("%azureml upload outputs/model.pkl")
    assert isinstance(cell.error, KeyboardInterrupt)
    assert shown[-1] == "Nothing was saved"
    assert [record["e"] for record in a_shell.records()] == ["open"]
    assert list((a_shell.spool / "blobs").iterdir()) == []


def test_names_are_no_html(a_shell, a_project, slow, monkeypatch):
    (a_project / "outputs/<b>.txt").write_text("1")
    shown = []
    monkeypatch.setattr(a_shell.shell.display_pub, "publish", lambda data, **_: shown.append(data["text/html"]))
    a_shell.run("%azureml upload 'outputs/<b>.txt'")
    assert all("<b>" not in text and "&lt;b&gt;" in text for text in shown)
    assert len(shown) == 2
