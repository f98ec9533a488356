"""What a cell shows of Spark: how far it is, one line at the end, and tables of a few rows."""

from __future__ import annotations

import pytest
from workbench_kernel.spark import bar, table
from workbench_kernel.spark.bar import Counts

HALFWAY = Counts(jobs=1, jobs_seen=1, stages=2, stages_done=1, tasks=200, done=120, active=2)


def test_a_running_job_says_how_far_it_is():
    assert bar.running(HALFWAY, 12.3) == "Spark: 1 job, 1 of 2 stages done, 120 of 200 tasks done, 2 active, 12 s"
    assert '<progress style="width: 12em" value="120" max="200"></progress>' in bar.running_html(HALFWAY, 12.3)


def test_failed_tasks_are_named():
    counts = Counts(jobs=1, jobs_seen=1, stages=1, tasks=2, done=1, failed=1)
    assert bar.running(counts, 1).endswith("0 active, 1 failed, 1 s")
    assert bar.ended(counts, 1) == "Spark: 1 job, 1 stage, 2 tasks, 1 done, 1 failed in 1 s"


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (
            Counts(jobs=2, jobs_seen=2, stages=3, stages_done=3, tasks=208, done=208),
            "2 jobs, 3 stages, 208 tasks in 4 s",
        ),
        (Counts(jobs=1, jobs_seen=1, stages=1, tasks=20, done=7), "1 job, 1 stage, 20 tasks, 7 done in 4 s"),
        (Counts(jobs=120, jobs_seen=9, stages=9, tasks=9, done=9), "120 jobs in 4 s"),
    ],
    ids=["done", "stopped", "too short to be seen"],
)
def test_at_the_end_there_is_one_line(counts, text):
    assert bar.ended(counts, 4.2) == "Spark: " + text


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.9, "59 s"), (125, "2 min 5 s"), (3780, "1 h 3 min")])
def test_times_are_as_people_read_them(seconds, text):
    assert bar.elapsed(seconds) == text


def test_a_table_shows_its_rows():
    text, html = table.shown(["id", "a<b"], [(1, None), (20, "<x>")])
    assert text == "id  a<b\n1   NULL\n20  <x>\n2 rows"
    assert html == (
        "<table><thead><tr><th>id</th><th>a&lt;b</th></tr></thead><tbody><tr><td>1</td><td>NULL</td></tr>"
        "<tr><td>20</td><td>&lt;x&gt;</td></tr></tbody></table><p>2 rows</p>"
    )


def test_a_table_of_more_rows_than_are_shown_says_so():
    text, html = table.shown(["id"], [(number,) for number in range(21)])
    assert text.endswith("\n19\nthe first 20 rows; there are more")
    assert html.count("<tr>") == 21


def test_a_long_value_is_cut():
    assert table.shown(["a"], [("x" * 300,)])[0].split("\n")[1] == "x" * 199 + "…"
