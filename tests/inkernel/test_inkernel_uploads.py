"""Which files may be uploaded, under which name, and that they are copied at that moment."""

from __future__ import annotations

import hashlib
import os

import pytest
from workbench_kernel.uploads import Outputs, checked_name


@pytest.fixture
def outputs(a_project, tmp_path, monkeypatch):
    (tmp_path / "spool").mkdir()
    monkeypatch.chdir(a_project)
    return Outputs(str(a_project), str(tmp_path / "spool"))


def refusal(outputs, path):
    with pytest.raises(ValueError, match="expected") as error:
        outputs.find([path])
    return str(error.value)


def test_a_file_that_does_not_exist_is_refused(outputs):
    assert refusal(outputs, "outputs/model.pkl") == (
        "%azureml upload: expected a file in the project's outputs folder, got 'outputs/model.pkl', "
        "which does not exist - write it before you upload it"
    )


@pytest.mark.parametrize("path", ["data.csv", "outputs/../data.csv", "./data.csv", "outputs/link.csv", "outputs2/a"])
def test_a_file_elsewhere_is_refused(outputs, a_project, path):
    (a_project / "data.csv").write_text("1")
    (a_project / "outputs2").mkdir()
    (a_project / "outputs2/a").write_text("1")
    (a_project / "outputs/link.csv").symlink_to(a_project / "data.csv")
    assert refusal(outputs, path) == (
        f"%azureml upload: expected a file in the project's outputs folder, got {path!r}, "
        f"which is not in {a_project / 'outputs'} - save it there first"
    )


def test_a_file_in_the_outputs_folder_of_another_directory_is_refused(outputs, a_project, monkeypatch):
    (a_project / "sub/outputs").mkdir(parents=True)
    (a_project / "sub/outputs/model.pkl").write_text("1")
    monkeypatch.chdir(a_project / "sub")
    assert "which is not in" in refusal(outputs, "outputs/model.pkl")


def test_a_folder_without_files_is_refused(outputs, a_project):
    (a_project / "outputs/plots/deeper").mkdir(parents=True)
    assert refusal(outputs, "outputs/plots") == (
        "%azureml upload: expected a file in the project's outputs folder, got 'outputs/plots', "
        "which is a folder without files - write them before you upload it"
    )


def test_a_pattern_that_matches_nothing_is_refused(outputs):
    assert refusal(outputs, "outputs/*.png") == (
        "%azureml upload: expected a file in the project's outputs folder, got 'outputs/*.png', "
        "which matches no file - write it before you upload it"
    )


@pytest.mark.parametrize("path", ["*", "outputs/../*.csv", "."])
def test_a_pattern_or_a_folder_that_leads_out_is_refused(outputs, a_project, path):
    (a_project / "data.csv").write_text("1")
    assert "which is not in" in refusal(outputs, path)


def test_a_folder_with_a_link_that_leads_out_is_refused(outputs, a_project):
    (a_project / "data.csv").write_text("1")
    (a_project / "outputs/plots").mkdir()
    (a_project / "outputs/plots/data.csv").symlink_to(a_project / "data.csv")
    assert "which is not in" in refusal(outputs, "outputs/plots")


def test_a_folder_with_a_link_to_another_folder_is_refused(outputs, a_project):
    for folder in ("plots", "other"):
        (a_project / "outputs" / folder).mkdir()
    (a_project / "outputs/plots/more").symlink_to(a_project / "outputs/other")
    assert refusal(outputs, "outputs/plots") == (
        "%azureml upload: expected a file in the project's outputs folder, got 'outputs/plots', "
        "which holds a link to a folder elsewhere, more - name that folder itself"
    )


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["outputs"], ["a [1].png", "b.png", "deep/c.png", "deep/er/d.txt"]),
        (["outputs/deep/"], ["deep/c.png", "deep/er/d.txt"]),
        (["outputs/*.png"], ["a [1].png", "b.png"]),
        (["outputs/**/*.png"], ["a [1].png", "b.png", "deep/c.png"]),
        (["outputs/a [1].png"], ["a [1].png"]),
        (["outputs/b.png", "outputs/?.png", "./outputs/b.png"], ["b.png"]),
        (["{project}/outputs/d*"], ["deep/c.png", "deep/er/d.txt"]),
    ],
)
def test_folders_and_patterns_name_their_files_once(outputs, a_project, given, names):
    (a_project / "outputs/deep/er").mkdir(parents=True)
    (a_project / "outputs/deep/.ipynb_checkpoints").mkdir()
    for file in ("a [1].png", "b.png", "deep/c.png", "deep/er/d.txt", "deep/.ipynb_checkpoints/c.png"):
        (a_project / "outputs" / file).write_text("1")
    (a_project / "outputs/deep/itself").symlink_to(a_project / "outputs/deep/er")
    found = outputs.find([path.format(project=a_project) for path in given])
    assert [file.name for file in found] == [f"outputs/{name}" for name in names]


