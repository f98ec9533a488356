"""Outputs that a project keeps by a name: small links for version control, contents beside them."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import closing
from pathlib import Path

import pytest
from kernel_on_paper import FACTS, RUN_ID, ended, leave_blob, lines, opened, saved, started, write

from jupyter_workbench.errors import OutputNotFound, RunNotFound, WorkbenchError
from jupyter_workbench.history.files import assets
from jupyter_workbench.history.files.assets import Home
from jupyter_workbench.history.intake.sweep import sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.store.blobs import blob_path
from jupyter_workbench.history.store.store import Store

SHA256 = hashlib.sha256(b"model").hexdigest()
PATH = "outputs/model.pkl"


@pytest.fixture
def home(data: ProjectData, tmp_path: Path) -> Home:
    """A project with one run, which has two outputs."""
    spool = data.new_spool(FACTS)
    for content in (b"model", b"better"):
        leave_blob(spool, content)
    outputs = (saved(PATH, b"model"), saved("outputs/better.pkl", b"better"))
    write(spool, lines(opened(), started(), *outputs, ended()))
    with closing(Store(data)) as store:
        sweep(data, store)
    (tmp_path / "iris").mkdir()
    return Home(tmp_path / "iris", "0f3a", data)


def forget(home: Home) -> None:
    """Leave the project as a colleague has it who cloned it."""
    (home.directory / "assets" / ".files" / SHA256).unlink()


def test_a_link_says_what_it_is(home: Home) -> None:
    file = assets.promote(home, RUN_ID, PATH, "iris-model")
    assert file == home.directory / "assets" / "iris-model.link"
    told = json.loads(file.read_text())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", told.pop("promoted_utc"))
    assert told == {
        "version": 1, "name": "iris-model", "run_id": RUN_ID, "path": PATH, "sha256": SHA256, "size": 5,
        "project_id": "0f3a",
    }  # fmt: skip


def test_contents_lie_beside_the_links_and_out_of_version_control(home: Home) -> None:
    assets.promote(home, RUN_ID, PATH, "one")
    assets.promote(home, RUN_ID, PATH, "two")
    files = home.directory / "assets" / ".files"
    assert {path.name: path.read_bytes() for path in files.iterdir()} == {SHA256: b"model", ".gitignore": b"*\n"}


def test_a_content_that_was_changed_is_put_right(home: Home) -> None:
    assets.promote(home, RUN_ID, PATH, "one")
    content = home.directory / "assets" / ".files" / SHA256
    content.write_bytes(b"other")
    assets.promote(home, RUN_ID, PATH, "two")
    assert content.read_bytes() == b"model"


def test_a_name_means_one_output_until_it_is_overwritten(home: Home) -> None:
    assets.promote(home, RUN_ID, PATH, "best")
    with pytest.raises(WorkbenchError) as refused:
        assets.promote(home, RUN_ID, "outputs/better.pkl", "best")
    assert str(refused.value) == (
        "assets/best.link is there already and is left as it is - choose another name, or add --overwrite"
    )
    file = assets.promote(home, RUN_ID, "outputs/better.pkl", "best", overwrite=True)
    assert assets.read_link(file).path == "outputs/better.pkl"


def test_a_link_in_the_way_of_assets_is_not_followed(home: Home, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (home.directory / "assets").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WorkbenchError):
        assets.promote(home, RUN_ID, PATH, "best")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("name", ["a/b", "../a", "a\\b", "\n"])
def test_a_name_is_no_path(home: Home, name: str) -> None:
    with pytest.raises(WorkbenchError):
        assets.promote(home, RUN_ID, PATH, name)
    with pytest.raises(WorkbenchError):
        assets.register(home, RUN_ID, PATH, name)
    assert not list(home.directory.rglob("*.link"))


def test_what_is_not_there_cannot_be_promoted(home: Home) -> None:
    with pytest.raises(RunNotFound):
        assets.promote(home, "iris_1", PATH, "best")
    with pytest.raises(OutputNotFound):
        assets.promote(home, RUN_ID, "outputs/none", "best")
    assert not (home.directory / "assets").exists()


# ---- models


def test_versions_of_a_model_count_up(home: Home) -> None:
    assert [assets.register(home, RUN_ID, path, "iris").model_version for path in (PATH, "outputs/better.pkl")] == [
        1,
        2,
    ]
    assets.register(home, RUN_ID, PATH, "Churn")
    found = [(link.name, link.model_version, link.path) for link in assets.models(home.directory)]
    assert found == [("Churn", 1, PATH), ("iris", 2, "outputs/better.pkl"), ("iris", 1, PATH)]
    assert (home.directory / "assets/models/iris/2.link").exists()


def test_a_version_that_somebody_else_made_meanwhile_is_passed_over(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets.register(home, RUN_ID, PATH, "iris")
    monkeypatch.setattr(assets, "models", lambda _project: [])
    assert assets.register(home, RUN_ID, PATH, "iris").model_version == 2


def test_what_is_no_link_is_no_model(home: Home) -> None:
    assets.register(home, RUN_ID, PATH, "iris")
    folder = home.directory / "assets" / "models" / "iris"
    (folder / "3.link").write_text("no json")
    (folder / "04.link").write_text((folder / "1.link").read_text())
    (folder / "notes.txt").write_text("mine")
    assert [link.model_version for link in assets.models(home.directory)] == [1]


# ---- download


def test_the_content_comes_from_beside_the_link(home: Home, tmp_path: Path) -> None:
    file = assets.promote(home, RUN_ID, PATH, "best")
    blob_path(home.data.blobs, SHA256).unlink()
    assert assets.download(file, home.data, tmp_path / "d") == tmp_path / "d" / "model.pkl"
    assert (tmp_path / "d" / "model.pkl").read_bytes() == b"model"


def test_the_content_of_a_model_is_found_as_well(home: Home, tmp_path: Path) -> None:
    assets.register(home, RUN_ID, PATH, "iris")
    blob_path(home.data.blobs, SHA256).unlink()
    file = home.directory / "assets" / "models" / "iris" / "1.link"
    assert assets.download(file, home.data, tmp_path / "d").read_bytes() == b"model"


@pytest.mark.parametrize("beside", ["gone", "changed"])
def test_the_history_helps_out(home: Home, tmp_path: Path, beside: str) -> None:
    file = assets.promote(home, RUN_ID, PATH, "best")
    forget(home)
    if beside == "changed":
        (home.directory / "assets" / ".files" / SHA256).write_bytes(b"other")
    assert assets.download(file, home.data, tmp_path / "d").read_bytes() == b"model"


def test_a_content_that_is_a_link_is_not_followed(home: Home, tmp_path: Path) -> None:
    file = assets.promote(home, RUN_ID, PATH, "best")
    forget(home)
    (tmp_path / "model").write_bytes(b"model")
    (home.directory / "assets" / ".files" / SHA256).symlink_to(tmp_path / "model")
    blob_path(home.data.blobs, SHA256).unlink()
    with pytest.raises(WorkbenchError) as refused:
        assets.download(file, home.data, tmp_path / "d")
    assert str(refused.value) == (
        f"{file}: its content is not on this machine - let its owner send the run (`workbench history export -r "
        f"{RUN_ID} FILE`), and take it in with `workbench history import FILE`"
    )


def test_a_file_that_is_there_is_not_overwritten(home: Home, tmp_path: Path) -> None:
    file = assets.promote(home, RUN_ID, PATH, "best")
    (tmp_path / "model.pkl").write_text("mine")
    with pytest.raises(WorkbenchError):
        assets.download(file, home.data, tmp_path)
    assert (tmp_path / "model.pkl").read_text() == "mine"


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2}, {"path": "../../evil"}, {"path": "/etc/passwd"}, {"path": 5}, {"sha256": "../../etc/passwd"},
        {"size": -1}, {"name": None}, {"model_version": "1"},
    ],
)  # fmt: skip
def test_a_link_that_leads_elsewhere_is_refused(home: Home, tmp_path: Path, change: dict[str, object]) -> None:
    file = assets.promote(home, RUN_ID, PATH, "best")
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(WorkbenchError) as refused:
        assets.download(file, home.data, tmp_path / "d")
    assert str(refused.value) == (
        f"{file}: expected a link as `workbench history promote` writes it, got something else - promote again"
    )
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("text", ["", "5", "[]", "{}", "[" * 10_000, '"\\ud800"'])
def test_what_is_no_link_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.link").write_text(text)
    with pytest.raises(WorkbenchError):
        assets.read_link(tmp_path / "x.link")


def test_a_link_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError) as refused:
        assets.read_link(tmp_path / "x.link")
    assert str(refused.value) == (
        f"{tmp_path}/x.link: the link cannot be read (No such file or directory) - name a file assets/NAME.link"
    )


def test_a_link_is_read_as_it_was_written(home: Home) -> None:
    link = assets.register(home, RUN_ID, PATH, "größe")
    file = home.directory / "assets" / "models" / "größe" / "1.link"
    assert assets.read_link(file) == link
