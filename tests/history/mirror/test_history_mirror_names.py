"""Names that MLflow takes, two of which are never the same."""

from __future__ import annotations

import hashlib
import posixpath
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_workbench.history.mirror import names

# As in mlflow.utils.validation.
TAKEN = re.compile(r"^[/\w.\- :]*$")


@pytest.mark.parametrize("name", ["Accuracy", "test_accuracy:", "val/loss", "a b.c-d", "größe", "f1_0.5"])
def test_a_name_that_mlflow_takes_is_left_as_it_is(name):
    assert names.key(name) == name


@pytest.mark.parametrize(
    ("name", "readable"),
    [("accuracy %", "accuracy _-"), ("", "-"), ("..", "-"), ("/etc", "etc-"), ("a//b", "a/b-"), ("a\n", "a_-")],
)
def test_any_other_is_spelled_readably_with_a_hash(name, readable):
    digest = hashlib.sha256(name.encode()).hexdigest()
    assert names.key(name) == readable + digest[:8]


@given(st.text())
def test_whatever_the_name_mlflow_takes_what_becomes_of_it(name):
    key = names.key(name)
    assert TAKEN.match(key)
    assert 0 < len(key) <= names.MAX_KEY
    assert posixpath.normpath(key) == key
    assert not key.startswith(("/", ".."))
    assert "\n" not in key


@given(st.text(alphabet="ab%/. \n", max_size=6), st.text(alphabet="ab%/. \n", max_size=6))
def test_two_names_stay_two(one, other):
    assert (names.key(one) == names.key(other)) == (one == other)
    assert (names.file(one) == names.file(other)) == (one == other)


@given(st.text(min_size=1, max_size=400))
def test_a_file_has_one_plain_name(name):
    file = names.file(name)
    assert not set("/\\#?%\0\n") & set(file)
    assert file.strip(". ")
    assert len(file) <= 151


def test_a_file_keeps_the_suffix_by_which_it_is_shown():
    assert names.path("outputs/50%.png").startswith("outputs/50_-")
    assert names.path("outputs/50%.png").endswith(".png")


def test_tags_of_the_user_are_none_of_mlflows_or_ours():
    assert [names.tag(key) for key in ("color", "mlflow.user", "workbench.run", "latest.x", "tag.x")] == [
        "color", "tag.mlflow.user", "tag.workbench.run", "tag.latest.x", "tag.tag.x",
    ]  # fmt: skip


def test_an_experiment_has_the_name_of_its_project_in_front_and_fits():
    assert names.experiment("iris", "train.ipynb") == "iris/train.ipynb"
    assert len(names.experiment("iris", "x" * 600)) == names.MAX_EXPERIMENT


def test_a_text_is_one_that_every_database_takes():
    assert names.text("a\0\ud800", 100) == "a\\x00\\ud800"
    assert names.text("abcdef", 4) == "abc…"
