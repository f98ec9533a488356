from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_workbench.upgrade import examine, propose, write

OLD_COMPUTE = "type: docker\nbaseDockerImage: microsoft/mmlspark\n"
OLD_CONDA = "dependencies:\n  - python=3.5.2\n"
LOCAL = {"aml_config/local.runconfig": "Target: local\nFramework: Python\n"}


def files_of(changes):
    return [change.file for change in changes]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "type: docker\nbaseDockerImage: 'microsoft/mmlspark\n",
            "aml_config/x.compute:2: skipped: expected a closing quote, got the end of the file - "
            "close the quote that opens on this line",
        ),
        (
            "type: docker\nb: &b microsoft/mmlspark\nbaseDockerImage: *b\n",
            "aml_config/x.compute:2: skipped: expected no YAML aliases, got one of this - upgrade it by hand",
        ),
        (
            "type: docker\rbaseDockerImage: microsoft/mmlspark\r",
            "aml_config/x.compute:1: skipped: expected line ends LF or CRLF, got another - "
            "save the file with one of these",
        ),
        (
            "\ufefftype: docker\nbaseDockerImage: microsoft/mmlspark\n",
            "aml_config/x.compute:1: skipped: expected UTF-8 without a byte order mark, got one - "
            "save the file without it",
        ),
        (
            "#" * 300_000,
            "aml_config/x.compute: skipped: expected at most 256 KiB, got more - upgrade it by hand",
        ),
    ],
)
def test_a_file_that_cannot_be_edited_is_left_alone_and_named(a_project, text, said):
    proposal = examine(a_project({"aml_config/x.compute": text}))
    assert proposal.changes == ()
    assert proposal.skipped == (said,)


def test_a_file_in_another_encoding_is_left_alone_and_named(a_project):
    directory = a_project({})
    (directory / "aml_config/x.compute").write_bytes(OLD_COMPUTE.encode("utf-16"))
    assert examine(directory).skipped == (
        "aml_config/x.compute: skipped: expected UTF-8 text, got another encoding - save the file as UTF-8",
    )


