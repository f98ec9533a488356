"""`-o table|json` and `--query` as every listing has them."""

from __future__ import annotations

import json
import os
import shutil
import sys

import click
import pytest
from click.testing import CliRunner

from jupyter_workbench.cli.json_text import print_json
from jupyter_workbench.cli.output import Output, listing
from jupyter_workbench.cli.table import print_table

RUNS = [
    {"run_id": "iris_1", "status": "Completed", "Accuracy": 0.5, "lists": [1, 2]},
    {"run_id": "iris_2", "status": "Failed", "Accuracy": None, "lists": []},
]


@click.command()
@listing
def list_runs(output: Output) -> None:
    output.show(RUNS, columns=("run_id", "status"))


@click.command()
@listing
def list_nothing(output: Output) -> None:
    output.show([], columns=("run_id",), empty="No runs yet.")


@click.command()
@listing
def list_infinity(output: Output) -> None:
    output.show(float("inf"))


@click.command()
@listing
def list_runs_with_a_hint(output: Output) -> None:
    output.show(RUNS, columns=("run_id",), empty="No runs yet.")


def shown(*arguments):
    return CliRunner().invoke(list_runs, arguments)


def complaint(query):
    result = shown("--query", query)
    assert result.exit_code == 2
    assert result.stdout == ""
    return result.stderr.splitlines()[-1]


# ---- wrong queries


def test_a_query_that_breaks_off_says_so():
    assert complaint("[?status") == (
        "Error: Invalid value for '--query': '[?status' breaks off at its end; see https://jmespath.org/tutorial.html."
    )


def test_a_query_with_a_wrong_token_shows_where():
    assert complaint("[?status === 'x']") == (
        "Error: Invalid value for '--query': \"[?status === 'x']\" is not JMESPath from character 12 on, "
        "at \"= 'x']\"; see https://jmespath.org/tutorial.html."
    )


def test_a_query_with_a_character_that_is_no_token_shows_where():
    assert complaint("run_id # x") == (
        "Error: Invalid value for '--query': 'run_id # x' is not JMESPath from character 8 on, at '# x'; "
        "see https://jmespath.org/tutorial.html."
    )


def test_an_empty_query_says_so():
    assert complaint("") == (
        "Error: Invalid value for '--query': the expression is empty; see https://jmespath.org/tutorial.html."
    )


def test_a_query_nested_too_deeply_is_refused():
    assert complaint("(" * 5000) == (
        "Error: Invalid value for '--query': the expression is nested too deeply; "
        "see https://jmespath.org/tutorial.html."
    )


def test_a_query_that_does_not_fit_the_data_says_why():
    assert complaint("max_by(@, &lists)") == (
        "Error: Invalid value for '--query': 'max_by(@, &lists)' does not fit the data: In function max_by(), "
        "invalid type for value: [1, 2], expected one of: ['number', 'string'], received: \"array\"."
    )


def test_the_ceiling_of_infinity_does_not_fit():
    result = CliRunner().invoke(list_infinity, ["--query", "ceil(@)"])
    assert result.stderr.splitlines()[-1] == (
        "Error: Invalid value for '--query': 'ceil(@)' does not fit the data: cannot convert float infinity to integer."
    )


def test_an_unknown_function_is_named():
    assert complaint("first(@)") == (
        "Error: Invalid value for '--query': 'first(@)' does not fit the data: Unknown function: first()."
    )


def test_a_slice_with_step_zero_is_refused():
    assert "does not fit the data" in complaint("[::0]")


# ---- json


def test_json_has_every_key():
    assert json.loads(shown("-o", "json").stdout) == RUNS


def test_json_is_indented_by_two_and_keeps_letters(capsys):
    print_json([{"name": "Größe"}])
    assert capsys.readouterr().out == '[\n  {\n    "name": "Größe"\n  }\n]\n'


def test_json_is_strict_for_numbers_that_json_lacks(capsys):
    print_json([float("nan"), {"loss": [float("inf"), float("-inf")]}])
    text = capsys.readouterr().out
    assert json.loads(text, parse_constant=pytest.fail) == ["NaN", {"loss": ["Infinity", "-Infinity"]}]


def test_json_escapes_what_the_output_cannot_encode(capsys):
    print_json(["Größe", os.fsdecode(b"\xff")])
    assert capsys.readouterr().out == '[\n  "Gr\\u00f6\\u00dfe",\n  "\\udcff"\n]\n'


def test_json_of_a_query(capsys):
    assert json.loads(shown("-o", "json", "--query", "[?Accuracy != null] | max_by(@, &Accuracy)").stdout) == RUNS[0]


def test_json_of_a_query_without_an_answer_is_null():
    assert shown("-o", "json", "--query", "[0].nothing").stdout == "null\n"


# ---- tables


