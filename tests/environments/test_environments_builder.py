"""The builder, run for real: uv, a package index in a folder, and a folder in place of the volume."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from building import BUILDER, Volume

HANGING = "import os, time\nopen({path!r}, 'w').write(str(os.getpid()) + chr(10))\ntime.sleep(600)\n"


@pytest.fixture
def volume(tmp_path: Path, an_index) -> Volume:
    return Volume(tmp_path / "volume", an_index.option)


@pytest.fixture
def own_backend(tmp_path: Path, an_index):
    """Publish a source distribution that is built by a few lines of its own."""

    def publish(name: str, building: str) -> None:
        folder = tmp_path / f"{name}-1.0"
        folder.mkdir()
        (folder / "pyproject.toml").write_text(
            f'[project]\nname = "{name}"\nversion = "1.0"\n'
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        )
        (folder / "PKG-INFO").write_text(f"Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\n")
        (folder / "backend.py").write_text(
            "def build_wheel(*_, **__):\n" + "".join(f"    {line}\n" for line in building.splitlines())
        )
        archive = tmp_path / f"{name}-1.0.tar.gz"
        subprocess.run(["tar", "-czf", archive, "-C", tmp_path, folder.name], check=True)
        an_index.publish(name, archive)

    return publish


def run_in(environment: Path, code: str) -> str:
    return subprocess.run(
        [environment / "bin" / "python", "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def pid_in(file: Path, running: subprocess.Popen[str]) -> int:
    """Return the process id that a backend writes when it hangs."""
    wait_until(lambda: running.poll() is not None or (file.exists() and file.read_text().endswith("\n")))
    return int(file.read_text())


def is_running(pid: int) -> bool:
    """Say whether a process is there; one that has ended, and that nobody has asked for, is not."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def compiled(environment: Path) -> set[str]:
    return {path.name.partition(".")[0] for path in environment.glob("lib/*/site-packages/**/__pycache__/*.pyc")}


def test_an_environment_has_what_was_asked_for_and_pip(volume, an_index):
    an_index.add("numpy", "1.0", requires=["helper"])
    an_index.add("helper", "2.0", {"helper_of_numpy.py": ""})
    volume.build("one", "ipykernel>=5.5", "numpy")
    assert run_in(volume.environment("one"), "import numpy, pip, ipykernel.kernelapp; print(numpy.VERSION)") == "1.0"


def test_the_ready_line_and_the_file_tell_the_same_facts(volume, an_index):
    began = time.time()
    ready = volume.build("one", "ipykernel").ready
    version = "{}.{}.{}".format(*sys.version_info)
    packages = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    assert began <= ready.pop("created") <= time.time()
    assert ready.pop("bytes") > 0
    assert ready.pop("seconds") > 0
    assert (Path(ready.pop("home")) / "python3").exists()
    assert ready == {
        "fingerprint": "one",
        "image": "debian:bookworm",
        "compiled": None,
        "python": version,
        "site_packages": packages,
        "packages": [["ipykernel", "7.0"], ["pip", "26.0"]],
    }
    written = json.loads((volume.environment("one") / "ready.json").read_text())
    assert written["packages"] == [["ipykernel", "7.0"], ["pip", "26.0"]]


def test_each_line_is_a_progress_until_it_is_ready(volume):
    lines = [line for line in volume.build("one", "ipykernel").lines if "said" not in line]
    assert [line.keys() for line in lines[:-1]] == [{"step", "message", "done", "total", "unit"}] * (len(lines) - 1)
    assert lines[-1].keys() == {"ready"}
    assert [(line["message"], line["done"], line["total"]) for line in lines[:-1]] == [
        ("Making an environment", None, None),
        ("Resolving packages", None, None),
        ("Installing 2 packages", 0, 2),
        ("Installing 2 packages", 0, 2),
        ("Installed 2 packages", 2, 2),
        ("Compiling what a kernel imports", None, None),
    ]


def test_what_uv_says_is_passed_on(volume):
    said = volume.build("one", "ipykernel").said
    assert " + ipykernel==7.0" in said
    assert any(line.startswith("Resolved 2 packages in ") for line in said)


def test_files_are_links_to_those_in_the_cache(volume):
    volume.build("one", "ipykernel")
    volume.build("two", "ipykernel", "pip==26.0")
    first, second = (
        next(volume.environment(name).glob("lib/*/site-packages/ipykernel/kernelapp.py")) for name in ("one", "two")
    )
    assert first.stat().st_ino == second.stat().st_ino
    assert first.stat().st_nlink == 3


def test_what_a_kernel_imports_is_compiled_first_and_the_rest_soon(volume, an_index):
    an_index.add("numpy", "1.0")
    with volume.building("one", "ipykernel", "numpy") as running:
        for line in running.stdout:
            if '"ready"' in line:
                assert {"kernelapp", "helper"} <= compiled(volume.environment("one"))
        running.wait()
    assert "numpy" in compiled(volume.environment("one"))


