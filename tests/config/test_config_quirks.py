"""Every oddity of real projects: each folder of ``tests/projects`` is one, its ``expected.txt`` what we say of it.

To accept what is said today, after reading it: ``python tests/config/test_config_quirks.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_workbench.config.project import Entry, Project, load

PROJECTS = Path(__file__).parent.parent / "projects"
CASES = sorted(folder.name for folder in PROJECTS.iterdir())


@pytest.mark.parametrize("case", CASES)
def test_each_quirk_of_real_projects_is_read_or_refused_in_words(case: str) -> None:
    assert as_text(load(PROJECTS / case)) == (PROJECTS / case / "expected.txt").read_text(encoding="utf-8")


def as_text(project: Project) -> str:
    """One line a run configuration, then one a problem."""
    lines = [f"project {project.name}", *map(row, project.entries), "", *map(str, project.problems)]
    return "\n".join(lines).rstrip() + "\n"


def row(entry: Entry) -> str:
    state = "problem" if entry.problems else "good"
    return f"{state:8}{entry.name} -> {entry.target} ({entry.target_type}, {entry.framework})"


if __name__ == "__main__":
    for case in CASES:
        (PROJECTS / case / "expected.txt").write_text(as_text(load(PROJECTS / case)), encoding="utf-8")
