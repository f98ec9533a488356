"""The content of outputs: what is refused, what browsers are told, ranges, and how it is sent."""

from __future__ import annotations

import asyncio
import io
import logging
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import quote, unquote

import pytest
from runs_here import (
    EMPTY_PATH,
    GOOD,
    IMAGE_PATH,
    LOST_PATH,
    MODEL,
    MODEL_PATH,
    NAMED_PATH,
    RUNNING,
    keep,
    sha256,
)
from server_here import TOKEN

from jupyter_workbench.history.store.blobs import blob_path
from jupyter_workbench.server.routes.runs import content, outputs
from jupyter_workbench.server.routes.runs.content import attachment

ETAG = f'"{sha256(MODEL)}"'
SIZE = len(MODEL)


@pytest.fixture
def fetch(an_api, my_iris, its_runs):
    """Fetch an output of a run."""

    async def fetch(path=MODEL_PATH, run_id=GOOD, method="GET", **headers):
        url = f"workbench/api/runs/{run_id}/outputs/{quote(path, safe='/%')}?project_dir={my_iris}"
        return await an_api.fetch(url, method, {name.replace("_", "-"): value for name, value in headers.items()})

    return fetch


@pytest.mark.parametrize(
    "path",
    [
        "../../../etc/passwd",
        "outputs/../../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%2F..%2Fetc%2Fpasswd",
        "/etc/passwd",
        "%2Fetc%2Fpasswd",
        "//etc/passwd",
        "outputs/model.pkl%00",
        "outputs/model.pkl%00.png",
        "outputs/./model.pkl",
        "outputs//model.pkl",
        "outputs/model.pkl/",
        "outputs\\model.pkl",
        "OUTPUTS/model.pkl",
        "outputs",
        "%F0%9F%98%80" * 500,
    ],
)
async def test_only_what_a_run_saved_by_that_very_name_is_there(fetch, path):
    response = await fetch(path)
    assert response.code == 404
    assert b'"reason": "OutputNotFound"' in response.body


async def test_an_output_that_there_is_none_of_says_which_there_are(fetch):
    response = await fetch("outputs/model.pk")
    assert response.body.startswith(
        f'{{"message": "The run {GOOD} has no output \'outputs/model.pk\': it has images/confusion.png, '.encode()
    )


async def test_an_output_of_another_run_is_not_found(fetch):
    assert (await fetch(run_id=RUNNING)).code == 404


async def test_a_lost_output_says_why(fetch):
    response = await fetch(LOST_PATH)
    assert (response.code, response.body.decode()) == (
        404,
        f'{{"message": "The output outputs/lost.bin of the run {GOOD} was lost: the kernel left no content.", '
        '"reason": "OutputNotFound"}',
    )


async def test_an_output_whose_content_was_removed_says_so(fetch, its_runs):
    blob_path(its_runs.blobs, sha256(MODEL)).unlink()
    response = await fetch()
    assert response.code == 404
    assert b"its content was removed from the disk" in response.body


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
async def test_an_output_can_only_be_read(fetch, method):
    assert (await fetch(method=method)).code == 405


async def test_a_page_of_another_site_gets_nothing_by_a_cookie(an_api, my_iris, its_runs):
    path = f"workbench/api/runs/{GOOD}/outputs/{MODEL_PATH}?project_dir={my_iris}"
    cookie = (await an_api.fetch("workbench/api/projects")).headers["Set-Cookie"]
    anonymous = {"Authorization": "", "Cookie": cookie}
    for elsewhere in {}, {"Referer": "https://evil.example/page"}:
        response = await an_api.fetch(path, headers={**anonymous, **elsewhere})
        assert response.code == 403
        assert MODEL not in response.body
    assert (await an_api.fetch(path, headers={**anonymous, "Referer": an_api.url})).body == MODEL


