"""How far a preparation is: lines without a terminal, one line that renews itself in one."""

from __future__ import annotations

import asyncio
import sys

import pytest

from jupyter_workbench.cli.progress import ProgressLine, bytes_text
from jupyter_workbench.targets.progress import Progress

PULLING = "Pulling python:3.12-slim"


class Clock:
    """Time that passes when a test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_without_a_terminal_each_change_is_one_line(capsys, clock):
    async with ProgressLine(clock).shown() as report:
        report(Progress("engine", "Connecting to the Docker engine"))
        clock.now += 2
        report(Progress("image", PULLING, 0, 45_000_000, "bytes"))
        report(Progress("image", PULLING, 9_000_000, 45_000_000, "bytes"))
        clock.now += 65
        report(Progress("environment", "Installing numpy", 1, 31, "packages"))
        report(Progress("environment", "Installing pandas", 2, 31, "packages"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "0:00  engine: Connecting to the Docker engine\n"
        "0:02  image: Pulling python:3.12-slim, 0 B of 45.0 MB\n"
        "1:07  environment: Installing numpy, 1 of 31 packages\n"
        "1:07  environment: Installing pandas, 2 of 31 packages\n"
    )


async def test_what_an_installer_says_is_not_shown(capsys, clock):
    async with ProgressLine(clock).shown() as report:
        report(Progress("environment", "Resolving packages"))
        clock.now += 60
        report(Progress("environment", "Resolving packages", said=("Resolved 31 packages in 655ms",)))
    assert capsys.readouterr().err == "0:00  environment: Resolving packages\n"


async def test_without_a_terminal_a_long_step_is_told_every_ten_seconds(capsys, clock):
    async with ProgressLine(clock).shown() as report:
        for done in range(5):
            report(Progress("image", PULLING, done * 1_000_000, 45_000_000, "bytes"))
            clock.now += 5
    assert capsys.readouterr().err == (
        "0:00  image: Pulling python:3.12-slim, 0 B of 45.0 MB\n"
        "0:10  image: Pulling python:3.12-slim, 2.0 MB of 45.0 MB\n"
        "0:20  image: Pulling python:3.12-slim, 4.0 MB of 45.0 MB\n"
    )


async def test_all_and_nothing_of_the_packages_is_not_counted(capsys, clock):
    async with ProgressLine(clock).shown() as report:
        report(Progress("environment", "Installing 31 packages", 0, 31, "packages"))
        report(Progress("environment", "Installed 31 packages", 31, 31, "packages"))
    assert capsys.readouterr().err == (
        "0:00  environment: Installing 31 packages\n0:00  environment: Installed 31 packages\n"
    )


async def test_a_message_of_several_lines_and_escapes_is_one_plain_line(capsys, clock):
    async with ProgressLine(clock).shown() as report:
        report(Progress("environment", "Installing\n\x1b[31mnumpy"))
    assert capsys.readouterr().err == "0:00  environment: Installing [31mnumpy\n"


@pytest.fixture
def terminal(monkeypatch) -> list[str]:
    """What is drawn on a terminal of 80 columns, one text a drawing."""
    drawn: list[str] = []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("click.echo", lambda text, **_: drawn.append(text))
    return drawn


async def test_in_a_terminal_one_line_renews_itself_and_is_gone_at_the_end(terminal, clock):
    async with ProgressLine(clock).shown() as report:
        report(Progress("image", "Pulling ada/ml", 9_000_000, 45_000_000, "bytes"))
        clock.now += 7
        await asyncio.sleep(0)
    assert terminal == [
        "\r\033[K0:07  [####----------------]  image: Pulling ada/ml, 9.0 MB of 45.0 MB",
        "\r\033[K",
    ]


async def test_the_line_of_a_terminal_never_wraps(terminal, clock):
    async with ProgressLine(clock).shown() as report:
        report(Progress("environment", "Installing " + "x" * 200))
        await asyncio.sleep(0)
    assert len(terminal[0].removeprefix("\r\033[K")) == 79


async def test_more_than_all_is_a_full_bar(terminal, clock):
    async with ProgressLine(clock).shown() as report:
        report(Progress("project", "Copying", 12, 10, "files"))
        await asyncio.sleep(0)
    assert terminal[0] == "\r\033[K0:00  [####################]  project: Copying, 12 of 10 files"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (45_000_000, "45.0 MB"),
        (1_234_567_890, "1.2 GB"),
        (5_000_000_000_000, "5.0 TB"),
    ],
)
def test_bytes_are_told_in_units_of_1000(size, text):
    assert bytes_text(size) == text
