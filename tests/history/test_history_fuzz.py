"""Whatever bytes a kernel leaves or sends: each parser that they reach refuses them or makes something safe of them."""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_on_paper import FACTS, STREAM, ended, logged, moved, noted, opened, printed, saved, started, tagged, used

from jupyter_workbench.history.disk.beneath import RefusedError, open_beneath
from jupyter_workbench.history.disk.spool import KernelFacts, Spool
from jupyter_workbench.history.intake.collector import Collector
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.records import fields
from jupyter_workbench.history.records.fields import BadRecordError
from jupyter_workbench.history.records.parsing import parse

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.integers(1 << 62, 1 << 70)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=8
)
HONEST: list[dict[str, Any]] = [
    opened(ipykernel="7.4.0", variables=["HOME"]), started(experiment="e"),
    {**logged("a", 1), "step": 1, "kind": "table"},
    saved("outputs/m", b""), tagged("k", "v"), noted("n"), moved("e"), used(), printed("o", "e"), ended(),
]  # fmt: skip
bent = st.sampled_from(HONEST).flatmap(
    lambda record: st.dictionaries(st.sampled_from(sorted(record)), anything, max_size=4).map(
        lambda changes: json.dumps({**record, **changes}).encode()
    )
)


def storable(value: object) -> bool:
    """Whether SQLite takes it."""
    if isinstance(value, str):
        value.encode()  # raises for a lone surrogate
    return (
        value is None or isinstance(value, (str, float)) or (isinstance(value, int) and -(1 << 63) <= value < 1 << 63)
    )


@pytest.mark.parametrize("record", HONEST, ids=lambda record: record["e"])
def test_an_honest_record_is_read(record: dict[str, Any]) -> None:
    assert type(parse(json.dumps(record).encode())).__name__.lower() == record["e"]


@settings(max_examples=500, deadline=None)
@given(bent | st.binary() | anything.map(lambda told: json.dumps(told).encode()))
def test_a_line_is_refused_or_becomes_a_record_that_can_be_stored(line: bytes) -> None:
    try:
        record = parse(line)
    except BadRecordError:
        return
    assert all(storable(value) for value in record)
    assert 0 <= record.t <= fields.BEYOND_DATES


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"e":"log","t":1,"run":"a","name":"n","value":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"e":"log","t":1,"run":"a","name":"n","value":' + b"9" * 100_000 + b"}",
        b'{"e":"log","t":' + b"9" * 5000 + b',"run":"a","name":"n","value":1}',
        b'{"e":["log"],"t":1}',
        b'{"e":"log","e":"end","t":1e999}',
        b"\xff\xfe{}",
        b"null",
    ],
    ids=lambda line: line[:20].decode("latin-1"),
)
def test_a_line_that_is_made_to_break_a_parser_breaks_none(line: bytes) -> None:
    with suppress(BadRecordError):
        assert all(storable(value) for value in parse(line))


@settings(max_examples=300, deadline=None)
@given(st.text() | st.lists(st.sampled_from(["..", ".", "/", "\\", "a", ":", "", "\0", "C", "\n", "é"])).map("".join))
def test_a_path_of_an_output_that_is_let_through_stays_below_any_folder(told: str) -> None:
    try:
        path = fields.path(told)
    except BadRecordError:
        return
    assert path == told
    for flavour in (PurePosixPath(path), PureWindowsPath(path)):
        assert not flavour.is_absolute()
        assert not flavour.drive
        assert ".." not in flavour.parts
    assert path.isprintable()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=300), max_size=4))
def test_no_parts_of_a_path_lead_out_of_the_folder(parts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "secret").write_text("secret")
        inside = Path(folder) / "inside"
        inside.mkdir()
        (inside / "link").symlink_to(Path(folder) / "secret")
        for tried in (parts, [*parts, "secret"], ["link"], ["..", "secret"]):
            with pytest.raises((OSError, UnicodeEncodeError)) as caught:
                open_beneath(inside, *tried)
            if tried in (["link"], ["..", "secret"]):
                assert isinstance(caught.value, RefusedError)


@settings(max_examples=200, deadline=None)
@given(
    st.binary()
    | anything.map(lambda told: json.dumps(told).encode())
    | st.dictionaries(st.sampled_from(sorted(KernelFacts.__dataclass_fields__)), anything).map(
        lambda told: json.dumps(told).encode()
    )
)
def test_the_facts_of_a_kernel_are_texts_whatever_its_file_holds(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / STREAM
        root.mkdir()
        (root / "kernel.json").write_bytes(content)
        (root / "start-error.txt").write_bytes(content)
        (root / "records.jsonl").write_bytes(content)
        spool = Spool.at(root)
        for value in vars(spool.facts).values():
            assert storable(value)
        assert isinstance(spool.start_error(), (str, type(None)))
        assert spool.was_ready()
        assert not spool.is_alive()
        assert b"".join(lines for _, lines in spool.read(0)) == content[: content.rfind(b"\n") + 1]


lines = st.lists(bent | st.sampled_from(HONEST).map(lambda record: json.dumps(record).encode()), max_size=8).map(
    lambda records: b"".join(record + b"\n" for record in records).decode()
)
pushed = st.fixed_dictionaries({"stream": st.just(STREAM), "offset": st.just(0), "data": lines})
bent_pushed = st.fixed_dictionaries(
    {
        "stream": st.just(STREAM) | anything,
        "offset": st.integers() | anything,
        "data": st.text() | anything,
    }
)
messages = st.sampled_from([pushed, bent_pushed, anything]).flatmap(lambda kind: kind)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(messages, max_size=6))
def test_no_message_of_a_kernel_raises_in_the_server(told: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    """What is raised behind `receive` is logged, and tried again: nothing of that kind may be."""
    caplog.clear()

    async def receive_all(data: ProjectData) -> None:
        data.make()
        data.spools.mkdir()
        collector = Collector(data, Spool.create(data.spools / STREAM, FACTS))
        for message in told:
            collector.receive(message)
        while not caplog.messages and (others := asyncio.all_tasks() - {asyncio.current_task()}):
            await asyncio.wait(others, timeout=0.05)
        await collector.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(receive_all(ProjectData(Path(folder) / "data")))
    assert caplog.messages == []
