"""An engine: what is said when it cannot be used, and what calls and streams promise."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_on_paper import INFO, VERSION, Engine, on_a_port, running

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.engines import engine as engines
from jupyter_workbench.targets.docker.engines import transport
from jupyter_workbench.targets.docker.engines.engine import EngineError, connect


def environment(home: Path, host: str | None = None, **more: str) -> dict[str, str]:
    return {"HOME": str(home), **({"DOCKER_HOST": host} if host else {}), **more}


async def refused(variables: dict[str, str]) -> str:
    with pytest.raises(EngineError) as caught:
        await connect(variables)
    return str(caught.value)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """Listen on a port of this machine without ever answering."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@contextlib.contextmanager
def no_permission(an_engine: Engine, group: str) -> Iterator[None]:
    """Be mara, who may not use the socket, which belongs to a group; root gives up its rights meanwhile."""
    an_engine.socket_path.chmod(0)
    is_root = os.geteuid() == 0
    if is_root:
        an_engine.socket_path.parent.chmod(0o755)
        os.seteuid(65534)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LOGNAME", "mara")
            patch.setattr(Path, "group", lambda _: group)
            yield
    finally:
        if is_root:
            os.seteuid(0)


async def test_an_engine_of_this_machine_that_is_not_there(tmp_path, short_folder, monkeypatch):
    default = f"unix://{short_folder}/docker.sock"
    monkeypatch.setattr("jupyter_workbench.targets.docker.engines.endpoints.DEFAULT_URL", default)
    assert await refused(environment(tmp_path)) == (
        f"expected a Docker engine at {default}, got no answer (No such file or directory) - "
        f"start it with `sudo systemctl start docker`, or name another one in DOCKER_HOST"
    )


async def test_an_engine_that_left_its_socket_behind(tmp_path, short_folder):
    path = short_folder / "docker.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert await refused(environment(tmp_path, f"unix://{path}")) == (
        f"DOCKER_HOST: expected a Docker engine at unix://{path}, got no answer (Connection refused) - "
        f"start it, or correct DOCKER_HOST"
    )


async def test_a_port_that_refuses(tmp_path, listening):
    host = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
    listening.close()
    assert await refused(environment(tmp_path, host)) == (
        f"DOCKER_HOST: expected a Docker engine at {host}, got no answer (Connection refused) - "
        f"start it, or correct DOCKER_HOST"
    )


async def test_a_host_that_does_not_resolve(tmp_path):
    assert await refused(environment(tmp_path, "tcp://nowhere.invalid:2375")) == (
        "DOCKER_HOST: expected a Docker engine at tcp://nowhere.invalid:2375, got no address for that host - "
        "correct DOCKER_HOST"
    )


async def test_a_port_that_never_answers(tmp_path, listening, monkeypatch):
    monkeypatch.setattr(transport, "FIRST_ANSWER_SECONDS", 0.2)
    host = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
    assert await refused(environment(tmp_path, host)) == (
        f"DOCKER_HOST: expected a Docker engine at {host}, got no answer in time - start it, or correct DOCKER_HOST"
    )


async def test_a_host_that_swallows_connections(tmp_path, monkeypatch):
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as queue:
        for _ in range(4):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        host = f"tcp://127.0.0.1:{full.getsockname()[1]}"
        assert await refused(environment(tmp_path, host)) == (
            f"DOCKER_HOST: expected a Docker engine at {host}, got no answer in time - start it, or correct DOCKER_HOST"
        )


async def test_no_permission_on_the_socket_names_the_group_to_join(tmp_path, an_engine):
    with no_permission(an_engine, "docker"):
        message = await refused(environment(tmp_path, an_engine.host))
    assert message == (
        f"DOCKER_HOST: expected permission to use the Docker engine at {an_engine.host}, got none for the user mara - "
        f"run `sudo usermod -aG docker mara`, then log out and in again"
    )


async def test_no_permission_yet_for_a_user_who_joined_the_group_after_logging_in(tmp_path, an_engine, monkeypatch):
    monkeypatch.setattr("jupyter_workbench.targets.docker.engines.unreachable._groups_to_be", lambda _: {"docker"})
    with no_permission(an_engine, "docker"):
        message = await refused(environment(tmp_path, an_engine.host))
    assert message == (
        f"DOCKER_HOST: expected permission to use the Docker engine at {an_engine.host}, got none for the user mara - "
        f"log out and in again: you are in the group docker since then"
    )


