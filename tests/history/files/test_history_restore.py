"""A run becomes a folder that says what it is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from kernel_on_paper import (
    FACTS,
    MORNING,
    RUN,
    RUN_ID,
    ended,
    leave_blob,
    lines,
    opened,
    saved,
    started,
    write,
)

from jupyter_workbench.errors import RunNotFound, WorkbenchError
from jupyter_workbench.history.files.restore import restore, source_name
from jupyter_workbench.history.intake.sweep import catch_up, sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.store.store import Store

README = f"""\
# Run {RUN_ID}

What `workbench history restore` wrote of a run.

* status: Failed
* started: 2017-09-08T00:58:01.117000+00:00
* duration: 0:00:04.892389
* by: ada
* experiment: churn
* script: notebooks/iris.ipynb
* run configuration: local
* compute target: local
* Python: 3.11.7
* error: ValueError: no rows
* note: two lines

## Files

* `iris-cell3.py`: the source of the cell
* `changes.diff`: what differed from the commit when the run was made
* `commit.txt`: the commit that the project was at
* `packages.txt`: the packages of the kernel's environment
* `stdout.txt`: the last of what the cell printed
* `traceback.txt`: where the error came from
* `outputs/lost.pkl`: an output that is not here: the kernel left no content
* `outputs/model.pkl`: an output, 5 bytes

## The project as it was

In a clone of the project, FOLDER being this one:

    git checkout 4e12
    git apply FOLDER/changes.diff
"""


def leave(data: ProjectData, *records: dict[str, object], contents: tuple[bytes, ...] = (), captured: Captured) -> None:
    spool = data.new_spool(FACTS)
    for content in contents:
        leave_blob(spool, content)
    write(spool, lines(opened(), *records))
    with closing(Store(data)) as store:
        catch_up(spool, store)
        store.annotate(spool.stream, [RUN], captured)
        sweep(data, store)


def texts(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def full(data: ProjectData) -> ProjectData:
    """The history of one run of which everything is known."""
    leave(
        data,
        started(source="train('größe')", notebook="notebooks/iris.ipynb", experiment="churn"),
        {"e": "note", "t": MORNING, "run": RUN, "text": "two\nlines"},
        saved("outputs/model.pkl", b"model"),
        saved("outputs/lost.pkl", b"lost"),
        {"e": "tail", "t": MORNING, "run": RUN, "stdout": "out\n", "stdout_omitted": 0, "stderr": "",
         "stderr_omitted": 0},
        ended(status="Failed", error={"name": "ValueError", "message": "no rows", "traceback": "line 1"}),
        contents=(b"model",),
        captured=Captured(MORNING, "4e12", "main", "https://example.com/iris.git", dirty=True, diff="+x\n",
                          packages=("numpy==1.0", "pandas==2.0")),
    )  # fmt: skip
    return data


def test_an_unknown_run_makes_no_folder(full: ProjectData, tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        restore(full, "iris_1", tmp_path / "before")
    assert not (tmp_path / "before").exists()


def test_nothing_is_written_where_one_file_is_in_the_way(full: ProjectData, tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "README.md").write_text("mine")
    with pytest.raises(WorkbenchError) as refused:
        restore(full, RUN_ID, tmp_path / "before")
    assert str(refused.value) == (
        f"{tmp_path}/before/README.md is there already and nothing was written - choose another folder, or add "
        "--overwrite"
    )
    assert texts(tmp_path / "before") == {"README.md": "mine"}
    assert restore(full, RUN_ID, tmp_path / "before", overwrite=True).files


def test_everything_that_is_known_is_a_file(full: ProjectData, tmp_path: Path) -> None:
    restored = restore(full, RUN_ID, tmp_path / "before")
    assert restored.missing == (("outputs/lost.pkl", "the kernel left no content"),)
    assert texts(tmp_path / "before") == {
        "README.md": README,
        "iris-cell3.py": "train('größe')",
        "changes.diff": "+x\n",
        "commit.txt": (
            "commit: 4e12\nbranch: main\nremote: https://example.com/iris.git\nchanged files: yes, see changes.diff\n"
            "captured: 2017-09-08T00:58:01.117000+00:00\n"
        ),
        "packages.txt": "numpy==1.0\npandas==2.0",
        "stdout.txt": "out\n",
        "traceback.txt": "line 1",
        "outputs/model.pkl": "model",
    }
    assert len(restored.files) == 8


def test_outputs_keep_their_names_and_our_files_step_aside(data: ProjectData, tmp_path: Path) -> None:
    leave(data, started(), saved("readme.md", b"mine"), saved("iris-cell3.py/a", b"a"), ended(),
          contents=(b"mine", b"a"), captured=Captured(MORNING))  # fmt: skip
    restore(data, RUN_ID, tmp_path / "before")
    written = texts(tmp_path / "before")
    assert written.keys() == {"readme.md", "README-2.md", "iris-cell3.py/a", "iris-cell3-2.py"}
    assert (written["readme.md"], written["iris-cell3-2.py"]) == ("mine", "train()")


@pytest.mark.parametrize(
    ("script", "count", "expected"),
    [
        ("notebooks/iris.ipynb", 3, "iris-cell3.py"),
        ("C:\\work\\Iris 2.ipynb", 3, "Iris-2-cell3.py"),
        ("größe.ipynb", 1, "größe-cell1.py"),
        ("script.py", None, "script.py"),
        (None, 3, "run-cell3.py"),
        ("../../..", 3, "run-cell3.py"),
        ("/", None, "run.py"),
        (".hidden", None, "hidden.py"),
        ("a\nb\x1b[31m.ipynb", 3, "a-b-31m-cell3.py"),
        ("x" * 300 + ".ipynb", 3, "x" * 80 + "-cell3.py"),
    ],
)
def test_the_source_is_named_for_its_notebook_and_cell(script: str | None, count: int | None, expected: str) -> None:
    assert source_name({"script_name": script, "execution_count": count}) == expected
