from __future__ import annotations

import pytest

from jupyter_workbench.server.routes.arguments import REQUIRED, BadRequest
from jupyter_workbench.server.routes.query_arguments import (
    list_of_words,
    moment,
    one_of,
    read_query,
    switch,
    whole_number,
    words,
)

PARAMETERS = {
    "name": words("Loss", REQUIRED),
    "status": one_of("Running", "Completed", "Failed"),
    "deleted": switch(),
    "limit": whole_number(0, 1000, 100),
    "since": moment(),
    "tag": list_of_words("key=value"),
}


def query(**values: bytes) -> dict[str, list[bytes]]:
    return {name: [value] for name, value in {"name": b"Loss", **values}.items()}


WHOLE = "limit: expected a whole number from 0 to 1000, got {} - write limit=100"
MOMENT = (
    "since: expected a date, with or without a time, or seconds since 1970, got {} - write since=2026-11-21T13:46:02Z"
)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "name: expected a text, got nothing - write name=Loss"),
        ({"name": [b"a", b"b"]}, "name: expected one, got 2 - write name=Loss"),
        (query(name=b"\xff"), "name: expected UTF-8, got b'\\xff' - write name=Loss"),
        (query(statsu=b"Failed"), "statsu: unknown parameter - did you mean status?"),
        (
            query(color=b"red"),
            "color: unknown parameter - expected one of deleted, limit, name, project_dir, since, status, tag",
        ),
        (query(status=b"failed"), "status: expected Running, Completed or Failed, got failed - write status=Running"),
        (query(deleted=b"1"), "deleted: expected true or false, got 1 - write deleted=true"),
        (query(deleted=b""), "deleted: expected true or false, got  - write deleted=true"),
        (query(limit=b"1001"), WHOLE.format("1001")),
        (query(limit=b"-1"), WHOLE.format("-1")),
        (query(limit=b"1e2"), WHOLE.format("1e2")),
        (query(limit=b"1_0"), WHOLE.format("1_0")),
        (query(limit="\u0661".encode()), WHOLE.format("\u0661")),
        (query(limit=b"9" * 5000), WHOLE.format("9" * 60 + "...")),
        (query(since=b"yesterday"), MOMENT.format("yesterday")),
        (query(since=b"nan"), MOMENT.format("nan")),
        (query(since=b"1950-01-01"), MOMENT.format("1950-01-01")),
        (query(since=b"9" * 400), MOMENT.format("9" * 60 + "...")),
        (query(since=b"9999-12-31T23:59:59-23:00"), MOMENT.format("9999-12-31T23:59:59-23:00")),
    ],
)
def test_a_query_that_is_not_understood_says_what_was_expected(sent, message):
    with pytest.raises(BadRequest) as refused:
        read_query(sent, PARAMETERS)
    assert str(refused.value) == message


def test_what_is_missing_has_its_default():
    assert read_query(query(), PARAMETERS) == {
        "name": "Loss",
        "status": None,
        "deleted": False,
        "limit": 100,
        "since": None,
        "tag": (),
    }


def test_values_are_taken_as_they_were_sent():
    name = " a\0b\x07\n\u00e9\U0001f600 "
    assert read_query(query(name=name.encode()), PARAMETERS)["name"] == name
    assert read_query(query(name=b""), PARAMETERS)["name"] == ""


def test_a_list_has_each_of_its_values():
    assert read_query({**query(), "tag": [b"a=1", b"b"]}, PARAMETERS)["tag"] == ("a=1", "b")


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (b"0", 0.0),
        (b"1795268762.5", 1795268762.5),
        (b"2026-11-21", 1795219200.0),
        (b"2026-11-21T13:46:02Z", 1795268762.0),
        (b"2026-11-21T13:46:02", 1795268762.0),
        (b"2026-11-21T14:46:02+01:00", 1795268762.0),
        (b"2026-11-21 13:46:02.500000", 1795268762.5),
    ],
)
def test_a_moment_is_read_as_people_and_programs_write_it(told, seconds):
    assert read_query(query(since=told), PARAMETERS)["since"] == seconds


def test_what_the_server_and_its_front_ends_add_is_passed_over():
    added = {"project_dir": [b"/p"], "token": [b"t"], "no_track_activity": [b"1"], "1795268762500": [b""]}
    assert read_query({**query(), **added}, PARAMETERS) == read_query(query(), PARAMETERS)
