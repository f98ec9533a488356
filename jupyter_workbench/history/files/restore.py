"""The source and the files of a run in a folder of their own, with a README that tells what they are."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from jupyter_workbench.history.files.placing import Content, place, unfit
from jupyter_workbench.history.reading import queries
from jupyter_workbench.history.reading.outputs import open_output
from jupyter_workbench.history.reading.texts import text

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData

_MAX_STEM = 80
_UNFIT = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Restored:
    """The files that were written, and the outputs that could not be: ``(path, why)``."""

    files: tuple[Path, ...]
    missing: tuple[tuple[str, str], ...]


def restore(data: ProjectData, run_id: str, folder: Path, *, overwrite: bool = False) -> Restored:
    """Write what is known of a run into ``folder``: all files or, where something is in the way, none.

    Raises ``RunNotFound``, ``HistoryError`` and ``WorkbenchError``, see `placing.place`.
    """
    run = fitting(queries.info(data, run_id), folder)
    kept = [output["path"] for output in run["outputs"] if output["state"] == "kept"]
    own = _named_apart(_own_files(data, run), {path.split("/")[0].casefold() for path in kept})
    contents = [Content(name, partial(_bytes, content)) for name, content in own]
    contents += [Content(path, partial(_output, data, run_id, path)) for path in kept]
    files = place(folder, contents, overwrite=overwrite)
    return Restored(tuple(files), tuple(missing_outputs(run)))


def fitting(run: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a run (as `queries.info` returns it) in which no output that cannot be a file there is a kept one."""
    reasons = unfit(folder, [output["path"] for output in run["outputs"] if output["state"] == "kept"])
    outputs = [
        {**output, "state": "unfit", "problem": reasons[output["path"]]} if output["path"] in reasons else output
        for output in run["outputs"]
    ]
    return {**run, "outputs": outputs}


def missing_outputs(run: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Tell the outputs of a run (as `queries.info` returns it) whose content is not there, each with the reason."""
    for output in run["outputs"]:
        if output["state"] != "kept":
            yield output["path"], output["problem"] or "it is still on its way from the kernel"


def source_name(run: dict[str, Any]) -> str:
    """Name the file of a run's source: ``iris-cell3.py`` for the third cell that ``notebooks/iris.ipynb`` ran."""
    script = (run["script_name"] or "").replace("\\", "/").rpartition("/")[2]
    stem = _UNFIT.sub("-", script.rpartition(".")[0] or script).strip("-.")[:_MAX_STEM] or "run"
    count = run["execution_count"]
    return f"{stem}.py" if count is None else f"{stem}-cell{count}.py"


def _own_files(data: ProjectData, run: dict[str, Any]) -> list[tuple[str, str]]:
    """Return name and text of each file that is made of what is known of the run; one that would be empty is not."""
    files = {
        source_name(run): run["source"],
        "changes.diff": text(data, run["run_id"], "diff"),
        "commit.txt": _commit(run),
        "packages.txt": text(data, run["run_id"], "packages"),
        "stdout.txt": run.get("stdout"),
        "stderr.txt": run.get("stderr"),
        "traceback.txt": run.get("traceback"),
    }
    present = [(name, content) for name, content in files.items() if content]
    return [("README.md", _readme(run, [name for name, _ in present])), *present]


def _named_apart(files: list[tuple[str, str]], taken: set[str]) -> Iterator[tuple[str, str]]:
    """Give a file of ours another name where an output has it: those keep theirs."""
    for name, content in files:
        stem, dot, ending = name.rpartition(".")
        free, number = name, 1
        while free.casefold() in taken:
            number += 1
            free = f"{stem}-{number}{dot}{ending}"
        taken.add(free.casefold())
        yield free, content


def _commit(run: dict[str, Any]) -> str:
    git = run.get("git") or {}
    if not git.get("commit"):
        return ""
    told = {"commit": git["commit"], "branch": git.get("branch"), "remote": git.get("remote")}
    if git.get("dirty") is not None:
        told["changed files"] = "yes, see changes.diff" if git["dirty"] else "none"
    told["captured"] = git.get("captured_utc")
    return "".join(f"{name}: {value}\n" for name, value in told.items() if value is not None)


def _readme(run: dict[str, Any], names: list[str]) -> str:
    facts = {
        "status": run["status"],
        "started": run["start_time_utc"],
        "duration": run["duration"],
        "by": run["user_id"],
        "experiment": run.get("experiment") or run["script_name"],
        "script": run["script_name"],
        "run configuration": run["run_configuration"],
        "compute target": run["target"],
        "Python": run["python"],
        "error": run["error"] and f"{run['error']['name']}: {run['error']['message']}",
        "note": run.get("note"),
    }
    lines = [f"# Run {_line(run['run_id'])}", "", "What `workbench history restore` wrote of a run.", ""]
    lines += [f"* {name}: {_line(value)}" for name, value in facts.items() if value]
    lines += ["", "## Files", ""]
    lines += [f"* `{name}`: {_MEANINGS.get(name, 'the source of the cell')}" for name in names]
    lines += [f"* `{output['path']}`: {_size(output)}" for output in run["outputs"]]
    return "\n".join([*lines, *_way_back(run, names), ""])


_MEANINGS = {
    "changes.diff": "what differed from the commit when the run was made",
    "commit.txt": "the commit that the project was at",
    "packages.txt": "the packages of the kernel's environment",
    "stdout.txt": "the last of what the cell printed",
    "stderr.txt": "the last of what the cell printed as errors",
    "traceback.txt": "where the error came from",
}


def _line(value: object) -> str:
    return " ".join(str(value).split())


def _size(output: dict[str, Any]) -> str:
    """Tell the size of an output, or why it is not here."""
    missing = next(missing_outputs({"outputs": [output]}), None)
    return f"an output, {output['size']} bytes" if missing is None else f"an output that is not here: {missing[1]}"


def _way_back(run: dict[str, Any], names: list[str]) -> list[str]:
    if "commit.txt" not in names:
        return []
    apply = ["    git apply FOLDER/changes.diff"] if "changes.diff" in names else []
    way = ["", "## The project as it was", "", "In a clone of the project, FOLDER being this one:", ""]
    return [*way, f"    git checkout {run['git']['commit']}", *apply]


def _bytes(content: str) -> BinaryIO:
    return io.BytesIO(content.encode("utf-8", "backslashreplace"))


def _output(data: ProjectData, run_id: str, path: str) -> BinaryIO:
    return open_output(data, run_id, path)[0]
