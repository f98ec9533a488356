"""`workbench history list` and `last`: filters, pages, tables and CSV."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kernel_on_paper import FACTS, MORNING, lines, opened, write
from runs_on_paper import BEST, WORST


def ids(result) -> list[str]:
    assert result.exit_code == 0, result.stderr
    return [run["run_id"] for run in json.loads(result.stdout)]


def listed(run, *arguments) -> list[str]:
    return ids(run("history", "list", "-o", "json", *arguments))


def many(data, number: int) -> None:
    """Leave so many runs, `run_0` the oldest."""
    records = []
    for index in range(number):
        key, t = f"{index:032x}", MORNING + index
        records.append({"e": "start", "t": t, "run": key, "id": f"iris_{int(t * 1000)}", "source": ""})
        records.append({"e": "log", "t": t, "run": key, "name": "index", "value": index})
        records.append({"e": "end", "t": t, "run": key, "status": "Completed", "duration": 1.0, "error": None})
    write(data.new_spool(FACTS), lines(opened(), *records))


# ---- wrong usage


def test_a_time_that_is_none_is_refused(run, two_runs):
    result = run("history", "list", "--since", "yesterday")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "Error: Invalid value for '--since': expected a time such as 2026-11-21 or 2026-11-21T14:30, or an age such as "
        "7d or 12h, got 'yesterday'."
    )


@pytest.mark.parametrize("option", ["--limit", "--offset"])
def test_a_number_that_no_history_reaches_is_refused(run, two_runs, option):
    result = run("history", "list", option, 10**20)
    assert result.exit_code == 2
    assert f"Invalid value for '{option}': {10**20} is not in the range" in result.stderr


def test_a_folder_without_a_project_says_what_to_do(run, tmp_path):
    result = run("history", "list")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"expected a folder `aml_config` in {tmp_path} or above it, got none - name the folder of a project, or make "
        "one with `workbench project create NAME`\n"
    )


def test_no_run_that_fits_is_said_on_stderr(run, two_runs):
    result = run("history", "list", "--user", "bob")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No run fits.\n")


def test_who_may_not_write_is_told_and_can_read(run, two_runs, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    result = run("history", "list", "-o", "csv", "--query", "[].run_id")
    assert (result.exit_code, result.stdout) == (0, f"{WORST}\n{BEST}\n")
    assert result.stderr == f"{two_runs.root}: can only be read, so what kernels wrote last may not be shown yet\n"


def test_last_without_a_run_that_fits_is_a_mistake(run, two_runs):
    result = run("history", "last", "--user", "bob")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "The project has no run that fits.\n")


# ---- filters


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), [WORST, BEST]),
        (("--status", "failed"), [WORST]),
        (("--notebook", "iris.ipynb"), [WORST, BEST]),
        (("--notebook", "other.ipynb"), []),
        (("-c", "local"), [WORST, BEST]),
        (("--runconfig", "docker"), []),
        (("--target", "local", "--user", "ada"), [WORST, BEST]),
        (("--tag", "stage"), [BEST]),
        (("--tag", "stage=review"), [BEST]),
        (("--tag", "stage=done"), []),
        (("--tag", "stage", "--tag", "more"), []),
        (("--since", "2017-09-08T00:59:00Z"), [WORST]),
        (("--until", "2017-09-08T00:59:00Z"), [BEST]),
        (("--since", "1d"), []),
        (("--until", "1d"), [WORST, BEST]),
        (("--search", "rate = 0.2"), [WORST]),
        (("--search", "KEEP"), [BEST]),
        (("--experiment", "iris.ipynb"), [WORST, BEST]),
        (("--deleted",), []),
        (("--limit", "1"), [WORST]),
        (("--offset", "1"), [BEST]),
    ],
)
def test_filters_choose(run, two_runs, arguments, expected):
    assert listed(run, *arguments) == expected


def test_bytes_that_are_no_text_are_found_as_they_were_kept(run, two_runs):
    bytes_of_a_shell = "caf\udce9"
    run("history", "tag", "-r", BEST, f"{bytes_of_a_shell}={bytes_of_a_shell}")
    assert listed(run, "--tag", f"{bytes_of_a_shell}={bytes_of_a_shell}") == [BEST]
    assert listed(run, "--tag", bytes_of_a_shell) == listed(run, "--search", bytes_of_a_shell) == [BEST]
    for option in ("--experiment", "--notebook", "--runconfig", "--target", "--user"):
        assert listed(run, option, bytes_of_a_shell) == []


def test_a_query_is_asked_of_the_runs_that_fit(run, two_runs):
    query = "[?Accuracy >= sum(`[0.6, -0.03]`)] | sort_by(@, &duration)[].run_id"
    assert run("history", "list", "--query", query).stdout == f"{BEST}\n"
    assert run("history", "list", "--status", "Failed", "--query", query).stderr == "Nothing to show.\n"


def test_last_takes_the_same_filters(run, two_runs):
    result = run("history", "last", "--status", "Completed", "-o", "json")
    assert json.loads(result.stdout)["run_id"] == BEST


# ---- tables


def test_a_table_shows_the_last_value_of_a_series_and_no_lists(run, two_runs):
    result = run("history", "list")
    assert result.stdout == (
        "ACCURACY  LOSS  CELL       DURATION        RUN ID              SCRIPT NAME  START TIME UTC                    "
        "STATUS\n"
        f"0.5       -     -          0:00:04.892389  {WORST}  iris.ipynb   2017-09-08T00:59:01.117000+00:00  Failed\n"
        f"0.75      0.5   Load Data  0:00:04.892389  {BEST}  iris.ipynb   2017-09-08T00:58:01.117000+00:00  Completed\n"
    )
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_table_shows_50_runs_and_says_how_to_see_more(run, iris):
    many(iris, 120)
    result = run("history", "list")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["INDEX", *map(str, range(119, 69, -1))]
    assert result.stderr == "Runs 1 to 50 of 120: --offset 50 shows the next ones, --limit N more at once.\n"


def test_the_last_page_says_nothing_more(run, iris):
    many(iris, 120)
    result = run("history", "list", "--offset", "100", "--limit", "60")
    assert len(result.stdout.splitlines()) == 21
    assert result.stderr == ""


def test_a_page_behind_the_last_one_says_so(run, iris):
    many(iris, 3)
    result = run("history", "list", "--offset", "3")
    assert (result.stdout, result.stderr) == ("", "Nothing left to show: 3 runs fit.\n")


def test_json_has_all_runs(run, iris):
    many(iris, 120)
    assert len(listed(run)) == 120


# ---- CSV


def test_csv_has_one_column_a_name_and_lists_as_json(run, two_runs):
    text = run("history", "list", "-o", "csv").stdout
    worst, best = csv.DictReader(io.StringIO(text))
    assert (worst["run_id"], worst["Accuracy"], worst["loss"], worst["hidden"]) == (WORST, "0.5", "", "false")
    assert (best["loss"], best["ids"], best["tags"]) == ("[1.0, 0.5]", "[1, 2]", '{"stage": "review"}')
    assert (worst["error"], best["error"]) == ('{"name": "ValueError", "message": "no rows"}', "")


def test_csv_lets_no_text_become_a_formula(run, iris):
    start = {"e": "start", "t": MORNING, "run": "a" * 32, "id": "iris_1", "source": ""}
    texts = {"a": "=1+1", "b": "+1", "c": "-1", "d": "@SUM(A1)", "e": "\t=1", "=f": "safe", "g": -1, "h": float("-inf")}
    logs = [{"e": "log", "t": MORNING, "run": "a" * 32, "name": name, "value": told} for name, told in texts.items()]
    write(iris.new_spool(FACTS), lines(opened(), start, *logs))
    names, row = csv.reader(io.StringIO(run("history", "list", "-o", "csv").stdout))
    assert names[:8] == ["a", "b", "c", "d", "e", "'=f", "g", "h"]
    assert row[:8] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "safe", "-1", "-Infinity"]


def test_csv_keeps_a_carriage_return_inside_of_its_cell(run, two_runs):
    run("history", "note", "-r", BEST, "one\rtwo")
    run("history", "note", "-r", WORST, "one\r\ntwo\r\n")
    told = run("history", "list", "-o", "csv", "--query", "[].[description, run_id]").stdout_bytes
    assert told.decode() == f'"one\r\ntwo\r\n",{WORST}\n"one\rtwo",{BEST}\n'


def test_csv_of_a_query_is_what_it_answers(run, two_runs):
    assert run("history", "list", "-o", "csv", "--query", "[].[run_id, Accuracy]").stdout == (
        f"{WORST},0.5\n{BEST},0.75\n"
    )
    assert run("history", "list", "-o", "csv", "--query", "[].run_id").stdout == f"{WORST}\n{BEST}\n"
    assert run("history", "list", "-o", "csv", "--query", "[?Accuracy > `1`]").stdout == ""


# ---- the installed command


def test_the_installed_command_lists_what_a_dead_kernel_left(two_runs):
    command = Path(sys.executable).with_name("workbench")
    result = subprocess.run([command, "history", "list", "-o", "csv", "--query", "[].[run_id, status]"],
                            capture_output=True, text=True, timeout=60)  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{WORST},Failed\n{BEST},Completed\n"
