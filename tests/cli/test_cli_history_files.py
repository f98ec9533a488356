"""`workbench history download`, `restore`, `promote`, `workbench asset download` and `workbench model`."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from kernel_on_paper import FACTS, ended, leave_blob, lines, opened, saved, started, write
from runs_on_paper import BEST, COMMIT, MODEL, REPORT, WORST, leave_output

import jupyter_workbench

SHA256 = hashlib.sha256(MODEL).hexdigest()


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---- download


def test_a_file_that_is_there_is_not_overwritten_and_nothing_is_written(run, two_runs, tmp_path):
    (tmp_path / "d" / "outputs").mkdir(parents=True)
    (tmp_path / "d" / "outputs" / "model.pkl").write_text("mine")
    result = run("history", "download", "-r", BEST, "-d", tmp_path / "d")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"{tmp_path}/d/outputs/model.pkl is there already and nothing was written - choose another folder, or add "
        "--overwrite\n"
    )
    assert files(tmp_path / "d") == {"outputs/model.pkl": b"mine"}


def test_a_link_in_the_folder_is_not_followed(run, two_runs, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "d" / "outputs").symlink_to(tmp_path / "elsewhere")
    result = run("history", "download", "-r", BEST, "-d", tmp_path / "d", "--overwrite")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"expected a folder at {tmp_path}/d/outputs, got a link - remove it, or choose another folder\n"
    )
    assert files(tmp_path / "elsewhere") == {}


def test_an_output_that_was_lost_is_told_beside_those_that_are_written(run, two_runs, tmp_path):
    result = run("history", "download", "-r", WORST, "-d", tmp_path / "d")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "outputs/lost.pkl is not there: the kernel left no content.\n"


@pytest.mark.parametrize("command", ["download", "restore"])
def test_outputs_that_cannot_be_files_are_told_beside_those_that_are_written(run, two_runs, tmp_path, command):
    spool = two_runs.new_spool(FACTS)
    contents = {f"outputs/{'n' * 300}": b"long", "outputs/x": b"file", "outputs/x/y": b"below"}
    for content in contents.values():
        leave_blob(spool, content)
    key = "c" * 32
    saves = [saved(path, content, key) for path, content in contents.items()]
    write(spool, lines(opened(), started(key, id="iris_1"), *saves, ended(key)))
    result = run("history", command, "-r", "iris_1", "-d", tmp_path / "d")
    assert result.exit_code == 1
    assert result.stderr == (
        f"outputs/{'n' * 300} is not there: its name has 300 bytes, of which this disk takes 255.\n"
        "outputs/x is not there: another output needs a folder of that name - `history download --artifact` writes "
        "it alone.\n"
    )
    assert f"{tmp_path}/d/outputs/x/y\n" in result.stdout
    assert files(tmp_path / "d" / "outputs") == {"x/y": b"below"}
    alone = run("history", "download", "-r", "iris_1", "--artifact", "outputs/x", "-d", tmp_path / "alone")
    assert alone.exit_code == 0
    assert files(tmp_path / "alone") == {"outputs/x": b"file"}


def test_a_run_without_outputs_says_so(run, two_runs, tmp_path):
    leave_output(two_runs, "c" * 32, "iris_1", "outputs/a", b"a")
    run("history", "info", "-r", "iris_1")
    result = run("history", "download", "-r", "iris_1", "--artifact", "b", "-d", tmp_path / "d")
    assert result.stderr == "The run iris_1 has no output 'b': it has outputs/a.\n"
    assert not (tmp_path / "d").exists()


def test_all_outputs_are_written_and_named(run, two_runs, tmp_path):
    result = run("history", "download", "-r", BEST, "-d", tmp_path / "d")
    assert (result.exit_code, result.stderr) == (0, "")
    names = ("images/roc.png", "outputs/model.pkl", "outputs/report.txt")
    assert result.stdout == "".join(f"{tmp_path}/d/{name}\n" for name in names)
    assert files(tmp_path / "d") == dict(zip(names, (b"png", MODEL, REPORT), strict=True))


def test_one_output_alone_and_over_an_older_one(run, two_runs, tmp_path):
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "model.pkl").write_text("old")
    arguments = ("--artifact", "outputs/model.pkl", "-d", tmp_path, "--overwrite")
    result = run("history", "download", "-r", BEST, *arguments)
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path}/outputs/model.pkl\n")
    assert files(tmp_path / "outputs") == {"model.pkl": MODEL}


# ---- restore


def test_a_run_becomes_a_folder(run, two_runs, tmp_path):
    result = run("history", "restore", "-r", BEST, "-d", tmp_path / "before")
    assert (result.exit_code, result.stderr) == (0, "")
    written = files(tmp_path / "before")
    assert sorted(written) == sorted(Path(line).relative_to(tmp_path / "before").as_posix() for line in
                                     result.stdout.splitlines())  # fmt: skip
    assert written.keys() == {
        "README.md", "changes.diff", "commit.txt", "images/roc.png", "iris-cell3.py", "outputs/model.pkl",
        "outputs/report.txt", "packages.txt", "stdout.txt",
    }  # fmt: skip
    assert written["iris-cell3.py"] == b"rate = 0.1\ntrain()"
    assert f"git checkout {COMMIT}".encode() in written["README.md"]


# ---- promote and asset


def test_an_output_is_promoted_and_downloaded(run, two_runs, tmp_path):
    result = run("history", "promote", "-r", BEST, "-ap", "outputs/model.pkl", "-n", "iris-model")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"assets/iris-model.link is outputs/model.pkl of the run {BEST} from now on.\n"
    link = json.loads(Path("assets/iris-model.link").read_text())
    assert (link["version"], link["run_id"], link["sha256"], link["project_id"]) == (1, BEST, SHA256, "0f3a")
    result = run("asset", "download", "-l", "assets/iris-model.link", "-d", tmp_path / "d")
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path}/d/model.pkl\n")
    assert files(tmp_path / "d") == {"model.pkl": MODEL}


def test_a_name_that_is_taken_is_refused(run, two_runs):
    promote = ("history", "promote", "-r", BEST, "-n", "best", "-ap")
    assert run(*promote, "outputs/model.pkl").exit_code == 0
    result = run(*promote, "outputs/report.txt")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "assets/best.link is there already and is left as it is - choose another name, or add --overwrite\n"
    )
    assert run(*promote, "outputs/report.txt", "--overwrite").exit_code == 0
    assert json.loads(Path("assets/best.link").read_text())["path"] == "outputs/report.txt"


@pytest.mark.parametrize("name", ["../best", "a/b", ".best", ""])
def test_a_name_that_is_a_path_is_wrong_usage(run, two_runs, name):
    assert run("history", "promote", "-r", BEST, "-ap", "outputs/model.pkl", "-n", name).exit_code == 2
    assert run("model", "register", "-r", BEST, "-ap", "outputs/model.pkl", "-n", name).exit_code == 2
    assert not Path("assets").exists()


def test_a_link_whose_content_is_nowhere_says_how_to_get_it(run, two_runs, tmp_path):
    run("history", "promote", "-r", BEST, "-ap", "outputs/model.pkl", "-n", "best")
    Path("assets/.files", SHA256).unlink()
    run("history", "delete", "-r", BEST, "--for-good", "--yes")
    result = run("asset", "download", "-l", "assets/best.link", "-d", tmp_path / "d")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "assets/best.link: its content is not on this machine - let its owner send the run (`workbench history export "
        f"-r {BEST} FILE`), and take it in with `workbench history import FILE`\n"
    )


INKERNEL = Path(jupyter_workbench.__file__).parent / "inkernel"


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        (("history", "promote"), "from azureml.assets import get_local_path as f; path = f('assets/iris.link')"),
        (("model", "register"), "from azureml.core.model import Model; path = Model.get_model_path('iris')"),
    ],
)
def test_a_kernel_finds_the_content(run, two_runs, command, asked):
    assert run(*command, "-r", BEST, "-ap", "outputs/model.pkl", "-n", "iris").exit_code == 0
    program = f"import sys; sys.path.append({str(INKERNEL)!r})\n{asked}\nprint(path)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert result.stderr == ""
    assert Path(result.stdout.strip()).read_bytes() == MODEL


# ---- models


def test_no_models_are_told_on_stderr(run, iris):
    result = run("model", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "The project has no models yet: make one with `workbench model register -r RUN -ap PATH -n NAME`.\n"
    )


def test_models_get_versions(run, two_runs):
    register = ("model", "register", "-r", BEST, "-n", "iris", "-ap")
    assert run(*register, "outputs/report.txt").stdout == (
        f"outputs/report.txt of the run {BEST} is version 1 of the model iris.\n"
    )
    assert run(*register, "outputs/model.pkl").stdout == (
        f"outputs/model.pkl of the run {BEST} is version 2 of the model iris.\n"
    )
    rows = [line.split()[:6] for line in run("model", "list").stdout.splitlines()]
    assert rows[1:] == [
        ["iris", "2", BEST, "outputs/model.pkl", "7", "B"],
        ["iris", "1", BEST, "outputs/report.txt", "20", "B"],
    ]
    assert run("model", "list", "--query", "[].model_version", "-o", "csv").stdout == "2\n1\n"