async def test_no_permission_on_a_socket_of_root_alone(tmp_path, an_engine):
    with no_permission(an_engine, "root"):
        message = await refused(environment(tmp_path, an_engine.host))
    assert message == (
        f"DOCKER_HOST: expected permission to use the Docker engine at {an_engine.host}, got none for the user mara - "
        f"name an engine of your own in DOCKER_HOST"
    )


def test_the_users_groups_are_those_of_the_next_session():
    from jupyter_workbench.targets.docker.engines.unreachable import _groups_to_be

    assert _groups_to_be("no such user") == set()
    assert len(_groups_to_be(getpass.getuser())) > 0


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (lambda request: request.reply({"message": "page not found"}, 404), "HTTP status 404"),
        ({"name": "nginx"}, "its answer is not Docker's"),
        (["nginx"], "its answer is not Docker's"),
        (lambda request: request.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n"), "it does not speak HTTP"),
    ],
)
async def test_an_endpoint_that_is_no_engine(tmp_path, an_engine, answer, got):
    an_engine.answers["/version"] = answer
    assert await refused(environment(tmp_path, an_engine.host)) == (
        f"DOCKER_HOST: expected a Docker engine at {an_engine.host}, got another server ({got}) - correct DOCKER_HOST"
    )


async def test_an_engine_that_wants_an_encrypted_connection(tmp_path, an_engine):
    words = "Client sent an HTTP request to an HTTPS server."
    an_engine.answers["/version"] = lambda request: request.reply({"message": words}, 400)
    assert await refused(environment(tmp_path, an_engine.host)) == (
        f"DOCKER_HOST: expected a Docker engine at {an_engine.host}, got one that wants an encrypted connection - "
        f"set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH"
    )


async def test_only_an_engine_that_does_not_answer_is_stopped(tmp_path, an_engine, short_folder):
    async def is_stopped(host):
        with pytest.raises(EngineError) as caught:
            await connect(environment(tmp_path, host))
        return caught.value.is_stopped

    assert await is_stopped(f"unix://{short_folder}/none.sock")
    for words in "page not found", "Client sent an HTTP request to an HTTPS server.":
        an_engine.answers["/version"] = lambda request, words=words: request.reply({"message": words}, 400)
        assert not await is_stopped(an_engine.host)


