"""What a builder makes of uv's lines."""

from __future__ import annotations

import json

import pytest

from jupyter_workbench.environments.builder import Progress


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
