from __future__ import annotations

import json

import pytest

from jupyter_workbench.server.routes.arguments import BadRequest, days, flag, read_body, text

FIELDS = {"project_dir": text("/home/you/myIris"), "upgrade": flag(), "older_than_days": days(30)}
SEND = 'send {"project_dir": "/home/you/myIris", "upgrade": false, "older_than_days": 30}'


def body(**fields: object) -> bytes:
    return json.dumps({"project_dir": "/p", **fields}).encode()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b" ", f"expected a JSON object in the body of the request, got nothing - {SEND}"),
        (
            b"project_dir=/p",
            f"expected a JSON object in the body of the request, got other text "
            f"(Expecting value: line 1 column 1 (char 0)) - {SEND}",
        ),
        (
            b'{"project_dir": "\xff"}',
            f"expected a JSON object in the body of the request, got other text "
            f"('utf-8' codec can't decode byte 0xff in position 17: invalid start byte) - {SEND}",
        ),
        (
            b"[" * 100_000,
            f"expected a JSON object in the body of the request, got other text (nested too deeply) - {SEND}",
        ),
        (b'["/p"]', f'expected a JSON object in the body of the request, got ["/p"] - {SEND}'),
        (
            json.dumps("x" * 100).encode(),
            f'expected a JSON object in the body of the request, got "{"x" * 59}... - {SEND}',
        ),
        (b"{}", f"project_dir: expected a text, got nothing - {SEND}"),
        (body(project_dir=""), f'project_dir: expected a text, got "" - {SEND}'),
        (body(project_dir=7), f"project_dir: expected a text, got 7 - {SEND}"),
        (body(upgrade="yes"), f'upgrade: expected true or false, got "yes" - {SEND}'),
        (body(upgrade=None), f"upgrade: expected true or false, got null - {SEND}"),
        (
            body(older_than_days="3"),
            f'older_than_days: expected a number of days from 0 to 36500, or null, got "3" - {SEND}',
        ),
        (
            body(older_than_days=True),
            f"older_than_days: expected a number of days from 0 to 36500, or null, got true - {SEND}",
        ),
        (
            body(older_than_days=-1),
            f"older_than_days: expected a number of days from 0 to 36500, or null, got -1 - {SEND}",
        ),
        (
            b'{"project_dir": "/p", "older_than_days": NaN}',
            f"older_than_days: expected a number of days from 0 to 36500, or null, got NaN - {SEND}",
        ),
        (
            body(older_than_days=10**400),
            f"older_than_days: expected a number of days from 0 to 36500, or null, got 1{'0' * 59}... - {SEND}",
        ),
        (body(upgrad=True), '"upgrad": unknown field - did you mean upgrade?'),
        (body(force=True), f'"force": unknown field - {SEND}'),
    ],
)
def test_a_body_that_is_not_understood_says_what_was_expected(raw, message):
    with pytest.raises(BadRequest) as refused:
        read_body(raw, FIELDS)
    assert str(refused.value) == message


def test_every_field_has_its_value():
    read = read_body(body(upgrade=True, older_than_days=1.5), FIELDS)
    assert read == {"project_dir": "/p", "upgrade": True, "older_than_days": 1.5}


def test_what_is_missing_has_its_default():
    assert read_body(body(), FIELDS) == {"project_dir": "/p", "upgrade": False, "older_than_days": None}


def test_no_body_is_needed_where_every_field_has_a_default():
    assert read_body(b"", {"older_than_days": days(30)}) == {"older_than_days": None}
