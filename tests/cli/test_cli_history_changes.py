"""`workbench history tag`, `note`, `delete`, `export`, `import` and `repair`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from kernel_on_paper import FACTS, KERNEL, MORNING, ended, lines, opened, started, write
from runs_on_paper import BEST, WORST

from jupyter_workbench.cli import workbench
from jupyter_workbench.cli.history.delete import EXAMPLES


def info(run, name: str, query: str):
    return json.loads(run("history", "info", "-r", name, "-o", "json", "--query", query).stdout)


def ids(run, *arguments) -> list[str]:
    return json.loads(run("history", "list", "-o", "json", "--query", "[].run_id", *arguments).stdout)


@pytest.fixture
def elsewhere(run, two_runs, tmp_path, monkeypatch) -> Path:
    """Another project, with no runs, which is the current folder now; `../iris` is the first one."""
    (tmp_path / "other" / "aml_config").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "other")
    return tmp_path / "other"


@pytest.fixture
def running(two_runs) -> Iterator[str]:
    """The id of a run that still runs: a process holds its spool as a kernel does."""
    spool = two_runs.new_spool(FACTS)
    with subprocess.Popen(
        [sys.executable, "-c", KERNEL, str(spool.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"locked\n"
        write(spool, lines(opened(), started("c" * 32, t=MORNING + 90, id="iris_1")))
        yield "iris_1"
        process.kill()


# ---- tags and notes


@pytest.mark.parametrize("wrong", ["stage", "=review", "="])
def test_what_is_no_tag_is_refused(run, two_runs, wrong):
    result = run("history", "tag", "-r", BEST, wrong)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        f"Error: Invalid value for 'KEY=VALUE...': expected KEY=VALUE, or KEY= to remove the tag, got {wrong!r}."
    )


def test_a_tag_needs_a_run(run, two_runs):
    result = run("history", "tag", "stage=done")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: Name the run: -r RUN."


def test_tags_are_set_on_several_runs_and_removed(run, two_runs):
    result = run("history", "tag", "-r", BEST, "-r", "last", "stage=done", "by=ada=x")
    assert (result.exit_code, result.output) == (0, "")
    assert [info(run, one, "tags") for one in (BEST, WORST)] == [{"stage": "done", "by": "ada=x"}] * 2
    run("history", "tag", "-r", WORST, "stage=", "unknown=")
    assert info(run, WORST, "tags") == {"by": "ada=x"}


def test_a_note_is_replaced_and_removed(run, two_runs):
    assert run("history", "note", "-r", "last", "größer\nals gedacht").output == ""
    assert info(run, WORST, "note") == "größer\nals gedacht"
    run("history", "note", "-r", WORST, "")
    assert info(run, WORST, "note") is None


# ---- the bin


def test_delete_needs_a_run(run, two_runs):
    result = run("history", "delete")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: Name the run: -r RUN."


def test_delete_cannot_do_and_undo(run, two_runs):
    result = run("history", "delete", "-r", BEST, "--undo", "--for-good")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: Only one of --undo and --for-good can be given."


def test_one_unknown_run_leaves_all_where_they_are(run, two_runs):
    result = run("history", "delete", BEST, "nothing")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == ("The project has no run 'nothing': `workbench history list` shows the ids of all runs.\n")
    assert ids(run) == [WORST, BEST]


def test_runs_go_into_the_bin_and_come_out_again(run, two_runs):
    result = run("history", "delete", "-r", BEST, WORST)
    assert result.stdout == "Put 2 runs into the bin, out of which --undo takes what is needed after all.\n"
    assert (ids(run), ids(run, "--deleted")) == ([], [WORST, BEST])
    assert run("history", "delete", "-r", BEST, "--undo").stdout == "Took 1 run out of the bin.\n"
    assert (ids(run), ids(run, "--deleted")) == ([BEST], [WORST])


def test_the_example_puts_runs_with_blanks_in_their_ids_into_the_bin(run, two_runs):
    failed = ended("c" * 32, status="Failed")
    write(two_runs.new_spool(FACTS), lines(opened(), started("c" * 32, id="My Iris_1"), failed))
    example = "workbench history list --status Failed --until 30d" + EXAMPLES.split("--until 30d")[1]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(example, shell=True, env={**os.environ, "PATH": path}, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert ids(run, "--deleted") == [WORST, "My Iris_1"]


def test_for_good_asks_and_a_pipe_cannot_answer(run, two_runs):
    result = run("history", "delete", "-r", BEST, "--for-good")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == ("Error: Remove 1 run for good? Nobody can be asked here: add --yes.")
    assert ids(run) == [WORST, BEST]


@pytest.mark.parametrize(("answer", "code", "left"), [("n\n", 130, [WORST, BEST]), ("y\n", 0, [BEST])])
def test_for_good_asks_at_a_terminal(run, two_runs, monkeypatch, answer, code, left):
    monkeypatch.setattr("jupyter_workbench.cli.asking.can_ask", lambda: True)
    result = CliRunner().invoke(workbench, ["history", "delete", WORST, "--for-good"], input=answer)
    assert result.exit_code == code
    assert result.stderr.splitlines()[0].startswith("Remove 1 run for good? [y/N]: ")
    assert ids(run) == left


def test_for_good_frees_the_outputs_that_no_other_run_has(run, two_runs):
    result = run("history", "delete", "-r", BEST, "--for-good", "--yes")
    assert result.stdout == "Removed 1 run for good; 30 B of outputs became free.\n"
    assert (ids(run), ids(run, "--deleted")) == ([WORST], [])
    assert [path for path in two_runs.blobs.rglob("*") if path.is_file()] == []


def test_for_good_without_a_run_empties_the_bin(run, two_runs):
    run("history", "delete", "-r", WORST)
    result = run("history", "delete", "--for-good", "--yes")
    assert result.stdout == "Removed 1 run for good; 0 B of outputs became free.\n"
    assert (ids(run), ids(run, "--deleted")) == ([BEST], [])


@pytest.mark.parametrize("how", [(), ("--for-good", "--yes")])
def test_a_run_that_still_runs_stays(run, running, how):
    result = run("history", "delete", BEST, running, *how)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "The run iris_1 still runs: it can be removed when it has ended.\n"
    assert ids(run) == ["iris_1", WORST, BEST]


# ---- export and import


def test_a_run_that_still_runs_is_left_out(run, running):
    result = run("history", "export", "-r", running, "-r", BEST, "runs.zip")
    assert result.exit_code == 0
    assert result.stdout.startswith("Wrote 1 run and 3 outputs into runs.zip (")
    assert result.stderr == "Left out, as they still run: iris_1.\n"


def test_a_file_that_is_there_is_not_overwritten(run, two_runs):
    Path("runs.zip").write_text("mine")
    result = run("history", "export", "runs.zip")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        result.stderr == "runs.zip is there already and nothing was written - choose another name, or add --overwrite\n"
    )
    assert Path("runs.zip").read_text() == "mine"
    assert run("history", "export", "runs.zip", "--overwrite").exit_code == 0


def test_no_run_that_fits_makes_no_file(run, two_runs):
    result = run("history", "export", "--tag", "nothing", "runs.zip")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "No run fits: `workbench history list` with the same options shows which do.\n"
    assert not Path("runs.zip").exists()


def test_runs_are_chosen_by_name_or_by_filters(run, two_runs):
    result = run("history", "export", "-r", BEST, "--status", "Failed", "runs.zip")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: Choose the runs either by -r or by filters."


def test_a_file_of_something_else_is_refused(run, elsewhere):
    Path("runs.zip").write_text("no archive")
    result = run("history", "import", "runs.zip")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "runs.zip: expected a file that `workbench history export` wrote, got another or a damaged one - export the "
        "runs again\n"
    )


def test_a_file_that_is_not_there_is_told(run, elsewhere):
    result = run("history", "import", "runs.zip")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "runs.zip: the file cannot be read (No such file or directory)\n"


def test_runs_are_exported_and_imported_whole(run, elsewhere):
    result = run("history", "export", "--project", "../iris", "runs.zip")
    assert (result.exit_code, result.stderr) == (0, "")
    size = f"{Path('runs.zip').stat().st_size / 1000:.1f} kB"
    assert result.stdout == f"Wrote 2 runs and 3 outputs into runs.zip ({size}).\n"
    result = run("history", "import", "runs.zip")
    assert (result.exit_code, result.stdout) == (0, "Took in 2 runs.\n")
    assert result.stderr == "1 output came without content: `history info` tells why.\n"
    everything = ("history", "list", "-o", "json", "--query", "[].{id: run_id, user: user_id, at: start_time_utc}")
    assert run(*everything).stdout == run(*everything, "--project", "../iris").stdout


def test_importing_again_changes_nothing(run, elsewhere):
    run("history", "export", "--project", "../iris", "-r", BEST, "runs.zip")
    run("history", "import", "runs.zip")
    run("history", "tag", "-r", BEST, "stage=mine")
    assert run("history", "import", "runs.zip").stdout == "Took in 0 runs; 1 run was there already.\n"
    assert info(run, BEST, "tags") == {"stage": "mine"}


def test_filters_choose_what_is_exported(run, elsewhere):
    run("history", "export", "--project", "../iris", "--status", "Failed", "runs.zip")
    run("history", "import", "runs.zip")
    assert ids(run) == [WORST]


# ---- repair


def test_a_history_that_is_healthy_is_left_as_it_is(run, two_runs):
    assert run("history", "repair").stdout == "The history is not damaged: nothing was changed.\n"
    assert ids(run) == [WORST, BEST]