async def test_a_browser_is_told_to_store_it_and_never_to_show_it(fetch):
    headers = (await fetch()).headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment; filename=\"model.pkl\"; filename*=UTF-8''model.pkl"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = [part.strip() for part in headers["Content-Security-Policy"].split(";")]
    assert {"sandbox", "default-src 'none'"} <= set(policy)
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["ETag"] == ETAG


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.png", "image/png"),
        ("a.JPG", "image/jpeg"),
        ("a.svg", "application/octet-stream"),
        ("a.html", "application/octet-stream"),
        ("a.png.html", "application/octet-stream"),
        ("png", "application/octet-stream"),
    ],
)
def test_a_page_may_show_pictures_that_hold_no_program(path, kind):
    assert content.Content(io.BytesIO(), 0, "", path).type == kind


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ('größe "π" 100%, \U0001f600; x.csv', "gr__e ___ 100_, __ x.csv"),
        ("a\\b;c", "a_b_c"),
        ("..", ".."),
        ("\u202egnp.exe", "_gnp.exe"),
        ("a\r\nb", "a__b"),
    ],
)
def test_any_name_is_told_as_it_is_and_in_plain_letters(name, plain):
    told = attachment(name)
    assert told.isascii()
    assert told.isprintable()
    start, _, encoded = told.partition("; filename*=UTF-8''")
    assert start == f'attachment; filename="{plain}"'
    assert unquote(encoded) == name


async def test_an_output_with_any_name_is_sent(fetch):
    for safe in "/", "":
        response = await fetch(quote(NAMED_PATH, safe=safe))
        assert (response.code, response.body) == (200, b"a,b\n")
        assert response.headers["Content-Disposition"] == attachment(NAMED_PATH.rpartition("/")[2])


async def test_the_bytes_are_those_that_were_kept(fetch):
    response = await fetch()
    assert (response.code, response.body) == (200, MODEL)
    assert (response.headers["Content-Length"], response.headers["Accept-Ranges"]) == (str(SIZE), "bytes")


async def test_nothing_is_sent_as_nothing(fetch):
    response = await fetch(EMPTY_PATH)
    assert (response.code, response.body, response.headers["Content-Length"]) == (200, b"", "0")
    assert (await fetch(EMPTY_PATH, Range="bytes=0-")).code == 416


async def test_head_tells_what_get_would(fetch):
    head, get = await fetch(method="HEAD", Range="bytes=0-9"), await fetch()
    assert (head.code, head.body) == (200, b"")
    for name in "Content-Length", "Content-Type", "Content-Disposition", "ETag", "Content-Security-Policy":
        assert head.headers[name] == get.headers[name]
    assert (await fetch(LOST_PATH, method="HEAD")).code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("condition", [ETAG, f"W/{ETAG}", f'"x", {ETAG}', "*"])
async def test_a_content_that_is_there_already_is_not_sent_again(fetch, method, condition):
    response = await fetch(method=method, If_None_Match=condition, Range="bytes=0-9")
    assert (response.code, response.body, response.headers["ETag"]) == (304, b"", ETAG)


async def test_another_content_than_the_one_that_is_there_is_sent(fetch):
    assert (await fetch(If_None_Match='"x"')).body == MODEL


async def test_another_content_than_the_one_that_was_asked_for_is_refused(fetch):
    response = await fetch(If_Match='"x"')
    assert (response.code, response.body.decode()) == (
        412,
        '{"message": "expected outputs/model.pkl with the content \\"x\\", got '
        f'\\"{sha256(MODEL)}\\" - ask for it anew", "reason": "AnotherContent"}}',
    )
    assert (await fetch(If_Match=ETAG)).code == 200


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=1000-", 1000, SIZE - 1),
        ("bytes=1000-9999", 1000, SIZE - 1),
        ("bytes=-24", SIZE - 24, SIZE - 1),
        ("bytes=-9999", 0, SIZE - 1),
        ("bytes=0-9,5-19", 0, 19),
    ],
)
async def test_a_range_is_sent_alone(fetch, text, first, last):
    response = await fetch(Range=text)
    assert (response.code, response.body) == (206, MODEL[first : last + 1])
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response.headers["Content-Length"] == str(last - first + 1)
    assert response.headers["ETag"] == ETAG


async def test_several_ranges_are_sent_as_parts(fetch):
    response = await fetch(IMAGE_PATH, Range="bytes=2-3,0-0,9-")
    assert response.code == 206
    head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + response.body)
    assert message.get_content_type() == "multipart/byteranges"
    assert [
        (part["Content-Type"], part["Content-Range"], part.get_payload(decode=True)) for part in message.iter_parts()
    ] == [("image/png", "bytes 2-3/4", b"NG"), ("image/png", "bytes 0-0/4", b"\x89")]
    assert response.headers["Content-Length"] == str(len(response.body))
    assert "Content-Range" not in response.headers


