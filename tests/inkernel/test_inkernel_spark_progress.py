"""What a cell shows of the jobs at work: its own, and none of a streaming query in the background."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from workbench_kernel.spark import progress
from workbench_kernel.spark.place import Place

RUN = "6f1cbb4c-6b1f-4b3c-9c8e-0d1f2a3b4c5d"
OF_A_STREAM = (RUN, f"id = 0c1d2e3f<br/>runId = {RUN}<br/>batch = 7")
OF_THE_CELL = ("cells-0", None)


class Option:
    """Scala's."""

    def __init__(self, value):
        self.get = lambda: value
        self.isDefined = lambda: value is not None


class Context:
    """As much of a SparkContext as is asked: jobs at work, each of one stage with its number, which has ten tasks."""

    def __init__(self):
        self.jobs = {}
        self._jsc = SimpleNamespace(sc=lambda: SimpleNamespace(statusStore=lambda: SimpleNamespace(job=self._job)))

    def _job(self, number):
        group, description = self.jobs[number]
        return SimpleNamespace(jobGroup=lambda: Option(group), description=lambda: Option(description))

    def statusTracker(self):  # noqa: N802  # pyspark's word
        return SimpleNamespace(
            getActiveJobsIds=lambda: list(self.jobs),
            getJobInfo=lambda job: SimpleNamespace(stageIds=[job]),
            getActiveStageIds=lambda: list(self.jobs),
            getStageInfo=lambda stage: SimpleNamespace(
                stageId=stage, numTasks=10, numCompletedTasks=4, numActiveTasks=2, numFailedTasks=0
            ),
        )


@pytest.fixture
def spark():
    """A context at work."""
    return Context()


@pytest.fixture
def shown(spark):
    """What a cell shows after looks at these jobs, one after the other; None for nothing."""

    def of(*looks):
        texts = []
        place = Place(None, None)
        place.show = lambda text, _html: texts.append(text)
        cell = progress._Cell(place)
        for jobs in looks:
            spark.jobs = jobs
            progress._look(cell, spark)
            cell.show()
        return texts[-1] if texts else None

    return of


def test_a_job_of_the_cell_is_shown(shown):
    assert shown({3: OF_THE_CELL}) == "Spark: 1 job, 0 of 1 stage done, 4 of 10 tasks done, 2 active, 0 s"


def test_a_query_in_the_background_is_not_shown(shown):
    assert shown({3: OF_A_STREAM}) is None


def test_beside_a_query_in_the_background_the_cell_shows_its_own_jobs(shown):
    counted = shown({3: OF_A_STREAM, 4: OF_THE_CELL}, {6: OF_A_STREAM, 8: OF_THE_CELL})
    assert counted == "Spark: 2 jobs, 1 of 2 stages done, 8 of 20 tasks done, 2 active, 0 s"


def test_jobs_that_were_too_short_to_be_seen_are_counted(shown):
    counted = shown({3: OF_THE_CELL}, {8: OF_THE_CELL})
    assert counted == "Spark: 6 jobs, 1 of 2 stages done, 8 of 20 tasks done, 2 active, 0 s"


@pytest.mark.parametrize(
    "whose",
    [(None, None), ("mine", "what I do"), (RUN, "broadcast exchange (runId " + RUN + ")"), (RUN, None)],
    ids=["of a thread", "of a group that the user names", "of a join", "of a group without words"],
)
def test_jobs_of_other_groups_may_be_the_cells(shown, whose):
    assert shown({3: whose}) == "Spark: 1 job, 0 of 1 stage done, 4 of 10 tasks done, 2 active, 0 s"


def test_a_job_that_spark_does_not_tell_of_is_shown(shown, spark):
    spark._jsc = None
    assert shown({3: OF_A_STREAM}) == "Spark: 1 job, 0 of 1 stage done, 4 of 10 tasks done, 2 active, 0 s"
