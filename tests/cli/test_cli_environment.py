"""`workbench environment`: what is built is listed with who needs it, and removed when nobody does or one says so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from jupyter_workbench.cli import environment as command
from jupyter_workbench.targets.docker import needs
from jupyter_workbench.targets.docker.building import environments
from jupyter_workbench.targets.docker.building.environments import EnvironmentInfo, Removal
from jupyter_workbench.targets.docker.engines import engine
from jupyter_workbench.targets.docker.engines.engine import EngineError
from jupyter_workbench.targets.docker.needs import Needs

UNKNOWN = "Nobody can tell which environment myIris broken needs: see `workbench project check` in /home/ada/myIris"


def an_environment(fingerprint: str, age: timedelta, users: tuple[str, ...] = ()) -> EnvironmentInfo:
    return EnvironmentInfo(
        fingerprint=fingerprint,
        python="3.12.1",
        packages=(("ipykernel", "7.0.0"), ("numpy", "2.0.1")),
        size=120_300_000,
        bytes=20_000_000,
        created=1_700_000_000.0,
        age=age,
        image="python:3.12-slim",
        users=users,
    )


NEEDED = replace(an_environment("aaaa1111aaaa1111aaaa", timedelta(minutes=1)), spark=("4.3.0", "17.0.15"))
IDLE = an_environment("bbbb2222bbbb2222bbbb", timedelta(days=40))
YOUNG = an_environment("bbbb3333bbbb3333bbbb", timedelta(hours=3))
RUNNING = an_environment("cccc4444cccc4444cccc", timedelta(days=50), users=("other docker",))
ALL = [NEEDED, YOUNG, IDLE, RUNNING]


class EngineOnPaper:
    """What the commands ask of an engine, and what they have done to it."""

    def __init__(self) -> None:
        self.environments = list(ALL)
        self.needs = Needs(by_fingerprint={NEEDED.fingerprint: ("myIris docker",)})
        self.swept = 0

    async def connect(self, _):
        return SimpleNamespace()

    async def listing(self, _):
        return self.environments

    async def needs_of(self, _, projects):
        return self.needs

    async def remove(self, _, fingerprints):
        kept = tuple((info.fingerprint, f"kernels run in it: {info.users[0]}") for info in ALL if info.users)
        kept = tuple(pair for pair in kept if pair[0] in fingerprints)
        removed = tuple(name for name in fingerprints if name not in dict(kept))
        self.environments = [info for info in self.environments if info.fingerprint not in removed]
        return Removal(removed, 20_000_000 * len(removed), kept)

    async def prune(self, _, older_than, keep):
        assert all(info.age <= older_than for info in self.environments)
        self.swept += 1
        return Removal((), 0, ())

    @property
    def left(self) -> list[EnvironmentInfo]:
        return self.environments


@pytest.fixture
def on_paper(monkeypatch) -> EngineOnPaper:
    found = EngineOnPaper()
    monkeypatch.setattr(engine, "connect", found.connect)
    monkeypatch.setattr(needs, "needs_of", found.needs_of)
    for name in ("listing", "remove", "prune"):
        monkeypatch.setattr(environments, name, getattr(found, name))
    return found


@pytest.fixture
def terminal(monkeypatch) -> None:
    """Somebody who can be asked."""
    monkeypatch.setattr(command, "_can_ask", lambda: True)


# ---- failures


@pytest.mark.parametrize("arguments", [("list",), ("remove", "aaaa"), ("prune", "--yes")])
def test_an_engine_that_does_not_answer_is_its_message(run, monkeypatch, arguments):
    async def refuse(_):
        raise EngineError("expected a Docker engine at unix:///nowhere, got none - start it")

    monkeypatch.setattr(engine, "connect", refuse)
    result = run("environment", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "expected a Docker engine at unix:///nowhere, got none - start it\n"


def test_prune_does_not_begin_where_nobody_can_be_asked(run, on_paper):
    result = run("environment", "prune")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "Error: Nobody can be asked here: look with `workbench environment list`, then add --yes."
    )
    assert (on_paper.left, on_paper.swept) == (ALL, 0)


@pytest.mark.parametrize("age", ["30", "d", "-1d", "30 days", "1y"])
def test_an_age_without_a_unit_is_wrong_usage(run, on_paper, age):
    result = run("environment", "prune", "--yes", f"--older-than={age}")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        f"Error: Invalid value for '--older-than': expected an age such as 30d, 12h or 2w, got {age!r}."
    )
    assert on_paper.left == ALL


@pytest.mark.parametrize(
    ("written", "got"), [("dddd", "none that begins so"), ("bbbb", "2 that begin so"), ("", "none that begins so")]
)
def test_a_fingerprint_must_be_that_of_one_environment(run, on_paper, written, got):
    result = run("environment", "remove", written)
    assert result.exit_code == 1
    assert result.stderr == f"expected an environment {written}, got {got} - see `workbench environment list`\n"
    assert on_paper.left == ALL


def test_one_that_a_kernel_runs_in_is_left_and_the_others_go(run, on_paper):
    result = run("environment", "remove", "cccc", "bbbb2")
    assert result.exit_code == 1
    assert result.stdout == "Removed bbbb2222bbbb2222bbbb.\n20.0 MB became free.\n"
    assert result.stderr == "cccc4444cccc4444cccc is left as it is: kernels run in it: other docker.\n"
    assert on_paper.left == [NEEDED, YOUNG, RUNNING]


# ---- list


def test_nothing_built_is_one_sentence(run, on_paper):
    on_paper.environments = []
    result = run("environment", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No environment is built yet: the first kernel builds one.\n"


def test_the_list_tells_size_age_and_who_needs_each(run, on_paper):
    assert run("environment", "list").stdout == (
        "FINGERPRINT           PYTHON  SPARK  IMAGE             PACKAGES  SIZE      BUILT         RUN CONFIGURATIONS\n"
        "aaaa1111aaaa1111aaaa  3.12.1  4.3.0  python:3.12-slim  2         120.3 MB  1 minute ago  myIris docker\n"
        "bbbb3333bbbb3333bbbb  3.12.1  -      python:3.12-slim  2         120.3 MB  3 hours ago   -\n"
        "bbbb2222bbbb2222bbbb  3.12.1  -      python:3.12-slim  2         120.3 MB  40 days ago   -\n"
        "cccc4444cccc4444cccc  3.12.1  -      python:3.12-slim  2         120.3 MB  50 days ago   -\n"
    )


def test_json_has_every_package_and_bytes(run, on_paper):
    assert json.loads(run("environment", "list", "-o", "json").stdout)[0] == {
        "fingerprint": "aaaa1111aaaa1111aaaa",
        "python": "3.12.1",
        "image": "python:3.12-slim",
        "packages": [{"name": "ipykernel", "version": "7.0.0"}, {"name": "numpy", "version": "2.0.1"}],
        "spark": {"version": "4.3.0", "java": "17.0.15"},
        "size": 120_300_000,
        "own_size": 20_000_000,
        "created_utc": "2023-11-14T22:13:20+00:00",
        "run_configurations": ["myIris docker"],
        "kernels": [],
    }


def test_who_cannot_be_told_is_said(run, on_paper):
    on_paper.needs = Needs(unknown=(UNKNOWN,))
    assert run("environment", "list").stderr == f"{UNKNOWN}.\n"


# ---- remove


def test_one_that_is_needed_is_removed_and_who_builds_it_anew_told(run, on_paper):
    result = run("environment", "remove", NEEDED.fingerprint)
    assert result.exit_code == 0
    assert result.stdout == (
        "Removed aaaa1111aaaa1111aaaa: the next kernel of myIris docker builds it anew.\n20.0 MB became free.\n"
    )


# ---- prune


def test_what_nobody_needs_is_removed_when_the_answer_is_yes(run, on_paper, terminal, monkeypatch):
    monkeypatch.setattr("click.confirm", lambda question, **_: asked.append(question))
    asked: list[str] = []
    result = run("environment", "prune")
    assert result.exit_code == 0
    assert asked == ["Remove 2 environments?"]
    assert result.stdout == (
        "bbbb3333bbbb3333bbbb: Python 3.12.1 in python:3.12-slim, 120.3 MB, built 3 hours ago\n"
        "bbbb2222bbbb2222bbbb: Python 3.12.1 in python:3.12-slim, 120.3 MB, built 40 days ago\n"
        "Removed bbbb3333bbbb3333bbbb.\n"
        "Removed bbbb2222bbbb2222bbbb.\n"
        "40.0 MB became free.\n"
    )
    assert (on_paper.left, on_paper.swept) == ([NEEDED, RUNNING], 1)


def test_nothing_is_removed_when_the_answer_is_no(run, on_paper, terminal):
    result = run("environment", "prune")  # at the end of the input, which is no answer
    assert result.exit_code == 130
    assert (on_paper.left, on_paper.swept) == (ALL, 0)


def test_older_than_spares_what_is_younger(run, on_paper):
    result = run("environment", "prune", "--yes", "--older-than", "30d")
    assert result.exit_code == 0
    assert on_paper.left == [NEEDED, YOUNG, RUNNING]


def test_what_may_be_needed_of_an_image_that_is_gone_is_spared(run, on_paper):
    on_paper.needs = Needs(by_image={"python:3.12-slim": ("myIris docker",)})
    result = run("environment", "prune", "--yes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == ("Nothing to remove: each of 4 environments is needed here or has a kernel.\n")
    assert on_paper.left == ALL


def test_nothing_that_old_is_one_sentence_and_what_killed_builders_left_goes(run, on_paper):
    result = run("environment", "prune", "--yes", "--older-than", "9w")
    assert result.stderr == (
        "Nothing to remove: each of 4 environments is needed here, has a kernel or is not that old.\n"
    )
    assert on_paper.swept == 1


def test_nothing_built_is_nothing_to_remove(run, on_paper):
    on_paper.environments = []
    assert run("environment", "prune", "--yes").stderr == "Nothing to remove: no environment is built.\n"
