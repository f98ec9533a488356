"""Contents of links, and models of the project, found from within a kernel."""

from __future__ import annotations

import hashlib
import json

import pytest
from workbench_kernel import assets

CONTENT = b"model"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def project(a_project, tmp_path, monkeypatch):
    """A project whose kernel has a spool."""
    for name, value in (("_project", None), ("_spool", None), ("_checked", {})):
        monkeypatch.setattr(assets, name, value)
    monkeypatch.chdir(a_project)
    assets.serve(str(a_project), str(tmp_path / "data/spools/stream"))
    return a_project


def link(path, sha256=SHA256, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {"version": 1, "name": "n", "run_id": "iris_1", "path": "outputs/model.pkl", "sha256": sha256, "size": 5}
    path.write_text(json.dumps({**told, "promoted_utc": "2026-01-01T00:00:00", "project_id": None, **more}))
    return path


def content(folder, data=CONTENT):
    path = folder / ".files" / hashlib.sha256(data).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_the_content_lies_beside_the_link(project):
    link(project / "assets/model.link")
    kept = content(project / "assets")
    assert assets.local_path("assets/model.link") == str(kept)
    assert assets.local_path(project / "assets/model.link") == str(kept)


def test_the_project_is_found_wherever_the_user_went(project, tmp_path, monkeypatch):
    link(project / "assets/model.link")
    kept = content(project / "assets")
    monkeypatch.chdir(tmp_path)
    assert assets.local_path("assets/model.link") == str(kept)


def test_a_local_kernel_finds_it_in_the_history(project, tmp_path):
    link(project / "assets/model.link")
    kept = tmp_path / "data/blobs" / SHA256[:2] / SHA256
    kept.parent.mkdir(parents=True)
    (tmp_path / "data/spools/stream").mkdir(parents=True)
    kept.write_bytes(CONTENT)
    assert assets.local_path("assets/model.link") == str(kept)


@pytest.mark.parametrize("kept", [None, b"other"])
def test_a_content_that_is_missing_or_another_is_told(project, kept):
    link(project / "assets/model.link")
    if kept is not None:
        content(project / "assets").write_bytes(kept)
    with pytest.raises(FileNotFoundError) as error:
        assets.local_path("assets/model.link")
    assert str(error.value) == (
        "assets/model.link: its content is not here - "
        "fetch it with `workbench asset download -l assets/model.link -d DIR`"
    )


def test_a_content_is_read_once_and_again_when_it_was_written(project):
    link(project / "assets/model.link")
    kept = content(project / "assets")
    assets.local_path("assets/model.link")
    assert list(assets._checked) == [str(kept)]
    kept.write_bytes(b"longer than it was")
    with pytest.raises(FileNotFoundError):
        assets.local_path("assets/model.link")


def test_a_link_that_is_missing_is_told(project):
    with pytest.raises(FileNotFoundError) as error:
        assets.local_path("assets/model.link")
    assert str(error.value) == (
        "assets/model.link: there is no such link - "
        "promote an output with `workbench history promote -r RUN -ap PATH -n NAME`"
    )


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 2}', json.dumps({"version": 1, "sha256": "../../etc/passwd"}), "\udcff" * 3]
)
def test_what_is_no_link_is_refused(project, text):
    (project / "assets").mkdir()
    (project / "assets/model.link").write_text(text, errors="surrogateescape")
    with pytest.raises(ValueError, match="expected a link") as error:
        assets.local_path("assets/model.link")
    assert str(error.value) == (
        f"{project / 'assets/model.link'}: expected a link as `workbench history promote` writes it, got something else"
    )


def test_a_model_is_its_newest_version_unless_one_is_named(project):
    newest = content(project / "assets", b"ten")
    oldest = content(project / "assets", b"one")
    for version, data in ((1, b"one"), (2, b"two"), (10, b"ten")):
        link(project / f"assets/models/iris/{version}.link", hashlib.sha256(data).hexdigest(), model_version=version)
    (project / "assets/models/iris/notes.txt").write_text("")
    assert assets.model_path("iris") == str(newest)
    assert assets.model_path("iris", 1) == str(oldest)


def test_a_model_that_is_missing_is_told(project):
    with pytest.raises(FileNotFoundError) as error:
        assets.model_path("iris")
    assert str(error.value) == (
        "The project has no model 'iris' - register one with `workbench model register -r RUN -ap PATH -n NAME`"
    )


def test_a_version_that_is_missing_is_told_with_those_that_are_there(project):
    for version in (1, 2):
        link(project / f"assets/models/iris/{version}.link")
    with pytest.raises(FileNotFoundError) as error:
        assets.model_path("iris", 3)
    assert str(error.value) == "The model 'iris' has no version 3, but 1, 2"


@pytest.mark.parametrize("name", ["", "..", "a/b", "../iris", 5])
def test_a_name_that_is_a_path_is_refused(project, name):
    with pytest.raises(ValueError, match="expected the name of a model"):
        assets.model_path(name)


def test_a_process_that_the_kernel_started_finds_the_project_above_it(project, monkeypatch):
    link(project / "assets/models/iris/1.link")
    kept = content(project / "assets")
    (project / "deep/er").mkdir(parents=True)
    monkeypatch.chdir(project / "deep/er")
    monkeypatch.setattr(assets, "_project", None)
    assert assets.model_path("iris") == str(kept)


def test_it_is_what_azureml_gives(project, a_shell):
    link(project / "assets/models/iris/1.link")
    kept = content(project / "assets")
    code = "from azureml.assets import get_local_path\nfrom azureml.core.model import Model\n"
    cell = a_shell.run(code + "print(Model.get_model_path('iris', _workspace=None))")
    assert (cell.stdout, cell.error) == (f"{kept}\n", None)
    assert a_shell.run("print(get_local_path('assets/models/iris/1.link'))").stdout == f"{kept}\n"
