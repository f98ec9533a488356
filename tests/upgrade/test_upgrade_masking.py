from __future__ import annotations

import pytest

from jupyter_workbench.upgrade.document import parse
from jupyter_workbench.upgrade.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password: hunter2  # mine\n", "password: ***  # mine\n"),
        ("password: [hunter2]\r\n", "password: ***\r\n"),
        ('{"password": "hunter2", "type": "remote"}', '{"password": ***, "type": "remote"}'),
        ("# password: hunter2\r\ntype: remote\r\n", "# password: ***\r\ntype: remote\r\n"),
        ("type: remote  # AzureMlSecret=a#b#c\n", "type: remote  # ***\n"),
        ("fs.azure.account.key.me: aGlkZGVu\n", "fs.azure.account.key.me: ***\n"),
        ("a:\n  - storageSasToken: x\n    monkey: y\n", "a:\n  - storageSasToken: ***\n    monkey: y\n"),
        ("- https://joe:hunter2@example.com/x?sv=1&sig=abc\n", "- https://***@example.com/x?sv=1&***\n"),
        ("EnvironmentVariables: {A: b, C: 'd e'}\n", "EnvironmentVariables: {A: ***, C: ***}\n"),
        (
            "EnvironmentVariables:\n  A: |\n    one\n    two\nTarget: x\n",
            "EnvironmentVariables:\n  A: ***\nTarget: x\n",
        ),
        ("EnvironmentVariables:\n  A: {password: b}\n", "EnvironmentVariables:\n  A: ***\n"),
        ("EnvironmentVariables: null\nTarget: docker\n", "EnvironmentVariables: null\nTarget: docker\n"),
    ],
)
def test_secrets_are_three_stars(text, shown):
    assert masked(parse(text, "x")).replace("    ***\n", "") == shown


def test_a_secret_of_several_lines_keeps_its_number_of_lines():
    text = "password: |\n  one\n\n  two\ntype: remote\n"
    assert masked(parse(text, "x")) == "password: ***\n  ***\n\n  ***\ntype: remote\n"
