"""A project is copied into a volume of a real engine, and what the kernel writes there comes back."""

from __future__ import annotations

import asyncio
import io
import json
import os
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

import docker
import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.copying import copies
from jupyter_workbench.targets.docker.copying.project_files import MANIFEST
from jupyter_workbench.targets.docker.copying.tars import RefusedError
from jupyter_workbench.targets.progress import Progress

from .copied import LONG_AGO, USER, Copies, a_copied_project

pytestmark = pytest.mark.live

MEGABYTE = 1 << 20
STRANGE = ["a b", 'it\'s "a" name', "é 木", "x" * 200, os.fsdecode(b"\xff\xfe"), "-rf"]


@pytest.fixture(params=["docker", "podman"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment of a user of each engine."""
    request.getfixturevalue("isolated_owner" if request.param == "docker" else "podman_engine")
    return dict(os.environ)


@pytest.fixture
async def copied(environment: dict[str, str], base_image: str, tmp_path: Path) -> AsyncIterator[Copies]:
    """A copied project on each engine."""
    async with a_copied_project(environment, base_image, tmp_path / 'it\'s my "Iris" é') as found:
        yield found


@pytest.fixture
async def on_docker(engine_environment: dict[str, str], base_image: str, tmp_path: Path) -> AsyncIterator[Copies]:
    """A copied project on Docker, for what does not depend on the engine."""
    async with a_copied_project(engine_environment, base_image, tmp_path / "project") as found:
        yield found


async def test_files_are_in_the_container_before_it_starts_and_belong_to_the_user(copied: Copies) -> None:
    copied.write("deep/run.sh", "#!/bin/sh\necho it runs", 0o755)
    copied.write("data.csv", "1,2", 0o640)
    (copied.project / "outputs").mkdir()
    (copied.project / "link").symlink_to("data.csv")
    container = await copied.started()
    script = "stat -c '%n %u:%g %a' . outputs; stat -c '%n %u:%g %a %Y' deep/run.sh data.csv; touch outputs/x new"
    assert await copied.inside(container, script + "; cat link; deep/run.sh") == (
        ". 4321:4322 755\n"
        "outputs 4321:4322 755\n"
        f"deep/run.sh 4321:4322 755 {LONG_AGO}\n"
        f"data.csv 4321:4322 640 {LONG_AGO}\n"
        "1,2it runs\n"
    )


async def test_any_name_arrives(copied: Copies) -> None:
    for name in STRANGE:
        copied.write(name, "12")
    container = await copied.started()
    said = await copied.inside(container, "find . -type f -size -3c -print0")
    assert {name[2:] for name in said.split("\0")[:-1]} == set(STRANGE)


async def test_progress_tells_files_and_bytes(copied: Copies) -> None:
    copied.write("a", "x" * 3_400_000)
    copied.write("b", "")
    summary = await copied.bring_in(await copied.create())
    assert summary == copies.CopySummary(2, 3_400_000, 2, 3_400_000)
    message = "Copying 2 files (3.4 MB)"
    assert copied.progress[0] == Progress("project", message, 0, 3_400_000, "bytes")
    assert copied.progress[-1] == Progress("project", message, 3_400_000, 3_400_000, "bytes")


async def test_of_an_unchanged_project_nothing_is_sent(copied: Copies) -> None:
    for number in range(1000):
        copied.write(f"{number % 20}/{number}", "x")
    container = await copied.create()
    await copied.bring_in(container)
    before = await copied.engine.call(lambda client: client.api.get_archive(container, f"/azureml-run/{MANIFEST}")[1])
    assert await copied.bring_in(await copied.create()) == copies.CopySummary(1000, 1000, 0, 0)
    after = await copied.engine.call(lambda client: client.api.get_archive(container, f"/azureml-run/{MANIFEST}")[1])
    assert (copied.progress, after) == ([], before)


async def test_what_changed_is_sent_and_what_is_gone_is_removed(copied: Copies) -> None:
    for name in ("same", "changed", "gone", "folder/gone too", "folder to file/x", "file to folder"):
        copied.write(name, "old")
    await copied.bring_in(await copied.create())
    copied.write("changed", "newer")
    copied.write("new", "new")
    for name in ("gone", "folder/gone too", "folder to file/x", "file to folder"):
        (copied.project / name).unlink()
    (copied.project / "folder").rmdir()
    (copied.project / "folder to file").rmdir()
    copied.write("folder to file", "now")
    copied.write("file to folder/x", "now")
    container = await copied.create()
    assert await copied.bring_in(container) == copies.CopySummary(5, 17, 4, 14)
    await copied.engine.call(lambda client: client.api.start(container))
    assert await copied.inside(container, f"find . -type f ! -name {MANIFEST} | sort | xargs -d '\\n' grep ''") == (
        "./changed:newer\n./file to folder/x:now\n./folder to file:now\n./new:new\n./same:old\n"
    )
    assert sorted(await copied.names()) == sorted(copied.containers)


async def test_a_file_that_was_only_touched_is_not_sent(on_docker: Copies) -> None:
    path = on_docker.write("x", "1")
    container = await on_docker.create()
    await on_docker.bring_in(container)
    os.utime(path, (LONG_AGO + 5, LONG_AGO + 5))
    assert (await on_docker.bring_in(container)).sent_files == 0


async def test_a_change_that_keeps_size_and_time_just_after_a_copy_is_sent(on_docker: Copies) -> None:
    path = on_docker.project / "x"
    path.write_text("1")
    container = await on_docker.create()
    await on_docker.bring_in(container)
    before = path.stat()
    path.write_text("2")
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))
    assert (await on_docker.bring_in(container)).sent_files == 1


async def test_what_the_kernel_removed_stays_so_until_the_file_changes(on_docker: Copies) -> None:
    on_docker.write("deep/x", "1")
    container = await on_docker.started()
    await on_docker.inside(container, "rm -r deep")
    assert (await on_docker.bring_in(container)).sent_files == 0
    on_docker.write("deep/x", "22")
    await on_docker.bring_in(container)
    assert await on_docker.inside(container, "cat deep/x; stat -c %u deep") == "224321\n"


@pytest.mark.parametrize(
    "script",
    [
        "rm .jupyter-workbench-copied.json",
        "echo '{' > .jupyter-workbench-copied.json",
        "rm .jupyter-workbench-copied.json; mkdir .jupyter-workbench-copied.json",
        "ln -sf /etc/passwd .jupyter-workbench-copied.json",
        "ln -sf /dev/zero .jupyter-workbench-copied.json",
        "rm .jupyter-workbench-copied.json; mkfifo .jupyter-workbench-copied.json",
        "truncate -s 1T .jupyter-workbench-copied.json",
    ],
)
async def test_with_a_broken_manifest_everything_is_copied(on_docker: Copies, script: str) -> None:
    on_docker.write("x", "1")
    container = await on_docker.started()
    await on_docker.inside(container, script)
    assert (await on_docker.bring_in(container)).sent_files == 1
    assert (await on_docker.bring_in(container)).sent_files == 0


async def test_a_manifest_that_lies_removes_nothing_elsewhere(on_docker: Copies) -> None:
    on_docker.write("x", "1")
    container = await on_docker.started()
    await on_docker.inside(container, "mkdir mine; echo 1 > mine/kept; ln -s mine link")
    text = json.loads(await on_docker.inside(container, f"cat {MANIFEST}"))
    text["entries"] |= {"link/kept": ["file", 420, 2, None, ""]}
    script = f"cat > {MANIFEST} <<'END'\n{json.dumps(text)}\nEND"
    await on_docker.inside(container, script)
    await on_docker.bring_in(container)
    assert await on_docker.inside(container, "cat mine/kept") == "1\n"


async def test_files_that_the_kernel_made_read_only_are_removed_too(copied: Copies) -> None:
    path = copied.write("deep/x", "1")
    container = await copied.started()
    await copied.inside(container, "chmod 400 deep/x; chmod 500 deep")
    path.unlink()
    path.parent.rmdir()
    await copied.bring_in(container)
    assert await copied.inside(container, f"ls -A | grep -v {MANIFEST} || true") == ""


async def test_files_of_the_kernel_in_a_folder_that_is_gone_stay(on_docker: Copies) -> None:
    path = on_docker.write("deep/x", "1")
    container = await on_docker.started()
    await on_docker.inside(container, "echo mine > deep/mine")
    path.unlink()
    path.parent.rmdir()
    await on_docker.bring_in(container)
    assert await on_docker.inside(container, "ls deep") == "mine\n"


async def test_another_user_gets_everything_anew(on_docker: Copies) -> None:
    on_docker.write("x", "1")
    container = await on_docker.started()
    await copies.bring_in(on_docker.engine, container, on_docker.project, (77, 78))
    assert await on_docker.inside(container, "stat -c %u:%g . x") == "77:78\n77:78\n"


async def test_a_copy_that_is_cancelled_goes_on_at_the_next_start(on_docker: Copies) -> None:
    for number in range(4):
        with on_docker.write(f"{number}").open("wb") as file:
            file.truncate(100 * MEGABYTE)
    container, begun = await on_docker.create(), asyncio.Event()

    def report(progress: Progress) -> None:
        if (progress.done or 0) > 10 * MEGABYTE:
            begun.set()

    task = asyncio.create_task(copies.bring_in(on_docker.engine, container, on_docker.project, USER, report))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (on_docker.project / "0").unlink()
    (on_docker.project / "3").write_text("3")
    summary = await on_docker.bring_in(container)
    assert (summary.files, summary.sent_files) == (3, 3)
    await on_docker.engine.call(lambda client: client.api.start(container))
    assert await on_docker.inside(container, "stat -c '%n %s' *") == f"1 {100 * MEGABYTE}\n2 {100 * MEGABYTE}\n3 1\n"


async def test_two_starts_at_once_make_one_copy(on_docker: Copies) -> None:
    on_docker.write("x", "1")
    containers = [await on_docker.create() for _ in range(4)]
    done = await asyncio.gather(*map(on_docker.bring_in, containers))
    assert sum(summary.sent_files for summary in done) == 1


async def test_a_volume_that_is_made_many_times_at_once_is_one(copied: Copies) -> None:
    made = await asyncio.gather(*(copies.project_volume(copied.engine, "key") for _ in range(20)))
    assert set(made) == {copied.volume} == {f"jupyter-workbench-{labels.owner()}-project-key"}
    found = await copied.engine.call(lambda client: client.api.inspect_volume(copied.volume))
    assert found["Labels"] == {labels.KIND: "project", labels.OWNER: labels.owner(), labels.PROJECT: "key"}


async def test_a_volume_of_somebody_else_is_not_used(on_docker: Copies) -> None:
    name = f"jupyter-workbench-{labels.owner()}-project-other"
    await on_docker.engine.call(lambda client: client.api.create_volume(name))
    try:
        with pytest.raises(TargetError) as caught:
            await copies.project_volume(on_docker.engine, "other")
    finally:
        await on_docker.engine.call(lambda client: client.api.remove_volume(name))
    assert str(caught.value) == (
        f"expected the volume {name} to be made by jupyter_workbench, got one that is not - "
        f"remove it with `docker volume rm {name}`, or keep its files elsewhere first"
    )


async def test_a_container_that_works_in_the_project_itself_is_never_copied_into(on_docker: Copies) -> None:
    on_docker.write("x", "1")
    container = await on_docker.create({"Type": "bind", "Source": str(on_docker.project), "Target": "/azureml-run"})
    with pytest.raises(ValueError, match="has no volume at /azureml-run"):
        await on_docker.bring_in(container)
    assert [path.name for path in on_docker.project.iterdir()] == ["x"]


async def test_an_engine_without_room_is_told(on_docker: Copies) -> None:
    on_docker.write("x", b"x" * 3 * MEGABYTE)
    name = f"{on_docker.volume}-tiny"
    tiny = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    await on_docker.engine.call(lambda client: client.api.create_volume(name, driver_opts=tiny))
    try:
        container = await on_docker.create({"Type": "volume", "Source": name, "Target": "/azureml-run"})
        with pytest.raises(TargetError) as caught:
            await on_docker.bring_in(container)
        await on_docker.engine.call(lambda client: client.api.remove_container(container))
    finally:
        await on_docker.engine.call(lambda client: client.api.remove_volume(name))
    expected = r"The project cannot be copied into the container: .*no space left on device.* - "
    caught.match(expected + "make room on the engine, or list what the kernel does not need in .gitignore")


async def test_an_image_without_python_cannot_remove_files_and_that_is_told(on_docker: Copies) -> None:
    path = on_docker.write("x", "1")
    image = await on_docker.engine.call(_an_image_of_nothing)
    try:
        container = await on_docker.create(image=image)
        await on_docker.bring_in(container)
        path.unlink()
        with pytest.raises(TargetError) as caught:
            await on_docker.bring_in(container)
        assert await on_docker.names() == [container]
        await on_docker.engine.call(lambda client: client.api.remove_container(container))
    finally:
        await on_docker.engine.call(lambda client: client.api.remove_image(image))
    assert str(caught.value).startswith(
        "Files that are no longer in the project cannot be removed from its copy in the container: "
    )
    assert 'exec: "python3": executable file not found in $PATH' in str(caught.value)
    assert str(caught.value).endswith(
        f" - remove the copy with `docker volume rm {on_docker.volume}`: the next start makes a new one"
    )


def _an_image_of_nothing(client: docker.DockerClient) -> str:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("nothing"))
    return json.loads(client.api.import_image_from_data(file.getvalue()).splitlines()[-1])["status"]


@pytest.mark.parametrize("is_running", [True, False], ids=["running", "ended"])
async def test_outputs_come_back(copied: Copies, is_running: bool) -> None:
    copied.write("outputs/changed", "old")
    copied.write("outputs/same", "same")
    container = await copied.started()
    script = "printf new > outputs/changed; mkdir outputs/deep; printf 1 > 'outputs/deep/é \" x'; printf 2 > elsewhere"
    await copied.inside(container, script + "; chmod +x outputs/changed; touch -d @1500000000 outputs/deep/*")
    if not is_running:
        await copied.end(container)
    assert sorted(await copied.bring_back(container)) == ["outputs/changed", 'outputs/deep/é " x']
    assert (copied.project / "outputs" / "changed").read_text() == "new"
    assert os.access(copied.project / "outputs" / "changed", os.X_OK)
    assert (copied.project / "outputs" / "deep" / 'é " x').stat().st_mtime == 1_500_000_000
    assert not (copied.project / "elsewhere").exists()
    assert (await copied.bring_back(container), copied.told) == ((), [])
    assert (await copied.bring_in(await copied.create())).sent_files == 0


async def test_a_kernel_without_outputs_brings_nothing_back(copied: Copies) -> None:
    assert await copied.bring_back(await copied.started()) == ()


async def test_an_output_that_was_changed_here_too_comes_beside_it(copied: Copies) -> None:
    path = copied.write("outputs/x", "old")
    container = await copied.started()
    await copied.inside(container, "printf theirs > outputs/x")
    path.write_text("mine")
    assert await copied.bring_back(container) == ("outputs/x.from-docker",)
    assert (path.read_text(), (copied.project / "outputs/x.from-docker").read_text()) == ("mine", "theirs")
    assert copied.told == [
        "outputs/x was changed on this machine and in the container: the container's is in outputs/x.from-docker"
    ]
    assert await copied.bring_back(container) == ()


async def test_an_output_that_was_brought_back_and_removed_here_goes_from_the_copy(copied: Copies) -> None:
    container = await copied.started()
    await copied.inside(container, "mkdir outputs; echo 1 > outputs/x")
    await copied.bring_back(container)
    (copied.project / "outputs" / "x").unlink()
    await copied.bring_in(container)
    assert await copied.inside(container, "ls outputs") == ""


async def test_ignored_outputs_come_back_again_and_again(on_docker: Copies) -> None:
    on_docker.write(".gitignore", "/outputs\n")
    path = on_docker.write("outputs/x", "of a local kernel")
    for content in ("1", "2"):
        container = await on_docker.started()
        await on_docker.inside(container, f"mkdir -p outputs; printf {content} > outputs/x")
        assert await on_docker.bring_back(container) == ("outputs/x",)
        assert (path.read_text(), on_docker.told) == (content, [])
    path.write_text("of a local kernel again")
    container = await on_docker.started()
    assert await on_docker.inside(container, "ls outputs") == ""
    await on_docker.inside(container, "printf 3 > outputs/x")
    path.write_text("of a local kernel meanwhile")
    assert await on_docker.bring_back(container) == ("outputs/x.from-docker",)


async def test_what_a_kernel_plants_in_outputs_stays_there(copied: Copies, tmp_path: Path) -> None:
    container = await copied.started()
    await copied.inside(
        container,
        f"mkdir outputs; cd outputs; ln -s {tmp_path} out; ln -s /etc/passwd passwd; mkfifo pipe; echo 1 > x; ln x y",
    )
    assert await copied.bring_back(container) == ("outputs/x",)
    assert sorted(sentence.split(": ")[0] for sentence in copied.told) == [
        f"outputs/{name}" for name in ("out", "passwd", "pipe", "y")
    ]


@pytest.mark.parametrize("is_running", [True, False], ids=["running", "ended"])
async def test_nothing_of_this_machine_is_behind_a_link_of_the_container(
    copied: Copies, tmp_path: Path, is_running: bool
) -> None:
    (tmp_path / "secret").write_text("secret")
    container = await copied.started()
    await copied.inside(container, f"ln -s {tmp_path} outputs; ln -s {tmp_path}/secret x; ln -s / root")
    if not is_running:
        await copied.end(container)
    assert await copied.bring_back(container) == ()
    for name in ("x", f"root{tmp_path}/secret"):
        with pytest.raises((RefusedError, FileNotFoundError)):
            await copies.fetch_file(copied.engine, container, f"/azureml-run/{name}", tmp_path / "got")


async def test_outputs_that_are_a_link_bring_nothing_back(on_docker: Copies) -> None:
    container = await on_docker.started()  # Podman follows the link, inside the container
    await on_docker.inside(container, "ln -s /etc outputs")
    assert await on_docker.bring_back(container) == ()
    assert not (on_docker.project / "outputs").exists()


async def test_a_file_that_grows_meanwhile_does_not_break_the_others(on_docker: Copies) -> None:
    """Podman's archives may end early then: what is missing comes when the kernel ends."""
    container = await on_docker.started()
    await on_docker.inside(container, "mkdir outputs; echo 1 > outputs/z; (while :; do echo grow >> outputs/a; done) &")
    assert "outputs/z" in await on_docker.bring_back(container)


async def test_half_a_gigabyte_goes_both_ways_and_is_never_in_memory(on_docker: Copies) -> None:
    size = 512 * MEGABYTE
    with on_docker.write("big").open("wb") as file:
        file.truncate(size)
    container = await on_docker.create()
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from now on (proc_pid_clear_refs(5))
    before = _peak_kilobytes()
    await on_docker.bring_in(container)
    await on_docker.engine.call(lambda client: client.api.start(container))
    await on_docker.inside(container, "mkdir outputs; mv big outputs/big")
    assert await on_docker.bring_back(container) == ("outputs/big",)
    assert (on_docker.project / "outputs" / "big").stat().st_size == size
    assert _peak_kilobytes() - before < 32 * 1024


def _peak_kilobytes() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


async def test_a_file_is_fetched_with_its_size(copied: Copies, tmp_path: Path) -> None:
    container = await copied.started()
    await copied.inside(container, "echo 12 > records")
    target = tmp_path / "records"
    assert await copies.fetch_file(copied.engine, container, "/azureml-run/records", target, limit=3) == 3
    assert (target.read_text(), oct(target.stat().st_mode & 0o777)) == ("12\n", "0o600")
    await copied.inside(container, "echo 123 > records")
    with pytest.raises(RefusedError, match=r"^expected at most 3 bytes, got 4$"):
        await copies.fetch_file(copied.engine, container, "/azureml-run/records", target, limit=3)
    assert target.read_text() == "12\n"
    with pytest.raises(RefusedError, match=r"^expected a file, got a folder$"):
        await copies.fetch_file(copied.engine, container, "/azureml-run", target)


async def test_a_file_or_container_that_is_not_there_is_told_apart(copied: Copies, tmp_path: Path) -> None:
    container = await copied.started()
    with pytest.raises(FileNotFoundError):
        await copies.fetch_file(copied.engine, container, "/azureml-run/x", tmp_path / "x")
    await copied.engine.call(lambda client: client.api.remove_container(container, force=True))
    with pytest.raises(docker.errors.NotFound):
        await copies.fetch_file(copied.engine, container, "/azureml-run/x", tmp_path / "x")


async def test_a_file_that_grows_is_fetched_as_far_as_it_was(copied: Copies, tmp_path: Path) -> None:
    container = await copied.started()
    await copied.inside(container, "echo 12345 > x; (while :; do echo 12345 >> x; done) &")
    size = await copies.fetch_file(copied.engine, container, "/azureml-run/x", tmp_path / "x")
    assert (tmp_path / "x").stat().st_size == size
    assert set((tmp_path / "x").read_text().splitlines()[:-1]) <= {"12345"}


async def test_a_folder_of_ours_goes_in_and_what_is_wanted_of_it_comes_out(copied: Copies, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "blobs").mkdir(parents=True)
    target.mkdir()
    for name in ("records.jsonl", "blobs/a", "other"):
        (source / name).write_text(name)
    (source / "blobs" / "link").symlink_to("/etc/passwd")
    container = await copied.create()
    await copies.put_tree(copied.engine, container, source, PurePosixPath("/azureml-kernel"), USER)
    await copied.engine.call(lambda client: client.api.start(container))
    assert await copied.inside(container, "stat -c %u:%a /azureml-kernel/blobs") == "4321:700\n"
    fetched = await copies.fetch_tree(
        copied.engine, container, "/azureml-kernel", target, only=lambda path: path.parts[0] != "other"
    )
    assert fetched == copies.Fetched(2, 20, ("azureml-kernel/blobs/link: a link to /etc/passwd",))
    assert sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()) == [
        "blobs/a",
        "records.jsonl",
    ]
    with pytest.raises(RefusedError, match=r"^expected at most 10 bytes, got "):
        await copies.fetch_tree(copied.engine, container, "/azureml-kernel", target, limit=10)