@pytest.mark.parametrize("text", [f"bytes={SIZE}-", "bytes=-0", f"bytes={SIZE}-,{SIZE + 1}-"])
async def test_no_byte_inside_is_said_with_the_size(fetch, text):
    response = await fetch(Range=text)
    assert (response.code, response.headers["Content-Range"]) == (416, f"bytes */{SIZE}")
    assert response.body.decode() == (
        f'{{"message": "Range: expected bytes of the {SIZE} that outputs/model.pkl has, got {text} - '
        'ask for some of these", "reason": "NoSuchRange"}'
    )


@pytest.mark.parametrize("text", ["bytes=9-0", "bytes=x", "lines=0-1", "bytes=" + ",".join(["0-0"] * 51)])
async def test_a_range_that_is_not_understood_counts_as_none(fetch, text):
    response = await fetch(Range=text)
    assert (response.code, response.body) == (200, MODEL)


async def test_a_download_goes_on_only_with_the_same_content(fetch):
    assert (await fetch(Range="bytes=1000-", If_Range=ETAG)).code == 206
    response = await fetch(Range="bytes=1000-", If_Range='"x"')
    assert (response.code, response.body) == (200, MODEL)


async def raw(an_api, my_iris, path=MODEL_PATH):
    """Open a connection and ask for an output, as a client that reads when it likes."""
    host, port = an_api.url.split("/")[2].split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 16)
    target = f"/of/me/workbench/api/runs/{GOOD}/outputs/{path}?project_dir={my_iris}"
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: token {TOKEN}\r\n\r\n".encode())
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    return reader, writer, head


@pytest.fixture
def a_large_output(its_runs, monkeypatch):
    """Let the model be a file of 64 MiB; return what is read of it: `(first, length)` each time."""
    large = keep(its_runs, MODEL)
    with large.open("r+b") as file:
        file.truncate(64 << 20)
    monkeypatch.setattr(outputs, "open_output", lambda *_: (large.open("rb"), 64 << 20, sha256(MODEL)), raising=True)
    read, piece = [], content.Content.piece

    def noted(self, first, length):
        data = piece(self, first, length)
        read.append((first, len(data)))
        return data

    monkeypatch.setattr(content.Content, "piece", noted)
    return read


async def test_what_nobody_takes_is_not_read(an_api, my_iris, a_large_output):
    _, writer, _ = await raw(an_api, my_iris)
    before = -1
    while len(a_large_output) != before:  # until the buffers of the sockets are full
        before = len(a_large_output)
        for _ in range(20):
            assert (await an_api.get("preparations")).status == 200
    assert sum(length for _, length in a_large_output) < 48 << 20
    assert max(length for _, length in a_large_output) <= content.PIECE_BYTES
    writer.close()


async def test_a_large_output_is_sent_whole_piece_by_piece(an_api, my_iris, a_large_output):
    reader, writer, head = await raw(an_api, my_iris)
    assert f"Content-Length: {64 << 20}".encode() in head
    received = await reader.readexactly(64 << 20)
    assert received[:SIZE] == MODEL
    assert not any(received[SIZE:])
    assert max(length for _, length in a_large_output) <= content.PIECE_BYTES
    writer.close()


async def test_a_client_that_leaves_is_no_error_and_leaves_no_file_open(an_api, my_iris, a_large_output, caplog):
    opened = []
    original = outputs.open_output
    outputs.open_output = lambda *arguments: opened.append(original(*arguments)) or opened[-1]
    try:
        _, writer, _ = await raw(an_api, my_iris)
        writer.transport.abort()
        while not opened[0][0].closed:
            assert (await an_api.get("preparations")).status == 200
    finally:
        outputs.open_output = original
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_file_that_ends_too_early_breaks_the_answer_off(an_api, my_iris, its_runs, caplog):
    kept = blob_path(its_runs.blobs, sha256(MODEL))
    kept.chmod(0o600)
    kept.write_bytes(MODEL[:100])
    reader, writer, _ = await raw(an_api, my_iris)
    with pytest.raises(asyncio.IncompleteReadError) as broken:
        await reader.readexactly(SIZE)
    writer.close()
    assert broken.value.partial == MODEL[:100]
    assert "jupyter_workbench: the output outputs/model.pkl is sent in part only" in caplog.messages
