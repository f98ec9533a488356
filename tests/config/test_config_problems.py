"""A problem says where, what and what to do."""

from __future__ import annotations

from jupyter_workbench.config.problems import Problem, did_you_mean, listed, sorted_once


def test_a_problem_reads_file_line_key_message() -> None:
    assert (
        str(Problem("a.compute", 3, "type", "expected x, got y - do z"))
        == "a.compute:3: type: expected x, got y - do z"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert str(Problem("a.compute", None, None, "expected x, got y - do z")) == "a.compute: expected x, got y - do z"


def test_the_row_of_a_problem_has_every_part() -> None:
    assert Problem("a.compute", None, "type", "message").as_row() == {
        "file": "a.compute",
        "line": None,
        "key": "type",
        "message": "message",
    }


def test_problems_sort_by_file_then_line_and_come_once() -> None:
    first, second, third = (
        Problem("a.compute", None, None, "z"),
        Problem("a.compute", 2, "type", "b"),
        Problem("b.compute", 1, None, "a"),
    )

    assert sorted_once([third, second, first, second]) == (first, second, third)


def test_a_word_that_looks_like_a_known_one_is_meant_to_be_it() -> None:
    assert did_you_mean("framewrok", ["Framework", "Target"]) == "Framework"
    assert did_you_mean("port", ["Framework", "Target"]) is None


def test_words_are_listed_as_one_says_them() -> None:
    assert [listed(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a or b", "a, b or c"]
