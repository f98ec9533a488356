"""`%azureml`: what it prints and what it refuses."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

COMMANDS = "'history' or 'upload' or 'run' or 'experiment' or 'tag' or 'note'"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", f"%azureml: expected {COMMANDS}, got nothing"),
        ("histroy on", f"%azureml: expected {COMMANDS}, got 'histroy' - did you mean 'history'?"),
        ("submit", f"%azureml: expected {COMMANDS}, got 'submit'"),
        ("history", "%azureml history: expected 'on' or 'off' or 'show', got nothing"),
        ("history shwo", "%azureml history: expected 'on' or 'off' or 'show', got 'shwo' - did you mean 'show'?"),
        ("history ON", "%azureml history: expected 'on' or 'off' or 'show', got 'ON' - did you mean 'on'?"),
        ("History on", f"%azureml: expected {COMMANDS}, got 'History' - did you mean 'history'?"),
        ("history on now", "%azureml history: expected 'on' or 'off' or 'show', got 'on now'"),
        ("upload", "%azureml upload: expected files in outputs/, got nothing - for example outputs/model.pkl"),
        ("upload 'a", '%azureml: expected every quote to be closed, got "upload \'a"'),
    ],
)
def test_what_it_does_not_know_is_a_usage_error(a_shell, line, message):
    cell = a_shell.run(f"%azureml {line}")
    assert isinstance(cell.error, UsageError)
    assert str(cell.error) == message


def test_history_is_off_at_first(a_shell):
    assert a_shell.run("%azureml history show").stdout == "History logging is disabled\n"


def test_the_switch_says_what_it_did(a_shell):
    assert a_shell.run("%azureml history on\n%azureml history show").stdout == (
        "History logging enabled\nHistory logging is enabled\n"
    )
    assert a_shell.run("%azureml history off\n%azureml history show").stdout == (
        "History logging disabled\nHistory logging is disabled\n"
    )


def test_scripts_call_it_as_ipython_lets_them(a_shell):
    cell = a_shell.run(
        "get_ipython().magic('azureml history on')\nget_ipython().run_line_magic('azureml', 'history show')"
    )
    assert cell.stdout == "History logging enabled\nHistory logging is enabled\n"


def test_a_run_configuration_can_forbid_history(make_shell):
    shell = make_shell(tracked_run=False, run_configuration="docker")
    on = "The run configuration 'docker' forbids history logging (TrackedRun: false).\n"
    assert shell.run("%azureml history on\n%azureml history show").stdout == on + "History logging is disabled\n"
    assert shell.run("%azureml upload outputs/nothing.pkl").stdout == "Nothing was saved. " + on
    assert [record["e"] for record in shell.records()] == ["open"]


def test_without_a_usable_spool_history_says_so_and_stays_off(make_shell, tmp_path):
    shell = make_shell(spool=tmp_path / "nowhere")
    assert shell.run("%azureml history on\n%azureml history show").stdout == (
        f"History logging is not available: the spool folder {tmp_path / 'nowhere'} cannot be used "
        "(No such file or directory) - restart the kernel once that is mended.\nHistory logging is disabled\n"
    )
    assert shell.run("from azureml.logging import get_azureml_logger\nget_azureml_logger().log('a', 1)").error is None


def test_uploaded_files_are_named_with_their_size(a_shell, a_project):
    (a_project / "outputs/model.pkl").write_bytes(b"x" * 1234)
    (a_project / "outputs/my plot.png").write_bytes(b"x")
    cell = a_shell.run("%azureml upload outputs/model.pkl 'outputs/my plot.png'")
    assert cell.stdout == "Saved outputs/model.pkl (1.2 kB)\nSaved outputs/my plot.png (1 bytes)\n"


def test_one_wrong_file_and_none_is_saved(a_shell, a_project):
    (a_project / "outputs/model.pkl").write_bytes(b"x")
    cell = a_shell.run("%azureml upload outputs/model.pkl data.csv")
    assert isinstance(cell.error, UsageError)
    assert str(cell.error) == (
        "%azureml upload: expected a file in the project's outputs folder, got 'data.csv', "
        "which does not exist - write it before you upload it"
    )
    assert a_shell.records("output") == []


def test_a_disk_that_is_full_is_told(a_shell, a_project, monkeypatch):
    (a_project / "outputs/model.pkl").write_bytes(b"x")
    full = OSError(28, "No space left on device")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(full))
    cell = a_shell.run("%azureml upload outputs/model.pkl")
    assert isinstance(cell.error, UsageError)
    assert str(cell.error) == "%azureml upload: outputs/model.pkl could not be saved: No space left on device"
