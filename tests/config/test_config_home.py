"""The id of a project is read in a moment, and is always the one that `read_identity` finds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_workbench.config.files import ProjectFiles
from jupyter_workbench.config.home import IDENTITY_FILE, project_id
from jupyter_workbench.config.identity import read_identity

USUAL = '{\n  "Id": "0f3a-1",\n  "Scope": "/projects/iris"\n}\n'


def home_with(folder: Path, text: str) -> Path:
    (folder / IDENTITY_FILE).parent.mkdir()
    (folder / IDENTITY_FILE).write_text(text)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        USUAL,
        '{"Scope": "/projects/iris", "Id": "0f3a"}',
        '{"Id": "0f3a"}',
        '{"Id": "0f3a", "Scope": ["/projects/iris"]}',
        '{"Id": "0f3a", "Scope": "/projects/\\u0000"}',
        '{"Id": "0f3a", "Id": "0f3b"}',
        '{"Id": "0f3a", "id": "0f3b"}',
        '{"Id": "0f3a", "Scope": "x", "More": 1}',
        '{"Id": "../..", "Scope": "x"}',
        '{"Id": "größe", "Scope": "x"}',
        '{"Id": 5, "Scope": "x"}',
        '{"Id": null, "Scope": "x"}',
        '[{"Id": "0f3a", "Scope": "x"}]',
        '[["Id", "0f3a"], ["Scope", "x"]]',
        '"Id"',
        "5",
        "Id: 0f3a\nScope: x\n",
        "",
        "{",
        "\ufeff" + USUAL,
    ],
)
def test_the_id_is_the_one_that_the_whole_reader_finds(tmp_path, text):
    home = home_with(tmp_path, text)
    assert project_id(home) == read_identity(ProjectFiles(home))[1]


def test_a_project_without_the_file_has_no_id(tmp_path):
    assert project_id(tmp_path) is None


def test_the_usual_file_is_read_without_pydantic_and_yaml(tmp_path):
    program = (
        "import sys; from pathlib import Path; from jupyter_workbench.config.home import find_home, project_id\n"
        "print(project_id(find_home(Path(sys.argv[1]))), {'pydantic', 'yaml'} & sys.modules.keys())"
    )
    (home_with(tmp_path, USUAL) / "aml_config").mkdir()
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout == "0f3a-1 set()\n"
