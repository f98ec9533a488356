"""What a new project is made of: the files in ``common/`` and in the folder of its template, one folder a template.

They are filled in by ``string.Template`` (``${name}``, ``${kernel}``, ``${id}``). ``dot_`` begins the name of a file or
folder that begins with a dot in a project: tools would act on a real ``.gitignore`` here. Its run configuration is that
of ``configuration.py``, whose texts are in ``aml_config/``. Imports nothing of Jupyter.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.templates.configuration import RunConfiguration

HERE = Path(__file__).parent
TEMPLATES = ("blank", "iris")
DOT = re.compile(r"^dot_")


def create(directory: Path, template: str, name: str, kernel: str) -> list[Path]:
    """Make the project `name` in `directory` and return its files.

    `kernel` is the name of the kernel that its notebook asks for. Nothing is ever overwritten: a `directory` that has
    anything in it is refused with WorkbenchError, and so is one that cannot be written.
    """
    values = {"name": name, "kernel": kernel, "id": str(uuid.uuid4())}
    try:
        _refuse_unless_free(directory)
        directory.mkdir(exist_ok=True)
        return [_write(directory / path, text) for path, text in _files(template, values)]
    except OSError as error:
        raise WorkbenchError(f"The project cannot be written: {error.filename}: {error.strerror}.") from error


def _refuse_unless_free(directory: Path) -> None:
    if directory.is_dir():
        if any(directory.iterdir()):
            raise WorkbenchError(f"{directory} is not empty and is left as it is - choose another NAME or --path.")
    elif directory.exists() or directory.is_symlink():
        raise WorkbenchError(f"{directory} is there already and is not a folder - choose another NAME or --path.")


def _files(template: str, values: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Give the path in a project and the text of each file of `template`."""
    for root in (HERE / "common", HERE / template):
        for source in sorted(path for path in root.rglob("*") if path.is_file()):
            parts = (DOT.sub(".", part) for part in source.relative_to(root).parts)
            yield Path(*parts), Template(source.read_text("utf-8")).substitute(values)
    yield Path("aml_config", "local.runconfig"), RunConfiguration(target="local").text("local")


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return path