async def test_credentials_that_cannot_be_read(tmp_path, an_engine):
    file = tmp_path / "config.json"
    file.write_text('{"auths": {"registry.example.com": {"auth": "no base64"}}}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_CONFIG", str(tmp_path))
        message = await refused(environment(tmp_path, an_engine.host, DOCKER_CONFIG=str(tmp_path)))
    assert message == (
        f"{file}: expected credentials of registries, got some that cannot be read - correct the file, or remove it"
    )


async def test_an_engine_that_never_answered_leaves_no_thread(tmp_path, short_folder):
    before = threading.active_count()
    await refused(environment(tmp_path, f"unix://{short_folder}/docker.sock"))
    left = [thread for thread in threading.enumerate() if thread.name.startswith("docker ")]
    for thread in left:
        await asyncio.to_thread(thread.join)
    assert threading.active_count() <= before + 1  # one of the event loop's own


async def test_what_an_engine_says_about_itself(tmp_path, an_engine):
    engine = await connect(environment(tmp_path, an_engine.host))
    assert (engine.endpoint, engine.id, engine.architecture) == (an_engine.host, "ONE", "x86_64")
    assert (engine.is_podman, engine.is_rootless, engine.api_version) == (False, False, "1.41")


async def test_podman_is_known_by_its_name_and_has_an_id_that_stays(tmp_path, an_engine):
    an_engine.answers["/version"] = VERSION | {"Components": [{"Name": "Podman Engine"}], "Arch": "arm64"}
    an_engine.answers["/info"] = INFO | {"Rootless": True}
    engine = await connect(environment(tmp_path, an_engine.host))
    assert (engine.is_podman, engine.is_rootless, engine.architecture) == (True, True, "aarch64")
    assert engine.id == f"podman {an_engine.host}"


async def test_a_rootless_docker_is_known_by_its_security_options(tmp_path, an_engine):
    an_engine.answers["/info"] = INFO | {"SecurityOptions": ["name=rootless"]}
    assert (await connect(environment(tmp_path, an_engine.host))).is_rootless


async def test_a_kept_engine_costs_no_question(tmp_path, an_engine):
    first = await connect(environment(tmp_path, an_engine.host))
    asked = list(an_engine.asked)
    assert await connect(environment(tmp_path, an_engine.host)) is first
    assert an_engine.asked == asked


async def test_two_that_connect_at_once_share_one_connection(tmp_path, an_engine):
    variables = environment(tmp_path, an_engine.host)
    first, second = await asyncio.gather(connect(variables), connect(variables))
    assert first is second
    assert an_engine.asked == ["/version", "/v1.41/info"]


async def test_proxies_of_the_environment_are_not_asked_for_an_engine(tmp_path, an_engine, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with await on_a_port(an_engine) as server:
        port = server.sockets[0].getsockname()[1]
        engine = await connect(environment(tmp_path, f"tcp://127.0.0.1:{port}"))
        assert engine.id == "ONE"
        await engine.close()


async def test_calls_run_in_threads_of_the_engine_and_not_of_the_loop(tmp_path, an_engine):
    engine = await connect(environment(tmp_path, an_engine.host))
    name = await engine.call(lambda _: threading.current_thread().name)
    assert name.startswith(f"docker {an_engine.host}")


async def test_errors_of_the_sdk_pass_through(tmp_path, an_engine):
    import docker.errors

    engine = await connect(environment(tmp_path, an_engine.host))
    with pytest.raises(docker.errors.NotFound):
        await engine.call(lambda client: client.containers.get("nothing"))


async def test_other_errors_of_a_call_pass_through(tmp_path, an_engine):
    engine = await connect(environment(tmp_path, an_engine.host))
    with pytest.raises(FileNotFoundError):
        await engine.call(lambda _: Path("/nowhere").read_text())


async def test_an_error_that_a_call_makes_of_a_silent_engine_is_its_own(tmp_path, an_engine):
    an_engine.answers["/_ping"] = lambda request: request.wait_until_the_client_is_gone()
    engine = await connect(environment(tmp_path, an_engine.host))

    def ask_and_give_up(client) -> None:
        client.api.timeout = 0.1
        try:
            client.ping()
        except OSError as error:
            raise TargetError("it takes too long") from error

    with pytest.raises(TargetError, match="it takes too long"):
        await engine.call(ask_and_give_up)


async def test_a_cancelled_call_is_waited_for(tmp_path, an_engine):
    engine = await connect(environment(tmp_path, an_engine.host))
    begun, may_end, has_ended = threading.Event(), threading.Event(), threading.Event()

    def work(_: object) -> None:
        begun.set()
        may_end.wait()
        has_ended.set()

    call = asyncio.create_task(engine.call(work))
    await asyncio.to_thread(begun.wait)
    call.cancel()
    await asyncio.sleep(0)
    call.cancel()  # one who is in a hurry
    await asyncio.sleep(0)
    assert not call.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert has_ended.is_set()


async def test_a_cancelled_call_that_did_not_begin_never_does(tmp_path, an_engine):
    engine = await connect(environment(tmp_path, an_engine.host))
    may_end, has_run = threading.Event(), threading.Event()
    busy = [asyncio.create_task(engine.call(lambda _: may_end.wait())) for _ in range(engines.THREADS)]
    await asyncio.sleep(0)
    call = asyncio.create_task(engine.call(lambda _: has_run.set()))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    may_end.set()
    await asyncio.gather(*busy)
    assert not has_run.is_set()


async def test_an_engine_that_stopped_is_told_and_its_return_noticed(tmp_path, short_folder):
    path = short_folder / "docker.sock"
    with running(path) as an_engine:
        engine = await connect(environment(tmp_path, an_engine.host))
        assert await engine.call(lambda client: client.ping())
    with pytest.raises(EngineError) as caught:
        await engine.call(lambda client: client.ping())
    assert str(caught.value) == (
        f"DOCKER_HOST: expected a Docker engine at unix://{path}, got no answer (No such file or directory) - "
        f"start it, or correct DOCKER_HOST"
    )
    with running(path) as restarted:
        restarted.answers["/info"] = INFO | {"ID": "TWO"}
        assert await engine.call(lambda client: client.ping())
        assert engine.id == "TWO"


async def test_an_engine_that_was_restarted_between_two_calls_is_not_even_noticed(tmp_path, short_folder):
    path = short_folder / "docker.sock"
    with running(path) as an_engine:
        engine = await connect(environment(tmp_path, an_engine.host))
        await engine.call(lambda client: client.ping())
    with running(path):
        assert await engine.call(lambda client: client.ping())


async def test_an_engine_that_stops_in_the_middle_of_a_call(tmp_path, an_engine):
    engine = await connect(environment(tmp_path, an_engine.host))
    an_engine.answers["/_ping"] = lambda request: request.connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(EngineError) as caught:
        await engine.call(lambda client: client.ping())
    assert str(caught.value) == (
        f"DOCKER_HOST: expected a Docker engine at {an_engine.host}, got a connection that broke off - "
        f"start it, or correct DOCKER_HOST"
    )


async def test_a_stream_yields_what_the_engine_sends(tmp_path, an_engine):
    def stream(request):
        request.begin_stream()
        for number in range(1000):
            request.chunk({"id": number})
        request.wfile.write(b"0\r\n\r\n")

    an_engine.answers["/events"] = stream
    engine = await connect(environment(tmp_path, an_engine.host))
    assert [event["id"] async for event in engine.stream(_events)] == list(range(1000))


def _events(client):
    return client.events(decode=True)


@pytest.mark.parametrize("begins", [True, False], ids=["in the middle", "before it began"])
async def test_cancelling_a_stream_closes_its_connection_at_once(tmp_path, an_engine, begins):
    def stream(request):
        if begins:
            request.begin_stream()
            request.chunk({"id": 1})
        request.wait_until_the_client_is_gone()

    an_engine.answers["/events"] = stream
    engine = await connect(environment(tmp_path, an_engine.host))

    async def follow() -> None:
        async for _ in engine.stream(_events):
            pass

    task = asyncio.create_task(follow())
    await asyncio.to_thread(an_engine.is_waiting.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(an_engine.client_is_gone.wait, 5)


async def test_a_stream_that_is_closed_leaves_no_thread(tmp_path, an_engine):
    def stream(request):
        request.begin_stream()
        request.chunk({"id": 1})
        request.wait_until_the_client_is_gone()

    an_engine.answers["/events"] = stream
    engine = await connect(environment(tmp_path, an_engine.host))
    async with contextlib.aclosing(engine.stream(_events)) as events:
        assert (await anext(events))["id"] == 1
        reader = next(each for each in threading.enumerate() if each.name == f"stream {an_engine.host}")
    await asyncio.to_thread(reader.join, 5)
    assert not reader.is_alive()


async def test_a_stream_that_nobody_reads_fast_enough_does_not_fill_the_memory(tmp_path, an_engine):
    engine = await connect(environment(tmp_path, an_engine.host))
    taken = []

    def numbers(_):
        for number in range(100_000):
            taken.append(number)
            yield number

    async with contextlib.aclosing(engine.stream(numbers)) as items:
        await anext(items)
        await asyncio.sleep(0.1)  # the reader's chance to run away
        assert len(taken) < 1000


async def test_an_engine_that_stops_in_the_middle_of_a_stream(tmp_path, an_engine):
    def stream(request):
        request.begin_stream()
        request.wfile.write(b"ff\r\n{")
        request.connection.shutdown(socket.SHUT_RDWR)

    an_engine.answers["/images/create"] = stream
    engine = await connect(environment(tmp_path, an_engine.host))
    with pytest.raises(EngineError) as caught:
        async for _ in engine.stream(lambda client: client.api.pull("debian", stream=True, decode=True)):
            pass
    assert str(caught.value) == (
        f"DOCKER_HOST: expected a Docker engine at {an_engine.host}, got a connection that broke off - "
        f"start it, or correct DOCKER_HOST"
    )


async def test_more_streams_than_threads_leave_room_for_calls(tmp_path, an_engine):
    an_engine.answers["/events"] = lambda request: request.wait_until_the_client_is_gone()
    engine = await connect(environment(tmp_path, an_engine.host))
    streams = [engine.stream(_events) for _ in range(engines.THREADS + 2)]
    waiting = [asyncio.create_task(anext(stream)) for stream in streams]
    await asyncio.to_thread(an_engine.is_waiting.wait)
    assert await engine.call(lambda client: client.ping())
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_closed_engine_is_connected_to_anew(tmp_path, an_engine):
    variables = environment(tmp_path, an_engine.host)
    first = await connect(variables)
    await first.close()
    assert await connect(variables) is not first


def test_importing_the_target_does_not_import_the_sdk():
    look = (
        "import sys, jupyter_workbench.targets.docker.checks, jupyter_workbench.targets.docker.images.images;"
        "sys.exit(any(name in sys.modules for name in ('docker', 'requests', 'urllib3')))"
    )
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
