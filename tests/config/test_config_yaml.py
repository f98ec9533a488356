"""Text becomes data that remembers its lines; both parsers agree."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest
import yaml as pyyaml

from jupyter_workbench.config import yaml
from jupyter_workbench.config.yaml import Document, PurePythonParser, parse

PARSERS = [
    pytest.param(PurePythonParser, id="PyYAML"),
    pytest.param(
        getattr(pyyaml, "CSafeLoader", None),
        id="libyaml",
        marks=pytest.mark.skipif(not pyyaml.__with_libyaml__, reason="this PyYAML was built without libyaml"),
    ),
]


@pytest.fixture(autouse=True, params=PARSERS)
def _with_either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "Parser", request.param)


def read(text: str) -> Document:
    return parse(text, "local.runconfig")


def problems(text: str) -> list[str]:
    return [str(problem) for problem in read(text).problems]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a:\n\tb: 1\n", "2: expected blanks, got a tab - replace the tab by blanks"),
        ("a: 1\n\tb: 1\n", "2: expected blanks, got a tab - replace the tab by blanks"),
        ("-\ta\n", "1: expected blanks, got a tab - replace the tab by blanks"),
        (
            '{"a": 1\n "b": 2}',
            "2: expected a comma or a closing bracket, got another value - add the comma before it or "
            "close the quote above",
        ),
        ('{"a": 1,\n', "1: expected a value or a closing bracket, got the end of the file - write what is missing"),
        (
            '{"a": 1\n',
            "1: expected a closing bracket, got the end of the file - close the bracket that opens on this line",
        ),
        (
            "a: [1, 2\n",
            "1: expected a closing bracket, got the end of the file - close the bracket that opens on this line",
        ),
        (
            'a: 1\nb: "x\n',
            "2: expected a closing quote, got the end of the file - close the quote that opens on this line",
        ),
        ('{"a":\n', "1: expected a value or a closing bracket, got the end of the file - write what is missing"),
        ("{a: 1,, b: 2}\n", "1: expected a value, got a bracket or comma too many - remove it"),
        ("{a: 1}}\n", "1: expected the end of the file, got more text after it - remove what follows the last bracket"),
        (
            "a: b: c\n",
            "1: expected `key: value`, got a second colon or a deeper key - quote the value or line up the keys",
        ),
        ("a: 1\nb\nc: 2\n", "2: expected `key: value`, got text without a colon - write one setting a line"),
        (
            "a:\n  - b\n c: 1\n",
            "3: expected a key in line with the keys above, got something else - line it up or remove it",
        ),
        (
            "a: - b\n",
            "1: expected a list item on a line of its own, got a `-` in the middle of a line - start a new line",
        ),
        ("a: %x\n", "1: expected a value, got one that begins with `%` - put the value in quotes"),
        (
            'a: "C:\\Users"\n',
            "1: expected an escape such as `\\n` after the backslash, got another - double every backslash or use "
            "single quotes",
        ),
        ("a: 1\nb: \x01\n", "2: expected text, got a control character - remove it or save the file as UTF-8 text"),
        (
            "a: !!python/object/apply:os.system [ls]\n",
            "1: expected a plain value, got one that begins with `!`, a YAML tag - remove the tag or put the value in "
            "quotes",
        ),
        (
            "a: !x!\n",
            "1: expected a plain value, got one that begins with `!`, a YAML tag - remove the tag or put the value in "
            "quotes",
        ),
        (
            "a: 'it's'\n",
            "1: expected nothing after the closing quote, got more text - put the whole value in other quotes",
        ),
        (
            'a:\n  b: "x" y\n',
            "2: expected nothing after the closing quote, got more text - put the whole value in other quotes",
        ),
        ("a: [*.py]\n", "1: expected a value, got one that begins with `*` or `&` - put the value in quotes"),
        (
            "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> gpu\n",
            "2: expected settings, got two versions that git could not merge - keep one of them and remove the marks",
        ),
        (
            "a: *b\n",
            "1: expected the name of an anchor above, got none of that name - put a value that begins with `*` in "
            "quotes",
        ),
        (
            "a: &a [*a]\n",
            "1: expected the name of an anchor above, got none of that name - put a value that begins with `*` in "
            "quotes",
        ),
        ("a: 1\n---\nb: 2\n", "2: expected one document, got a second one after `---` - keep one of the two"),
        ("{{a}}: b\n", "1: expected a name as key, got a bracket - put text that contains brackets in quotes"),
    ],
)
def test_a_broken_text_is_refused_with_its_line(text: str, problem: str) -> None:
    document = read(text)

    assert document.broken
    assert document.data is None
    assert [str(problem) for problem in document.problems] == [f"local.runconfig:{problem}"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_ten_thousand_levels_are_refused_at_once(opening: str) -> None:
    start = perf_counter()

    assert problems(opening * 10_000) == [
        "local.runconfig:1: expected at most 32 levels of brackets and lists, got more - check the brackets"
        if opening != "? "
        else "local.runconfig:1: expected a name as key, got a bracket - put text that contains brackets in quotes"
    ]
    assert perf_counter() - start < 2


def test_aliases_that_multiply_are_refused_at_once() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]

    assert problems("\n".join(lines)) == [
        "local.runconfig:4: expected at most 10000 values, got more - shorten the file or its aliases"
    ]


def test_a_key_that_comes_twice_names_the_line_of_the_first() -> None:
    document = read("a: 1\nb:\n  c: 1\n  c: 2\na: {c: 1}\na: {c: 2}\n")

    assert [str(problem) for problem in document.problems] == [
        "local.runconfig:4: b.c: expected each key once, got it on line 3 already - keep one of the two",
        "local.runconfig:5: a: expected each key once, got it on line 1 already - keep one of the two",
        "local.runconfig:6: a: expected each key once, got it on line 5 already - keep one of the two",
    ]
    assert not document.broken


def test_a_problem_of_a_broken_text_never_quotes_it() -> None:
    texts = [
        "K: hunter2: x",
        "hunter2\nK: x",
        "K: *hunter2",
        "K: !hunter2 x",
        "K: 'hunter2",
        "K: [hunter2",
        "K: %hunter2",
    ]

    assert all(problems(text) for text in texts)
    assert "hunter2" not in str([problems(text) for text in texts])


@pytest.mark.parametrize(
    "written", ["1.10", "yes", "0x1F", "2018-01-01", "1e3", "0o17", "1_000", "~/share/", "Null value"]
)
def test_values_stay_as_they_were_written(written: str) -> None:
    assert read(f"a: {written}\n").data == {"a": written}


@pytest.mark.parametrize("written", ["", "~", "null", "Null", "NULL"])
def test_null_is_nothing(written: str) -> None:
    assert read(f"a: {written}\n").data == {"a": None}


def test_null_in_quotes_is_text() -> None:
    assert read("a: 'null'\nb: !!str null\n").data == {"a": "null", "b": "null"}


@pytest.mark.parametrize(
    "text", ['"a":\t"6g"\n', "a:\t6g\t\n", "a: 6g #\ttab\n", "\t# tab\n \na: 6g\n\t\n", '{\n\t"a":\t"6g"\n}'], ids=ascii
)
def test_a_tab_that_only_parts_words_is_read(text: str) -> None:
    assert read(text).data == {"a": "6g"}


@pytest.mark.parametrize(
    "text", ["a: 1\r\nb: 2\r\n", "a: 1\nb: 2", '{"a": 1, "b": 2}', "---\na: 1\nb: 2\n...\n"], ids=ascii
)
def test_the_same_settings_in_other_clothes_are_the_same(text: str) -> None:
    assert read(text).data == {"a": "1", "b": "2"}


def test_every_key_and_list_item_has_its_line() -> None:
    lines = read("# comment\na: 1\nb:\n  c: 2\n  d:\n  - 3\n  -\n    4\n").lines

    assert lines == {("a",): 2, ("b",): 3, ("b", "c"): 4, ("b", "d"): 5, ("b", "d", 0): 6, ("b", "d", 1): 8}


def test_the_line_of_something_unknown_is_that_of_the_nearest_thing_around_it() -> None:
    document = read("a:\n  b: 1\n")

    assert document.line(("a", "c", 0)) == 1
    assert document.line(("z",)) is None


def test_a_value_knows_where_it_stands_in_the_text() -> None:
    text = "é: &x 'a' # comment\nb: plain\n"
    value = read(text).data["b"]

    assert text[value.start : value.end] == "plain"
    assert (value.line, value.plain) == (2, True)


def test_an_alias_stands_for_what_its_anchor_names() -> None:
    assert read("a: &a {x: 1}\nb: *a\n").data == {"a": {"x": "1"}, "b": {"x": "1"}}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_text_holds_nothing(text: str) -> None:
    assert read(text) == Document("local.runconfig", None)


def test_nothing_is_constructed_from_a_tag(tmp_path: Path) -> None:
    read(f"a: !!python/object/apply:os.mkdir ['{tmp_path}/made']\n")

    assert list(tmp_path.iterdir()) == []
