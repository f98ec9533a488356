"""Spark for kernels of this machine, by the program that their Python runs."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uv
from sparks import PYSPARK, a_java, a_spark, pyspark_modules

from jupyter_workbench.environments import spark_builder
from jupyter_workbench.environments.spark_builder.local import forget_old, leave_distutils

PROGRAM = Path(spark_builder.__file__).parent


@pytest.fixture
def start(tmp_path: Path, an_index) -> Callable[..., subprocess.Popen[str]]:
    """Start the program. Keyword arguments are of its plan, ``variables`` are its environment.

    This Python, and the machine, have neither Spark nor Java.
    """
    an_index.add("pyspark", "4.0.5", pyspark_modules())
    java = a_java(tmp_path / "java")

    def begin(variables: dict[str, str] | None = None, **plan: Any) -> subprocess.Popen[str]:
        defaults = {
            "java_home": str(java),
            "spark_home": None,
            "spark_submit": None,
            "adds_pyspark": True,
            "packages": [],
            "repositories": [],
            "excludes": [],
            "known": [],
            "build": True,
            "upgrade": False,
            "python": sys.executable,
            "uv": uv.find_uv_bin(),
            "folder": str(tmp_path / "cache"),
        }
        file = tmp_path / f"plan-{len(list(tmp_path.glob('plan-*')))}.json"
        file.write_text(json.dumps({**defaults, **plan}))
        environment = {
            "PATH": "/bin",
            "HOME": str(tmp_path),
            "UV_INDEX_URL": an_index.folder.as_uri(),
            "PYTHONPATH": "",
            **(variables or {}),
        }
        command = [sys.executable, str(PROGRAM), str(file)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return begin


def told(running: subprocess.Popen[str]) -> tuple[dict[str, Any], list[str]]:
    """Return the last line of the program, and the steps that it told before."""
    output, errors = running.communicate(timeout=60)
    lines = [json.loads(line) for line in output.splitlines()]
    assert lines, errors
    return lines[-1], [line["message"] for line in lines[:-1] if "said" not in line]


def first_step(running: subprocess.Popen[str]) -> str:
    """Wait for the first step that the program tells."""
    lines = map(json.loads, running.stdout)
    return next(line["message"] for line in lines if "said" not in line)


@pytest.fixture
def program(start) -> Callable[..., tuple[dict[str, Any], list[str]]]:
    """Run the program; return its last line and what it said before. Arguments are those of `start`."""
    return lambda *args, **plan: told(start(*args, **plan))


@contextmanager
def another_kernel_that_prepares(cache: Path) -> Iterator[None]:
    """Hold the lock that a kernel has while it prepares."""
    cache.mkdir()
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pyspark_of_the_user(folder: Path, version: str = "4.0.5") -> Path:
    """Make a folder for PYTHONPATH that has a package which plays pyspark."""
    for name, text in pyspark_modules(version).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_the_pyspark_of_the_users_python_is_taken_as_it_is(program, tmp_path):
    folder = pyspark_of_the_user(tmp_path / "packages")
    last, said = program({"PYTHONPATH": str(folder)})
    assert said == []
    assert last["ready"]["home"] == str(folder / "pyspark")
    assert (last["ready"]["version"], last["ready"]["python_path"]) == ("4.0.5", [])


def test_it_comes_before_the_spark_home_of_the_environment(program, tmp_path):
    folder = pyspark_of_the_user(tmp_path / "packages")
    last, _ = program({"PYTHONPATH": str(folder), "SPARK_HOME": str(a_spark(tmp_path / "spark"))})
    assert last["ready"]["version"] == "4.0.5"


def test_what_the_users_files_name_comes_before_all(program, tmp_path):
    folder = pyspark_of_the_user(tmp_path / "packages")
    spark = a_spark(tmp_path / "spark")
    last, _ = program({"PYTHONPATH": str(folder)}, spark_submit=f"{spark}/bin/spark-submit")
    assert (last["ready"]["home"], last["ready"]["version"]) == (str(spark), "3.5.9")
    assert last["ready"]["python_path"] == [f"{spark}/python", f"{spark}/python/lib/py4j-0.10.9.7-src.zip"]


def test_a_spark_submit_that_leads_nowhere_is_refused(program):
    last, _ = program(spark_submit="/no/bin/spark-submit")
    assert last["error"] == {"kind": "spark-no-home", "message": '{"named": "/no/bin/spark-submit"}'}


def test_spark_home_of_the_environment_is_taken_where_python_has_none(program, tmp_path):
    last, _ = program({"SPARK_HOME": str(a_spark(tmp_path / "spark"))})
    assert last["ready"]["home"] == str(tmp_path / "spark")


def test_a_client_without_spark_does_not_count(program, tmp_path):
    for name, text in PYSPARK.items():
        (tmp_path / "client" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "client" / name).write_text(text)
    last, _ = program({"PYTHONPATH": str(tmp_path / "client"), "SPARK_HOME": str(a_spark(tmp_path / "spark"))})
    assert last["ready"]["home"] == str(tmp_path / "spark")


def test_one_of_ours_is_installed_once_and_only_into_our_folder(program, tmp_path):
    last, said = program()
    home = tmp_path / "cache" / last["ready"]["home"]
    assert said[0] == "Installing pyspark, which this Python lacks"
    assert home.is_relative_to(tmp_path / "cache" / "pyspark")
    assert last["ready"]["python_path"] == [str(home.parent)]
    again, said = program()
    assert (again, said) == (last, [])


def test_an_upgrade_installs_it_anew(program, an_index):
    program()
    an_index.add("pyspark", "4.1.0", pyspark_modules("4.1.0"))
    assert program()[0]["ready"]["version"] == "4.0.5"
    assert program(upgrade=True)[0]["ready"]["version"] == "4.1.0"


def test_only_the_newest_archives_stay(tmp_path):
    for number in range(6):
        (tmp_path / f"{number}.jsa").touch()
        os.utime(tmp_path / f"{number}.jsa", (number, number))
    forget_old(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["2.jsa", "3.jsa", "4.jsa", "5.jsa"]


def test_of_setuptools_only_distutils_stays(tmp_path):
    for file in (
        "setuptools/_distutils/version.py",
        "setuptools/x.py",
        "setuptools-80.dist-info/RECORD",
        "pyspark/x.py",
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    leave_distutils(tmp_path)
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py"))
    assert files == ["distutils/version.py", "pyspark/x.py"]


def test_it_is_not_installed_where_nothing_may_be_built(program):
    last, _ = program(build=False)
    assert last["error"]["kind"] == "spark-not-prepared"


def test_what_uv_says_is_told(program):
    last, _ = program({"UV_INDEX_URL": "file:///no/index"})
    assert last["error"]["kind"] == "spark-uv"
    assert "pyspark" in last["error"]["message"]


def test_a_java_that_is_too_old_is_refused(program, tmp_path):
    folder = pyspark_of_the_user(tmp_path / "packages")
    last, _ = program({"PYTHONPATH": str(folder)}, java_home=str(a_java(tmp_path / "old", "11.0.2")))
    assert last["error"]["kind"] == "spark-java"


def archive_once_nobody_makes_it(cache: Path, last: dict[str, Any]) -> Path:
    """Return where the archive would be, when whoever made it has ended."""
    archive = cache / last["ready"]["archive"]
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    return archive


def test_the_archive_is_named_though_it_is_not_there_yet(program, tmp_path):
    folder = pyspark_of_the_user(tmp_path / "packages")
    last, _ = program({"PYTHONPATH": str(folder)})
    archive = archive_once_nobody_makes_it(tmp_path / "cache", last)
    assert archive.suffix == ".jsa"
    assert not archive.exists()


COUNTING = """
import sys
if sys.argv[0].endswith("training.py"):
    open({file!r}, "a").write("once ")
