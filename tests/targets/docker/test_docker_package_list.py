"""The packages of a kernel in a container: its environment's own, until something was installed on top of them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_workbench.targets.docker.running import package_list
from jupyter_workbench.targets.docker.running.package_list import PackageList

BUILT = ("ipykernel==7.4.0", "numpy==2.0")


class Asked(PackageList):
    """Answers in place of the container."""

    answer: object = (*BUILT, "taxi==1.0")
    times = 0

    async def _printed(self, container: str) -> bytes:
        self.times += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return json.dumps({"packages": list(self.answer), "folders": []}).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a kernel, as it is when the kernel starts."""
    site_packages = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    site_packages.mkdir(parents=True)
    (site_packages / "_environment.pth").touch()
    return tmp_path


def a_list(folder: Path, sees_folders: bool = True) -> Asked:
    place = SimpleNamespace(
        sees_folders=sees_folders, built=SimpleNamespace(packages=BUILT), shown_name="myIris docker"
    )
    return Asked(place, SimpleNamespace(folder=folder))


def install(folder: Path, name: str) -> None:
    (folder / "venv" / "lib" / "python3.11" / "site-packages" / f"{name}.dist-info").mkdir()


async def test_a_container_in_which_nothing_was_installed_is_not_asked(folder):
    packages = a_list(folder)
    assert await packages.of("id") == BUILT
    assert packages.times == 0


async def test_what_was_installed_is_asked_for_once_until_more_is(folder):
    packages = a_list(folder)
    install(folder, "taxi-1.0")
    assert await packages.of("id") == await packages.of("id") == (*BUILT, "taxi==1.0")
    assert packages.times == 1
    install(folder, "churn-1.0")
    await packages.of("id")
    assert packages.times == 2


async def test_a_container_whose_files_are_not_seen_is_asked_once_a_minute(folder, monkeypatch):
    packages = a_list(folder, sees_folders=False)
    await packages.of("id")
    await packages.of("id")
    assert packages.times == 1
    monkeypatch.setattr(package_list, "PAUSE_SECONDS", 0)
    await packages.of("id")
    assert packages.times == 2


async def test_a_container_that_does_not_answer_has_the_packages_of_its_environment(folder, caplog):
    packages = a_list(folder)
    install(folder, "taxi-1.0")
    packages.answer = OSError("it has ended")
    assert [await packages.of("id"), await packages.of("id")] == [BUILT, BUILT]
    assert packages.times == 1
    assert caplog.messages == ["The packages of myIris docker cannot be listed: it has ended"]


async def test_links_that_a_container_put_into_its_folder_are_not_followed(folder, tmp_path):
    site_packages = folder / "venv" / "lib" / "python3.11" / "site-packages"
    (site_packages / "taxi-1.0.dist-info").symlink_to("/nowhere")
    packages = a_list(folder)
    assert await packages.of("id") == (*BUILT, "taxi==1.0")


@pytest.mark.parametrize("name", ["venv", "venv/lib", "venv/lib/python3.11", "venv/lib/python3.11/site-packages"])
async def test_a_folder_of_this_machine_is_not_looked_into(folder, tmp_path_factory, name):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "moved"
    (folder / name).rename(elsewhere)
    (folder / name).symlink_to(elsewhere)
    install(folder, "taxi-1.0")
    packages = a_list(folder)
    assert await packages.of("id") == BUILT
    assert packages.times == 0


async def test_a_folder_that_is_full_of_names_does_not_fill_the_memory(folder, monkeypatch):
    monkeypatch.setattr(package_list, "MOST_PACKAGES", 3)
    for number in range(10):
        install(folder, f"taxi-{number}")
    assert len(package_list._installed(folder)) <= 3