def test_compiled_files_are_not_in_the_cache(volume):
    volume.build("one", "ipykernel")
    assert list((volume.folder / "cache").glob("archive-*/**/*.pyc")) == []


def test_what_another_environment_has_compiled_is_linked(volume, an_index):
    an_index.add("numpy", "1.0")
    volume.build("one", "ipykernel")
    outcome = volume.build("two", "ipykernel", "numpy")
    first, second = (
        next(volume.environment(name).glob("lib/*/site-packages/__pycache__/helper.*.pyc")) for name in ("one", "two")
    )
    assert first.stat().st_ino == second.stat().st_ino
    assert "Compiling what a kernel imports" not in outcome.messages
    assert "numpy" in compiled(volume.environment("two"))
    assert run_in(volume.environment("two"), "import helper; print(helper.__file__)").startswith(
        str(volume.environment("two"))
    )


def test_the_kernel_of_another_image_is_imported_all_the_same(volume):
    volume.build("one", "ipykernel")
    outcome = volume.build("two", "ipykernel", image="debian:trixie")
    assert "Compiling what a kernel imports" in outcome.messages


def test_nothing_is_linked_where_a_package_is_another_version(volume, an_index):
    volume.build("one", "ipykernel")
    an_index.add("ipykernel", "7.1", {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": "VERSION = '7.1'\n"})
    outcome = volume.build("two", "ipykernel")
    assert "Compiling what a kernel imports" in outcome.messages
    assert run_in(volume.environment("two"), "from ipykernel.kernelapp import VERSION; print(VERSION)") == "7.1"


def test_the_versions_of_last_time_are_kept(volume, an_index):
    an_index.add("numpy", "1.0")
    assert ["numpy", "1.0"] in volume.build("one", "ipykernel", "numpy").ready["packages"]
    an_index.add("numpy", "2.0")
    assert ["numpy", "1.0"] in volume.build("one", "ipykernel", "numpy").ready["packages"]
    assert ["numpy", "2.0"] in volume.build("two", "ipykernel", "numpy").ready["packages"]


def test_the_versions_of_last_time_are_kept_after_the_environment_was_removed(volume, an_index):
    an_index.add("numpy", "1.0")
    volume.build("one", "ipykernel", "numpy")
    an_index.add("numpy", "2.0")
    subprocess.run(["rm", "-r", volume.environment("one")], check=True)
    assert ["numpy", "1.0"] in volume.build("one", "ipykernel", "numpy").ready["packages"]


def test_an_upgrade_takes_new_versions(volume, an_index):
    an_index.add("numpy", "1.0")
    volume.build("one", "ipykernel", "numpy")
    an_index.add("numpy", "2.0")
    assert ["numpy", "2.0"] in volume.build("one", "ipykernel", "numpy", upgrade=True).ready["packages"]
    assert run_in(volume.environment("one"), "import numpy; print(numpy.VERSION)") == "2.0"
    assert volume.names == {"one"}


def test_a_lock_of_the_plan_is_kept(volume, an_index):
    an_index.add("numpy", "1.0")
    an_index.add("numpy", "2.0")
    assert ["numpy", "1.0"] in volume.build("one", "ipykernel", "numpy", lock=["numpy==1.0"]).ready["packages"]


def test_versions_that_can_no_longer_be_had_are_given_up(volume):
    outcome = volume.build("one", "ipykernel", lock=["ipykernel==6.0"])
    assert ["ipykernel", "7.0"] in outcome.ready["packages"]
    assert "Resolving packages anew, since the versions of last time cannot be had" in outcome.messages


def test_the_lock_names_every_version(volume):
    volume.build("one", "ipykernel")
    assert (volume.environment("one") / "lock.txt").read_text() == "ipykernel==7.0\npip==26.0\n"


def test_an_upgrade_that_fails_leaves_the_environment_as_it_was(volume):
    volume.build("one", "ipykernel")
    before = (volume.environment("one") / "ready.json").read_bytes()
    assert volume.build("one", "ipykernel", "no-such-package", upgrade=True).error["kind"] == "uv"
    assert (volume.environment("one") / "ready.json").read_bytes() == before
    assert volume.names == {"one"}


def test_scripts_of_an_upgraded_environment_run(volume, an_index):
    volume.build("one", "ipykernel")
    volume.build("one", "ipykernel", upgrade=True)
    assert run_in(volume.environment("one"), "import sys; print(sys.prefix)") == str(volume.environment("one"))


def test_options_that_uv_takes_from_no_file_are_followed(volume, an_index):
    an_index.add("numpy", "1.0")
    an_index.add("numpy", "2.0rc1")
    packages = volume.build("one", "ipykernel", "numpy", "--pre", "--trusted-host example.com").ready["packages"]
    assert ["numpy", "2.0rc1"] in packages


def test_a_half_built_folder_is_replaced(volume):
    half = volume.environment("one") / "lib"
    half.mkdir(parents=True)
    (half / "rubbish").write_text("")
    assert volume.build("one", "ipykernel").code == 0
    assert not (half / "rubbish").exists()


@pytest.mark.parametrize("ending", [".new", ".old"])
def test_what_a_killed_upgrade_left_is_removed(volume, ending):
    volume.environment(f"one{ending}").mkdir(parents=True)
    volume.build("one", "ipykernel")
    assert volume.names == {"one"}


def test_the_leavings_of_a_killed_builder_are_replaced(volume, own_backend, tmp_path):
    own_backend("slow", HANGING.format(path=str(tmp_path / "pid")))
    with volume.building("one", "ipykernel", "slow") as running:
        uv = os.getpgid(pid_in(tmp_path / "pid", running))
        running.kill()
        os.killpg(uv, signal.SIGKILL)  # a container takes everything along
    assert not (volume.environment("one") / "ready.json").exists()
    assert volume.leavings != []
    assert volume.build("one", "ipykernel").code == 0
    assert volume.leavings == []


def test_a_failed_build_leaves_nothing(volume):
    assert volume.build("one", "no-such-package").code == 1
    assert volume.names == set()


@pytest.mark.parametrize("message", ["Making an environment", "Resolving packages", "Building slow"])
def test_sigterm_leaves_nothing(volume, own_backend, tmp_path, message):
    own_backend("slow", HANGING.format(path=str(tmp_path / "pid")))
    assert volume.stop_at(message, "one", "ipykernel", "slow") == 143
    assert volume.names == set()
    assert volume.leavings == []
    assert volume.build("one", "ipykernel").code == 0


def test_sigterm_while_packages_are_built_ends_the_build(volume, own_backend, tmp_path):
    own_backend("slow", HANGING.format(path=str(tmp_path / "pid")))
    with volume.building("one", "ipykernel", "slow") as running:
        pid = pid_in(tmp_path / "pid", running)
        running.terminate()
        running.communicate()
    assert running.returncode == 143
    wait_until(lambda: not is_running(pid))


def test_sigterm_while_the_kernel_is_imported_leaves_nothing(volume, an_index):
    an_index.add(
        "ipykernel", "8.0", {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": "import time\ntime.sleep(600)\n"}
    )
    assert volume.stop_at("Compiling what a kernel imports", "one", "ipykernel") == 143
    assert volume.names == set()


def test_sigterm_during_an_upgrade_leaves_the_environment_as_it_was(volume, own_backend, tmp_path):
    volume.build("one", "ipykernel")
    own_backend("slow", HANGING.format(path=str(tmp_path / "pid")))
    assert volume.stop_at("Building slow", "one", "ipykernel", "slow") == 143
    assert volume.names == {"one"}
    assert (volume.environment("one") / "ready.json").exists()


def test_sigterm_after_the_ready_line_leaves_the_environment(volume, an_index):
    an_index.add("large", "1.0", {f"large/m{number}.py": "x = 1\n" * 2000 for number in range(300)})
    assert volume.stop_at('"ready"', "one", "ipykernel", "large") == 143
    assert volume.names == {"one"}
    assert run_in(volume.environment("one"), "import large.m1; print(large.m1.x)") == "1"


def test_a_kernel_that_cannot_be_imported_is_an_error(volume, an_index):
    an_index.add("ipykernel", "8.0", {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": "import no_such_module\n"})
    error = volume.build("one", "ipykernel").error
    assert error["kind"] == "import"
    assert error["message"].endswith("ModuleNotFoundError: No module named 'no_such_module'\n")


def test_passwords_are_in_no_line_and_in_no_file(volume):
    outcome = volume.build(
        "one", "--extra-index-url http://user:secret@127.0.0.1:9/simple?sig=secret", "ipykernel", "x"
    )
    assert outcome.error["kind"] == "uv"
    assert "secret" not in json.dumps(outcome.lines)


def test_nothing_stays_in_the_folder_for_temporary_files(volume, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    volume.build("one", "ipykernel")
    volume.build("two", "no-such-package")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_full_disk_is_named(volume, an_index, a_small_disk):
    an_index.add("large", "1.0", {"large.py": "#" * 3_000_000})
    volume.folder = a_small_disk
    error = volume.build("one", "ipykernel", "large").error
    assert "No space left on device (os error 28)" in error["message"]
    assert volume.names == set()


def test_a_disk_that_can_only_be_read_is_named(volume, a_small_disk):
    plan = {"cache": str(a_small_disk / "cache"), "environment": str(a_small_disk / "environments" / "one")}
    subprocess.run(["mount", "-o", "remount,ro", a_small_disk], check=True)
    error = volume.build("one", "ipykernel", **plan).error
    assert error == {
        "kind": "disk",
        "message": f"[Errno 30] Read-only file system: '{a_small_disk / 'environments'}'",
    }


@pytest.fixture
def a_small_disk(tmp_path: Path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0:
        pytest.skip("not run: only root mounts a disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"not run: this machine mounts no disk ({mounted.stderr.strip()})")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_the_builder_reads_on_the_oldest_python_that_images_may_have():
    import ast

    tree = ast.parse(BUILDER.read_text("utf-8"), feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