"""


def test_an_archive_that_cannot_be_made_is_tried_again_by_an_upgrade_only(program, tmp_path):
    folder = pyspark_of_the_user(tmp_path / "packages")
    tries = tmp_path / "tries"
    (folder / "pyspark" / "__init__.py").write_text(COUNTING.format(file=str(tries)))

    def tries_after(**plan: Any) -> str:
        last, _ = program({"PYTHONPATH": str(folder)}, **plan)
        archive_once_nobody_makes_it(tmp_path / "cache", last)
        return tries.read_text()

    assert tries_after() == "once "
    assert tries_after() == "once "
    assert tries_after(upgrade=True) == "once once "
    assert tries_after() == "once once "


def test_packages_are_looked_for_when_they_are_not_there(program, tmp_path):
    folder = pyspark_of_the_user(tmp_path / "packages")
    asked = {"packages": ["org.example:thing:1.0"], "repositories": ["http://127.0.0.1:1/maven"]}
    last, _ = program({"PYTHONPATH": str(folder)}, **asked)
    assert last["error"]["kind"] == "spark-repository"


NOWHERE = {"packages": ["org.example:thing:1.0"], "repositories": ["http://127.0.0.1:1/maven"]}


def test_a_repository_that_does_not_answer_is_told_before_anything_is_installed(program, tmp_path):
    last, said = program(**NOWHERE)
    assert last["error"]["kind"] == "spark-repository"
    assert said == ["Looking for the packages of Spark"]
    assert not (tmp_path / "cache" / "pyspark").exists()


def jars_that_are_there(cache: Path, plan: dict[str, Any]) -> Path:
    """Make the packages of a plan, for a Spark 4.0.5."""
    wanted = [[plan["packages"], plan["repositories"], []], "4.0.5", "2.13"]
    folder = cache / "jars" / hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:12]
    folder.mkdir(parents=True)
    (folder / "thing.jar").touch()
    return folder


def test_packages_that_are_there_are_used_whether_their_repository_answers_or_not(program, tmp_path):
    folder = pyspark_of_the_user(tmp_path / "packages")
    jars = jars_that_are_there(tmp_path / "cache", NOWHERE)
    last, said = program({"PYTHONPATH": str(folder)}, **NOWHERE)
    assert (last["ready"]["jars"], said) == ([f"jars/{jars.name}/thing.jar"], [])


def test_an_upgrade_leaves_the_packages_that_are_there_when_their_repository_does_not_answer(program, tmp_path):
    folder = pyspark_of_the_user(tmp_path / "packages")
    jars = jars_that_are_there(tmp_path / "cache", NOWHERE)
    last, _ = program({"PYTHONPATH": str(folder)}, upgrade=True, **NOWHERE)
    assert last["error"]["kind"] == "spark-repository"
    assert (jars / "thing.jar").exists()


def test_an_upgrade_that_finds_no_packages_leaves_the_pyspark_that_is_there(program, an_index, tmp_path):
    home = tmp_path / "cache" / program()[0]["ready"]["home"]
    an_index.add("pyspark", "4.1.0", pyspark_modules("4.1.0"))
    assert program(upgrade=True, **NOWHERE)[0]["error"]["kind"] == "spark-repository"
    assert [file.name for file in home.glob("jars/*")] == ["spark-core_2.13-4.0.5.jar"]


WAITING = "Waiting for another kernel that prepares Spark"


def test_sigterm_ends_the_waiting_for_another_kernel(start, tmp_path):
    with another_kernel_that_prepares(tmp_path / "cache"):
        running = start()
        assert first_step(running) == WAITING
        running.terminate()
        assert (running.communicate(timeout=60), running.returncode) == (("", ""), 143)
    assert not (tmp_path / "cache" / "pyspark").exists()


def test_a_kernel_waits_for_another_one_that_prepares(start, tmp_path):
    with another_kernel_that_prepares(tmp_path / "cache"):
        running = start()
        assert first_step(running) == WAITING
    last, said = told(running)
    assert (last["ready"]["version"], said[0]) == ("4.0.5", "Installing pyspark, which this Python lacks")


def test_nobody_waits_for_what_is_there(program, tmp_path):
    folder = pyspark_of_the_user(tmp_path / "packages")
    with another_kernel_that_prepares(tmp_path / "cache"):
        last, said = program({"PYTHONPATH": str(folder)})
    assert (last["ready"]["version"], said) == ("4.0.5", [])


def test_nobody_waits_to_hear_that_nothing_may_be_built(program, tmp_path):
    with another_kernel_that_prepares(tmp_path / "cache"):
        last, said = program(build=False)
    assert (last["error"]["kind"], said) == ("spark-not-prepared", [])


def test_of_two_kernels_at_once_one_installs_for_both(start, tmp_path):
    (one, said_by_one), (other, said_by_other) = map(told, [start(), start()])
    assert one == other
    assert [*said_by_one, *said_by_other].count("Installing pyspark, which this Python lacks") == 1
    assert len(list((tmp_path / "cache" / "pyspark").iterdir())) == 1
