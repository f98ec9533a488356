"""What a builder makes of uv's lines."""

from __future__ import annotations

import json

import pytest

from jupyter_workbench.environments.builder import LONGEST_SAID, MOST_SAID, Progress


@pytest.fixture
def said(capsys):
    """Return what is passed on of a program's lines."""

    def said(*lines: str) -> list[str]:
        progress = Progress()
        for line in lines:
            progress.hear(line + "\n")
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [line["said"] for line in told if "said" in line]

    return said


@pytest.fixture
def messages(capsys):
    """Return the messages that uv's lines become."""

    def messages(*lines: str) -> list[str]:
        progress = Progress()
        for line in lines:
            assert progress.read(line + "\n")
        return [json.loads(line)["message"] for line in capsys.readouterr().out.splitlines()]

    return messages


def test_a_build_that_outlasts_the_downloads_is_named_again(messages):
    lines = ["   Building slow @ file:///slow", "Downloading debugpy (4.2MiB)", " Downloaded debugpy"]
    assert messages(*lines)[-1] == "Building slow @ file:///slow"


def test_a_build_that_outlasts_another_one_is_named_again(messages):
    lines = ["   Building slow==1", "   Building fast==1", "      Built fast==1"]
    assert messages(*lines) == ["Building slow==1", "Building fast==1", "Building slow==1"]


def test_the_password_of_what_is_built_is_hidden(messages):
    (message,) = messages("   Building it @ https://me:secret@example.com/it.zip")
    assert "secret" not in message


def test_each_line_is_passed_on_whether_it_is_progress_or_a_failure(said):
    lines = ["Resolved 2 packages in 5ms", "error: Failed to fetch", "  Caused by: dns error"]
    assert said(*lines) == lines


def test_the_password_of_an_index_is_hidden_in_a_line_that_is_passed_on(said):
    assert said("error: no answer from https://me:secret@pypi.example.com/simple?token=hidden") == [
        "error: no answer from https://***@pypi.example.com/simple?***"
    ]


def test_a_program_that_says_megabytes_is_cut_off(said):
    lines = said(*["x" * 100_000] * 100)
    assert lines[0] == "x" * LONGEST_SAID
    assert len(lines) == MOST_SAID // LONGEST_SAID + 2
    assert lines[-1] == "... what else is said is left out here"


def test_a_line_comes_with_the_step_at_which_it_is_said(capsys):
    progress = Progress()
    progress.say("Resolving packages")
    progress.hear("Resolved 2 packages in 5ms\n")
    assert [json.loads(line)["message"] for line in capsys.readouterr().out.splitlines()] == [
        "Resolving packages",
        "Resolving packages",
        "Installing 2 packages",
    ]
