from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from jupyter_workbench.cli import workbench
from jupyter_workbench.config.models import COMPUTE_KEYS, COMPUTE_MODELS, RunConfiguration
from jupyter_workbench.history.reading.queries import INFO_FIELDS, RUN_FIELDS
from jupyter_workbench.history.records.parsing import _PARSERS as RECORDS
from jupyter_workbench.kernels.managers import WorkbenchKernels
from jupyter_workbench.server.mirroring import WorkbenchMirror
from jupyter_workbench.server.watch import SCHEMA_ID

REPOSITORY = Path(__file__).parent.parent
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])
SETTING = re.compile(r"`(c\.[A-Z]\w+\.\w+)")
IMAGE = re.compile(r"!\[[^\]]+\]\((?!https?://)([^)]+)\)")
MOST_BYTES_OF_AN_IMAGE = 150_000
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")


def commands(group: click.Group, path: str) -> list[str]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found += commands(command, f"{path} {name}") if isinstance(command, click.Group) else [f"{path} {name}"]
    return found


def page(name: str) -> str:
    return (REPOSITORY / "docs" / name).read_text("utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_a_link_of_a_page_leads_somewhere(path):
    missing = [link for link in LINK.findall(path.read_text("utf-8")) if not (path.parent / link).exists()]
    assert missing == []


def test_every_page_can_be_reached_from_the_index():
    reached, waiting = set(), [REPOSITORY / "docs/README.md"]
    while waiting:
        path = waiting.pop().resolve()
        if path not in reached and path.suffix == ".md":
            reached.add(path)
            waiting += [path.parent / link for link in LINK.findall(path.read_text("utf-8"))]
    assert set(REPOSITORY.glob("docs/**/*.md")) <= reached


def test_every_command_is_in_the_reference():
    text = page("reference/commands.md")
    assert [command for command in commands(workbench, "workbench") if f"`{command}" not in text] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("reference/configuration-files.md", RunConfiguration.keys() | RunConfiguration.ignored),
        ("reference/configuration-files.md", COMPUTE_KEYS | COMPUTE_MODELS.keys()),
        ("reference/json.md", {*RUN_FIELDS, *INFO_FIELDS}),
        ("reference/spool.md", RECORDS.keys()),
    ],
)
def test_every_key_is_in_the_reference(name, words):
    text = page(name)
    assert sorted(word for word in words if f"`{word}`" not in text) == []


def test_every_setting_of_the_server_that_a_page_names_exists():
    named = {name for path in PAGES for name in SETTING.findall(path.read_text("utf-8"))}
    classes = (WorkbenchKernels, WorkbenchMirror)
    assert named == {f"c.{of.__name__}.{name}" for of in classes for name in of.class_own_traits(config=True)}


def test_the_event_is_in_the_reference():
    assert f"`{SCHEMA_ID}`" in page("reference/json.md")


def test_the_readme_shows_the_pictures_that_the_script_takes_and_each_is_quickly_there():
    shown = {REPOSITORY / path for path in IMAGE.findall((REPOSITORY / "README.md").read_text("utf-8"))}
    assert shown == set(REPOSITORY.glob("docs/images/*.png"))
    assert shown
    assert max(path.stat().st_size for path in shown) < MOST_BYTES_OF_AN_IMAGE