def test_a_table_has_the_columns_of_its_command():
    assert shown().stdout == "RUN ID  STATUS\niris_1  Completed\niris_2  Failed\n"


def test_an_empty_table_is_one_sentence_on_stderr():
    result = CliRunner().invoke(list_nothing)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No runs yet.\n")


def test_a_query_that_matches_nothing_does_not_claim_that_there_is_nothing():
    result = CliRunner().invoke(list_runs_with_a_hint, ["--query", "[?status=='Lost']"])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing to show.\n")


def test_an_empty_list_in_json_is_an_empty_list():
    assert CliRunner().invoke(list_nothing, ["-o", "json"]).stdout == "[]\n"


def test_a_queried_list_of_objects_is_a_table_of_all_their_keys():
    assert shown("--query", "[].{id: run_id, accuracy: Accuracy, lists: lists}").stdout == (
        "ID      ACCURACY  LISTS\niris_1  0.5       [1, 2]\niris_2  -         []\n"
    )


def test_a_queried_object_is_one_line_a_key():
    assert shown("--query", "[1]").stdout == "run_id    iris_2\nstatus    Failed\nAccuracy  -\nlists     []\n"


def test_text_of_several_lines_keeps_them_and_their_indentation(capsys):
    print_table({"source": "for x in y:\n    print(x)\n\x1b[31mred\n", "run_id": "a"})
    assert capsys.readouterr().out == "source  for x in y:\n            print(x)\n         [31mred\nrun_id  a\n"


def test_a_queried_list_of_values_is_one_line_a_value():
    assert shown("--query", "[].run_id").stdout == "iris_1\niris_2\n"


def test_a_queried_list_of_lists_is_rows_without_headings():
    assert shown("--query", "[].[run_id, status]").stdout == "iris_1  Completed\niris_2  Failed\n"


def test_a_queried_value_is_the_value():
    assert shown("--query", "length(@)").stdout == "2\n"


def test_a_query_without_an_answer_says_so():
    result = shown("--query", "[0].nothing")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing to show.\n")


def test_rows_of_unlike_keys_share_one_table(capsys):
    print_table([{"a": 1}, {"b": True}])
    assert capsys.readouterr().out == "A  B\n1  -\n-  true\n"


def test_lists_of_unlike_length_keep_their_columns(capsys):
    print_table([["a", 1], ["b"]])
    assert capsys.readouterr().out == "a  1\nb  -\n"


def test_a_cell_is_one_line_without_escape_sequences(capsys):
    print_table([{"name": "two\nlines", "text": "\x1b[31mred"}, {"name": "", "text": "  "}])
    assert capsys.readouterr().out == "NAME       TEXT\ntwo lines  [31mred\n-          -\n"


def test_wide_letters_keep_the_columns_straight(capsys):
    print_table([{"name": "模型", "n": 1}, {"name": "e\u0301t\u00e9", "n": 2}])
    assert capsys.readouterr().out == "NAME  N\n模型  1\ne\u0301t\u00e9   2\n"


@pytest.fixture
def print_on_terminal_of_40(monkeypatch):
    def print_rows(rows):
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "40")
        print_table(rows)

    return print_rows


def test_on_a_terminal_the_widest_column_is_cut(print_on_terminal_of_40, capsys):
    print_on_terminal_of_40([{"name": "iris", "project_dir": "/home/someone/a/long/folder/name", "status": "ready"}])
    assert capsys.readouterr().out == (
        "NAME  PROJECT DIR                 STATUS\niris  /home/someone/a/long/fo...  ready\n"
    )


def test_on_a_terminal_columns_that_do_not_fit_are_named(print_on_terminal_of_40, capsys):
    print_on_terminal_of_40([{f"column_{i}": "x" * 20 for i in range(6)}])
    captured = capsys.readouterr()
    assert captured.out == "COLUMN 0  COLUMN 1  COLUMN 2  COLUMN 3\nxxxxx...  xxxxx...  xxxxx...  xxxxx...\n"
    assert captured.err == "Not shown, the terminal is too narrow: COLUMN 4, COLUMN 5. -o json shows everything.\n"


def test_a_terminal_of_one_column_has_room_for_a_point(print_on_terminal_of_40, capsys, monkeypatch):
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((1, 24)))
    print_on_terminal_of_40([{"name": "x" * 5, "status": "ready"}])
    assert capsys.readouterr().out == ".\n.\n"


def test_a_cell_of_a_million_letters_is_cut_at_once(print_on_terminal_of_40, capsys):
    print_on_terminal_of_40([{"name": "x" * 1_000_000, "status": "ready"}])
    assert capsys.readouterr().out == f"NAME{' ' * 30}STATUS\n{'x' * 29}...  ready\n"


def test_in_a_pipe_nothing_is_cut(capsys):
    print_table([{"name": "x" * 500}])
    assert capsys.readouterr().out == "NAME\n" + "x" * 500 + "\n"