def test_a_link_out_of_the_project_is_left_alone_and_named(a_project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "x.compute"
    elsewhere.write_text(OLD_COMPUTE)
    directory = a_project({})
    (directory / "aml_config/x.compute").symlink_to(elsewhere)
    assert examine(directory).skipped == (
        "aml_config/x.compute: skipped: expected a file of the project, got a link out of it - upgrade it where it is",
    )


def test_two_names_of_one_file_are_one_change(a_project):
    directory = a_project({"aml_config/x.compute": OLD_COMPUTE})
    (directory / "aml_config/link.compute").symlink_to("x.compute")
    changes = propose(directory)
    assert files_of(changes) == ["aml_config/x.compute"]
    write(changes)
    assert (directory / "aml_config/link.compute").is_symlink()


def test_neighbours_of_the_real_files_are_left_alone(a_project):
    junk = ("x.compute~", "x.compute.bak", ".x.compute.swp", ".hidden.compute", "conda_dependencies.yml~", "x.amb")
    files = {f"aml_config/{name}": OLD_COMPUTE + OLD_CONDA for name in junk}
    files["aml_config/conda_dependencies - Copy.yml"] = OLD_CONDA
    assert propose(a_project({**LOCAL, **files})) == ()


def test_azure_ml_sdk_v1_files_and_their_dependencies_are_left_alone(a_project):
    directory = a_project(
        {
            "aml_config/local.runconfig": "script: train.py\ntarget: local\n",
            "aml_config/conda_dependencies.yml": OLD_CONDA,
        }
    )
    assert propose(directory) == ()


def test_dependency_files_count_where_a_run_configuration_says(a_project):
    directory = a_project(
        {
            "aml_config/a.runconfig": "Target: x\nCondaDependenciesFile: Config\\conda.yml\nFramework: Python\n",
            "aml_config/b.runconfig": 'Target: x\nCondaDependenciesFile: "../up.yml"\nFramework: Python\n',
            "aml_config/c.runconfig": "Target: x\nCondaDependenciesFile: /etc/hosts\nFramework: Python\n",
            "aml_config/d.runconfig": "Target: x\nSparkDependenciesFile: missing.yml\nFramework: Python\n",
            "Config/conda.yml": OLD_CONDA,
            "Config/unused.yml": OLD_CONDA,
            "aml_config/conda_dependencies.yml": OLD_CONDA,
        }
    )
    proposal = examine(directory)
    assert files_of(proposal.changes) == ["Config/conda.yml", "aml_config/conda_dependencies.yml"]
    assert proposal.skipped == ()


def test_a_folder_without_aml_config_needs_nothing(tmp_path):
    assert propose(tmp_path) == ()


OF_OLD = {
    "x.compute": "# a\naddress: x # b\npassword: AzureMlSecret=1\ncluster: no\nbaseDockerImage: microsoft/mmlspark\n",
    "y.compute": '{"address": "x",\n  "password": "AzureMlSecret=1", "cluster": false, "yarnDeployMode": "cluster"}',
    "x.runconfig": "ArgumentVector:\n- $file\nTarget: local  # b\nEnvironmentVariables:\n  A: b\nTrackedRun:\ttrue\n",
    "y.runconfig": '{\n  "Target": "local",\n  "Framework": null,\n  "TrackedRun":\ttrue\n}',
    "conda_dependencies.yml": "dependencies:\n  # a\n  - python=3.5.2\n  - os\n  - pandas=0.1\n  - sklearn\n  - pip:\n"
    "    # b\n    - azureml-requirements\n    - --index-url https://cntk.ai/x\n",
    "spark_dependencies.yml": "configuration:\n  a:\tb\nrepositories:\n  - https://mmlspark.azureedge.net/m\npackages:\n"
    "  - group: com.microsoft\n    artifact:\tdprep_2.11\n  - {group: a, artifact: b}\n",
}
PIECES = [
    *"\n\r\t {}[],:#|>!%<~'\"\\\x00\x85\ufeff",
    ": ",
    ":\t",
    "- ",
    "-\t",
    "\r\n",
    "\n  ",
    " # ",
    "&a ",
    "*a",
    "? ",
]
WORDS = ["os", "python=3.5.2", "type", "Target", "Framework", "password", "dependencies:", "pip:", "native: true\n"]


@st.composite
def damaged_files(draw):
    """A file of Workbench with some cuts and insertions anywhere, or any text at all."""
    name = draw(st.sampled_from(sorted(OF_OLD)))
    text = draw(st.one_of(st.just(OF_OLD[name]), st.just(OF_OLD[name].replace("\n", "\r\n")), st.text(max_size=80)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.sampled_from([0, 0, 0, 1, 2, 12]))
        text = text[:start] + draw(st.one_of(st.sampled_from(PIECES + WORDS), st.text(max_size=5))) + text[end:]
    return name, text


ENTRIES = st.sampled_from(
    ["python=3.5.2", '"os"', "'pickle'", "pandas=0.20  # old", "ipykernel=4.6.1", "numpy", "sklearn", "", "|\n      os"]
)
PIP_ENTRIES = st.sampled_from(["azureml-requirements", "notebook", "--index-url https://cntk.ai/x", '"os"'])


@st.composite
def conda_files(draw):
    """A sound file of any entries, with either line end and no last one."""
    entries, in_pip = draw(st.lists(ENTRIES, max_size=5)), draw(st.lists(PIP_ENTRIES, max_size=3))
    lines = ["dependencies:", *(f"  - {entry}" for entry in entries)]
    if in_pip:
        lines += ["  - pip:", *(f"    # why\n    - {entry}" for entry in in_pip)]
    return "\n".join(lines).replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def a_project_with(folder, name, content):
    directory = Path(folder).resolve()
    (directory / "aml_config").mkdir()
    (directory / "aml_config/local.compute").write_text("type: local\n")
    (directory / "aml_config/any.runconfig").write_text("Target: local\nFramework: Python\n")
    (directory / "aml_config" / name).write_bytes(content)
    return directory


@settings(max_examples=300, deadline=None)
@given(damaged_files())
def test_whatever_a_file_holds_it_is_upgraded_once_or_left_alone(damaged):
    name, text = damaged
    before = text.encode(errors="surrogatepass")
    with tempfile.TemporaryDirectory() as folder:
        directory = a_project_with(folder, name, before)
        changes = propose(directory)
        if not changes:
            assert (directory / "aml_config" / name).read_bytes() == before
        for change in changes:
            assert change.before.encode() == before
            assert change.after != change.before
            assert change.reasons
            assert change.diff()
        write(changes)
        assert propose(directory) == ()


@settings(max_examples=100, deadline=None)
@given(conda_files())
def test_comments_and_entries_without_a_reason_survive(text):
    with tempfile.TemporaryDirectory() as folder:
        for change in propose(a_project_with(folder, "conda_dependencies.yml", text.encode())):
            for kept in ("# why", "numpy", "notebook", "\r\n\r\n"):
                assert change.after.count(kept) == text.count(kept)
            assert not change.after.endswith("\n")
