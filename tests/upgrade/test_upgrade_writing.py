from __future__ import annotations

import stat
from pathlib import Path

import pytest

from jupyter_workbench.errors import ConfigurationError, WorkbenchError
from jupyter_workbench.upgrade import changes as writing
from jupyter_workbench.upgrade import propose, write

OLD = {
    "aml_config/docker.compute": "type: docker\nbaseDockerImage: microsoft/mmlspark\n",
    "aml_config/hdi.compute": "type: cluster\nyarnDeployMode: cluster\n",
}
CHANGED = "aml_config/hdi.compute: changed since the upgrade was proposed - look at the new proposal first"


def test_a_file_that_changed_meanwhile_stops_everything(a_project):
    directory = a_project(OLD)
    changes = propose(directory)
    a_project({"aml_config/hdi.compute": "type: cluster\nyarnDeployMode: cluster\n# mine\n"})
    with pytest.raises(ConfigurationError) as refused:
        write(changes)
    assert str(refused.value) == CHANGED
    assert (directory / "aml_config/docker.compute").read_text() == OLD["aml_config/docker.compute"]
    assert (directory / "aml_config/hdi.compute").read_text().endswith("# mine\n")


def test_a_file_that_went_away_meanwhile_stops_everything(a_project):
    directory = a_project(OLD)
    changes = propose(directory)
    (directory / "aml_config/hdi.compute").unlink()
    with pytest.raises(ConfigurationError) as refused:
        write(changes)
    assert str(refused.value) == CHANGED


def test_a_file_that_became_a_link_meanwhile_stops_everything(a_project, tmp_path_factory):
    directory = a_project(OLD)
    changes = propose(directory)
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "hdi.compute"
    (directory / "aml_config/hdi.compute").rename(elsewhere)
    (directory / "aml_config/hdi.compute").symlink_to(elsewhere)
    with pytest.raises(ConfigurationError) as refused:
        write(changes)
    assert str(refused.value) == CHANGED
    assert elsewhere.read_text() == OLD["aml_config/hdi.compute"]


def test_a_file_that_cannot_be_replaced_is_named_and_stays_whole(a_project, monkeypatch):
    directory = a_project(OLD)

    def no_space(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.Path, "replace", no_space)
    with pytest.raises(WorkbenchError) as refused:
        write(propose(directory))
    assert str(refused.value) == (
        "aml_config/docker.compute: cannot be written: No space left on device - mend that and upgrade again"
    )
    assert sorted(path.name for path in (directory / "aml_config").iterdir()) == ["docker.compute", "hdi.compute"]
    assert (directory / "aml_config/docker.compute").read_text() == OLD["aml_config/docker.compute"]


def test_what_was_proposed_is_written_and_leaves_nothing_to_propose(a_project):
    directory = a_project(OLD)
    write(propose(directory))
    assert (directory / "aml_config/docker.compute").read_text() == "type: docker\nbaseDockerImage: python:3.12\n"
    assert (directory / "aml_config/hdi.compute").read_text() == "type: cluster\nyarnDeployMode: client\n"
    assert propose(directory) == ()


def test_a_written_file_keeps_its_mode(a_project):
    directory = a_project(OLD)
    (directory / "aml_config/hdi.compute").chmod(0o640)
    write(propose(directory))
    assert stat.S_IMODE((directory / "aml_config/hdi.compute").stat().st_mode) == 0o640