def test_a_pipe_is_refused_at_once(outputs, a_project):
    os.mkfifo(a_project / "outputs/pipe")
    assert refusal(outputs, "outputs/pipe") == (
        "%azureml upload: expected a file in the project's outputs folder, got 'outputs/pipe', "
        "which is not a regular file - save its content to one"
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("outputs/model.pkl", "outputs/model.pkl"),
        ("./outputs//model.pkl", "outputs/model.pkl"),
        ("outputs/deep/../model.pkl", "outputs/model.pkl"),
        ("outputs/my model.pkl", "outputs/my model.pkl"),
        ("outputs/deep/größe.txt", "outputs/deep/größe.txt"),
        ("outputs/link.pkl", "outputs/link.pkl"),
        ("{project}/outputs/model.pkl", "outputs/model.pkl"),
    ],
)
def test_a_file_below_outputs_has_its_path_in_the_project_as_name(outputs, a_project, given, name):
    (a_project / "outputs/deep").mkdir()
    for file in ("model.pkl", "my model.pkl", "deep/größe.txt"):
        (a_project / "outputs" / file).write_text("1")
    (a_project / "outputs/link.pkl").symlink_to("model.pkl")
    assert [file.name for file in outputs.find([given.format(project=a_project)])] == [name]


def test_the_project_counts_wherever_the_user_went(outputs, a_project, monkeypatch, tmp_path):
    (a_project / "outputs/model.pkl").write_text("1")
    monkeypatch.chdir(tmp_path)
    assert [file.name for file in outputs.find(["outputs/model.pkl"])] == ["outputs/model.pkl"]


def test_an_outputs_folder_that_is_a_link_is_followed(a_project, tmp_path, outputs):
    (a_project / "outputs").rmdir()
    (tmp_path / "big disk").mkdir()
    (a_project / "outputs").symlink_to(tmp_path / "big disk")
    (a_project / "outputs/model.pkl").write_text("1")
    assert [file.name for file in outputs.find(["outputs/model.pkl"])] == ["outputs/model.pkl"]


def test_a_file_is_kept_as_it_is_at_that_moment(outputs, a_project, tmp_path):
    file = a_project / "outputs/model.pkl"
    file.write_bytes(b"first")
    (saved,) = outputs.keep_files(outputs.find(["outputs/model.pkl"]))
    file.write_bytes(b"second")
    assert (saved.sha256, saved.size) == (hashlib.sha256(b"first").hexdigest(), 5)
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "spool/blobs").iterdir()] == [
        (saved.sha256, b"first")
    ]


def test_files_are_kept_all_or_none(outputs, a_project, tmp_path):
    for name in ("a", "b", "c"):
        (a_project / "outputs" / name).write_text(name)
    outputs.keep_content("again.txt", "a")
    files = outputs.find(["outputs"])
    (a_project / "outputs/c").unlink()
    with pytest.raises(FileNotFoundError):
        outputs.keep_files(files)
    (kept,) = (tmp_path / "spool/blobs").iterdir()
    assert kept.read_text() == "a"


def test_an_interrupted_copy_leaves_nothing(outputs, a_project, tmp_path):
    (a_project / "outputs/model.pkl").write_bytes(b"x" * 3_000_000)

    def interrupt(_count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outputs.keep_files(outputs.find(["outputs/model.pkl"]), interrupt)
    assert list((tmp_path / "spool/blobs").iterdir()) == []


def test_a_copy_that_fails_leaves_nothing(outputs, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        outputs.keep_content("a.txt", "text")
    assert list((tmp_path / "spool/blobs").iterdir()) == []


@pytest.mark.parametrize("content", ["größe", "größe".encode(), bytearray("größe".encode())])
def test_text_is_kept_as_utf_8_and_bytes_as_they_are(outputs, content):
    assert outputs.keep_content("notes/a.txt", content).sha256 == hashlib.sha256("größe".encode()).hexdigest()


def test_other_content_is_refused(outputs):
    with pytest.raises(TypeError) as error:
        outputs.keep_content("a.txt", 5)
    assert str(error.value) == (
        "upload: content: expected str or bytes, got int - "
        "pass the text, or the bytes of an opened file (`file.read()`)"
    )


@pytest.mark.parametrize(
    "name", ["", "/a", "a//b", "a/", "../a", "a/./b", "a\\b", "c:/a", "a\nb", "x" * 1025, 5, "\ud800"]
)
def test_a_name_that_is_not_a_plain_relative_path_is_refused(name):
    with pytest.raises(ValueError, match="expected a relative path") as error:
        checked_name(name)
    assert str(error.value) == (
        f"upload: expected a relative path such as 'plots/roc.png', got {name!r} - "
        "leave out empty and dot parts, backslashes and drive names"
    )
