"""Packages of Maven repositories, fetched by a Spark that is played here."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_workbench.environments.spark_builder import repositories
from jupyter_workbench.environments.spark_builder.homes import Home
from jupyter_workbench.environments.spark_builder.java import Java
from jupyter_workbench.environments.spark_builder.packages import fetch
from jupyter_workbench.environments.spark_builder.refusal import Refused
from jupyter_workbench.environments.spark_builder.repositories import Answer, Repositories

THING = "org.example:thing:1.0"
JAR = "org/example/thing/1.0/thing-1.0.jar"
FAILED = "::          UNRESOLVED DEPENDENCIES\n:: download failed: org.example#thing;1.0!thing.jar\n"

Run = Callable[[list[str], dict[str, str]], tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _nobody_else_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repositories, "DEFAULTS", ())


def setting(command: list[str], name: str) -> Path:
    return Path(next(word for word in command if word.startswith(f"spark.jars.{name}=")).partition("=")[2])


def a_spark_that_fetches(command: list[str], _: dict[str, str]) -> tuple[int, str, str]:
    """Fetch `JAR` from the first repository of the settings, as Ivy does; fail as it does."""
    address = re.search('root="([^"]+)"', setting(command, "ivySettings").read_text())
    assert address
    try:
        content = urllib.request.urlopen(address[1] + JAR).read()
    except Exception:
        return 1, FAILED, ""
    (setting(command, "ivy") / "jars").mkdir()
    (setting(command, "ivy") / "jars" / "thing.jar").write_bytes(content)
    return 0, "", ""


def fetch_with(run: Run, found: Repositories, target: Path) -> None:
    fetch([THING], [], found, Home(Path("/spark"), "3.5.9", "2.12"), Java(Path("/java"), "17"), target, run, noted)


def noted(*_: object) -> None:
    """Hear how far it is."""


def test_what_was_there_is_replaced_at_once(tmp_path):
    (tmp_path / "maven" / JAR).parent.mkdir(parents=True)
    (tmp_path / "maven" / JAR).write_text("the jar")
    target = tmp_path / "cache" / "jars"
    target.mkdir(parents=True)
    (target / "old.jar").touch()
    fetch_with(a_spark_that_fetches, Repositories([(tmp_path / "maven").as_uri()], {}), target)
    assert [path.relative_to(tmp_path / "cache").as_posix() for path in (tmp_path / "cache").rglob("*")] == [
        "jars",
        "jars/thing.jar",
    ]


class BreaksOff(Repositories):
    """Repositories whose files end too soon."""

    def open(self, number: int, path: str, *, only_look: bool = False) -> Answer | None:
        found = super().open(number, path, only_look=only_look)
        return found and found._replace(size=1000)


def test_a_repository_that_breaks_off_within_a_file_is_the_one_to_blame(tmp_path):
    (tmp_path / JAR).parent.mkdir(parents=True)
    (tmp_path / JAR).write_text("the jar")
    with pytest.raises(Refused) as refused:
        fetch_with(a_spark_that_fetches, BreaksOff([tmp_path.as_uri()], {}), tmp_path / "jars")
    assert refused.value.kind == "spark-repository"
    assert json.loads(refused.value.words) == {
        "coordinate": THING,
        "repository": 0,
        "why": "it broke off within a file",
    }
    assert not (tmp_path / "jars").exists()
