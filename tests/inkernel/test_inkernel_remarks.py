"""What a cell says about its run, and what is said where there is none."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

OFF = "History logging is off, so this cell is no run - turn it on with `%azureml history on`.\n"
PAIR = "%azureml tag: expected key=value, got '{}' - put quotes around a value with spaces: key='two words'"


@pytest.fixture
def on(a_shell):
    """A shell with history on."""
    a_shell.run("%azureml history on")
    return a_shell


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("run now", "%azureml run: expected nothing more, got 'now'"),
        ("tag", "%azureml tag: expected key=value, got nothing - key= takes a tag away"),
        (
            "tag colour",
            "%azureml tag: expected key=value, got 'colour' - put quotes around a value with spaces: key='two words'",
        ),
        (
            "tag =1",
            "%azureml tag: expected key=value, got '=1' - put quotes around a value with spaces: key='two words'",
        ),
        ("tag 'a=1", '%azureml: expected every quote to be closed, got "\'a=1"'),
        (f"tag {'k' * 251}=1", "%azureml tag: expected a key of at most 250 characters, got 251"),
        (
            f"tag a={'v' * 5001}",
            "%azureml tag: a: expected a value of at most 5000 characters, got 5001 - note a longer text with "
            "`%azureml note`",
        ),
        ("note", '%azureml note: expected a text, got nothing - "" takes the note away'),
        (
            f"note {'n' * 50_001}",
            "%azureml note: expected at most 50000 characters, got 50001 - save a longer text as an output with "
            "`logger.upload`",
        ),
        ('experiment ""', "%azureml experiment: expected a name of 1 to 250 printable characters, got ''"),
    ],
)
def test_a_line_that_is_wrong_is_a_usage_error_and_records_nothing(on, line, message):
    cell = on.run(f"%azureml {line}")
    assert isinstance(cell.error, UsageError)
    assert str(cell.error) == message
    assert on.records("tag", "note", "experiment") == []


@pytest.mark.parametrize(
    ("line", "told"),
    [("run", OFF), ("tag a=1", "Nothing was tagged. " + OFF), ("note text", "Nothing was noted. " + OFF)],
)
def test_without_a_run_it_says_so_in_a_sentence(a_shell, line, told):
    cell = a_shell.run(f"%azureml {line}")
    assert (cell.stdout, cell.error) == (told, None)
    assert [record["e"] for record in a_shell.records()] == ["open"]


@pytest.mark.parametrize(
    ("line", "told"),
    [("run", ""), ("experiment a", ""), ("tag a=1", "Nothing was tagged. "), ("note text", "Nothing was noted. ")],
)
def test_where_history_is_forbidden_it_says_so(make_shell, line, told):
    cell = make_shell(tracked_run=False, run_configuration="docker").run(f"%azureml {line}")
    assert cell.stdout == told + "The run configuration 'docker' forbids history logging (TrackedRun: false).\n"


def test_tags_are_recorded_for_the_run_of_the_cell(on):
    cell = on.run("%azureml tag colour=blue 'size=very large' url=http://a?b=c old=")
    assert cell.stdout == "Tagged colour=blue, size=very large, url=http://a?b=c\nUntagged old\n"
    assert [(tag["key"], tag["value"]) for tag in on.records("tag")] == [
        ("colour", "blue"),
        ("size", "very large"),
        ("url", "http://a?b=c"),
        ("old", None),
    ]
    assert {tag["run"] for tag in on.records("tag")} == {on.records("start")[1]["run"]}


def test_one_wrong_tag_and_none_is_recorded(on):
    assert isinstance(on.run("%azureml tag a=1 b").error, UsageError)
    assert on.records("tag") == []


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("it's better, with 5 % less", "it's better, with 5 % less"),
        ("'in quotes'", "in quotes"),
        ("'one' and 'two'", "'one' and 'two'"),
        ("größe \U0001f600", "größe \U0001f600"),
    ],
)
def test_a_note_is_what_the_line_says(on, line, text):
    assert on.run(f"%azureml note {line}").stdout == "Noted\n"
    (note,) = on.records("note")
    assert (note["text"], note["run"]) == (text, on.records("start")[1]["run"])


def test_an_empty_note_takes_it_away(on):
    assert on.run('%azureml note ""').stdout == "Note taken away\n"
    assert [note["text"] for note in on.records("note")] == [""]


def test_a_cell_tells_which_run_it_is(on):
    cell = on.run("%azureml run")
    public = on.records("start")[1]["id"]
    assert cell.stdout == (
        f"Run {public}, part of the experiment of this notebook\nTo see it: workbench history info -r {public}\n"
    )


def test_a_cell_links_the_page_of_its_run_where_a_jupyterlab_shows_it(make_shell, monkeypatch):
    shell, shown = make_shell(page="/base/lab?workbench-project=%2Firis"), []
    monkeypatch.setattr(shell.shell.display_pub, "publish", shown.append)
    shell.run("%azureml history on")
    cell = shell.run("%azureml run")
    public = shell.records("start")[1]["id"]
    command = f"workbench history info -r {public}"
    assert cell.stdout == f"Run {public}, part of the experiment of this notebook\n"
    page = f"/base/lab?workbench-project=%2Firis&amp;workbench-run={public}"
    link = f'<a href="{page}" target="_blank" rel="noopener">open the page of this run</a>'
    assert shown == [
        {"text/plain": f"To see it: {command}", "text/html": f"To see it: {link}, or <code>{command}</code>"}
    ]


def test_an_experiment_has_the_runs_from_the_current_one_on(on):
    assert on.run("%azureml experiment").stdout == "Runs are part of the experiment of this notebook\n"
    assert on.run("%azureml experiment Deep nets, größer").stdout == (
        "Runs are part of the experiment 'Deep nets, größer'\n"
    )
    on.run("%azureml run")
    assert [start["experiment"] for start in on.records("start")] == [None, None, None, "Deep nets, größer"]
    (moved,) = on.records("experiment")
    assert (moved["run"], moved["name"]) == (on.records("start")[2]["run"], "Deep nets, größer")


def test_an_experiment_can_be_chosen_before_history_is_on(a_shell):
    assert a_shell.run("%azureml experiment nets").stdout == (
        "Runs are part of the experiment 'nets'\nHistory logging is off - turn it on with `%azureml history on`.\n"
    )
    a_shell.run("%azureml history on")
    assert a_shell.records("start")[0]["experiment"] == "nets"


def test_a_tag_after_history_is_off_in_the_cell_is_told(on):
    assert on.run("%azureml history off\n%azureml tag a=1").stdout == (
        "History logging disabled\nNothing was tagged. " + OFF
    )
