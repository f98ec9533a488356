"""Logged values that are no numbers, in the forms of MLflow."""

from __future__ import annotations

import json

from jupyter_workbench.history.mirror.snapshot import Logged
from jupyter_workbench.history.mirror.tables import told


def logged(kind, value, step=None, number=None):
    return Logged(0, 1504832281.117, step, kind, number, json.dumps(value))


def tables(name, *series):
    return {path: json.loads(content) for path, content in told(name, series).files.items()}


def test_a_list_of_texts_is_a_table_of_one_column():
    assert tables("labels", logged("list", ["a", "b"])) == {
        "tables/labels.json": {"columns": ["value"], "data": [["a"], ["b"]]}
    }


def test_a_matrix_is_a_table_whatever_its_rows_are():
    assert tables("confusion", logged("list", [[1, 2], [3]])) == {
        "tables/confusion.json": {"columns": ["0", "1"], "data": [[1, 2], [3, None]]}
    }


def test_a_list_of_dicts_is_a_table_of_all_their_keys():
    assert tables("rows", logged("list", [{"a": 1}, {"b": [float("nan")]}])) == {
        "tables/rows.json": {"columns": ["a", "b"], "data": [[1, None], [None, [None]]]}
    }


def test_an_empty_list_is_an_empty_table():
    assert tables("none", logged("list", [])) == {"tables/none.json": {"columns": ["value"], "data": []}}


def test_columns_of_different_lengths_are_filled():
    assert tables("frame", logged("table", {"x": [1, 2], "y": []})) == {
        "tables/frame.json": {"columns": ["x", "y"], "data": [[1, None], [2, None]]}
    }


def test_lists_of_numbers_and_images_are_left_to_others():
    series = [logged("list", [1, 2.5]), logged("image", "images/cm.png"), logged("number", 1, number=1.0)]
    found = told("mixed", series)
    assert (found.param, found.latest, found.files) == (None, None, {})


def test_an_integer_beyond_all_floats_is_a_text():
    assert told("big", [logged("number", 10**400)]).param == str(10**400)


def test_none_and_bools_are_written_as_python_does():
    assert [told("x", [logged(kind, value)]).param for kind, value in (("null", None), ("bool", True))] == [
        "None", "True",
    ]  # fmt: skip
