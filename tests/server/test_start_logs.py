"""What is kept of a start, and for how long."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_workbench.kernels.progress import KernelProgress
from jupyter_workbench.server import start_logs
from jupyter_workbench.server.preparations import Preparation
from jupyter_workbench.server.start_logs import NoSuchLog, StartLog, StartLogs
from jupyter_workbench.targets.progress import Progress

RESOLVING = Progress("environment", "Resolving packages")
RESOLVED = Progress("environment", "Resolving packages", said=("Resolved 31 packages in 655ms",))


def moment(state: Any, progress: Progress | None = None, reason: str | None = None, **more: Any) -> KernelProgress:
    told = {"kernel_id": "k1", "run_configuration": "docker", "elapsed": 1.5, **more}
    return KernelProgress(
        project="myIris", project_dir="/home/you/myIris", state=state, progress=progress, reason=reason, **told
    )


def told(*moments: KernelProgress) -> StartLogs:
    logs = StartLogs()
    for one in moments:
        logs.kernel(one)
    return logs


def texts(log: StartLog) -> list[str]:
    return [line["text"] for line in log.as_json()["lines"]]


def test_a_start_that_nobody_knows_has_no_log():
    with pytest.raises(NoSuchLog) as raised:
        StartLogs().of("k1")
    assert str(raised.value) == (
        "expected the id of a kernel or of a preparation that this server has started, got k1 - "
        "a log is kept until its run configuration is started again"
    )


def test_passwords_in_addresses_are_hidden_wherever_they_come_from():
    said = Progress("image", "Pulling https://me:secret@a/b", said=("from https://me:secret@a/b?sig=secret",))
    logs = told(moment("preparing", said), moment("dead", reason="no answer from https://me:secret@a/b"))
    assert texts(logs.of("k1")) == [
        "Pulling https://***@a/b",
        "from https://***@a/b?***",
        "no answer from https://***@a/b",
    ]


def test_of_a_long_log_the_newest_lines_are_kept():
    log = StartLog("/home/you/myIris", "docker")
    for number in range(start_logs.MOST_LINES + 5):
        log.add(number, str(number))
    assert (log.left_out, len(texts(log)), texts(log)[0]) == (5, start_logs.MOST_LINES, "5")


def test_a_log_is_never_larger_than_it_may_be():
    log = StartLog("/home/you/myIris", "docker")
    for _ in range(100):
        log.add(1, "x" * 100_000)
    assert sum(map(len, texts(log))) <= start_logs.MOST_CHARACTERS
    assert log.left_out == 100 - len(texts(log))
    assert texts(log)[-1] == "x" * start_logs.LONGEST_LINE + " ..."


def test_steps_and_what_programs_say_at_them_have_their_times():
    logs = told(
        moment("preparing", elapsed=0),
        moment("preparing", RESOLVING, elapsed=0.4),
        moment("preparing", RESOLVED, elapsed=1.0774),
        moment("starting", elapsed=2),
        moment("running", elapsed=3),
    )
    assert logs.of("k1").as_json() == {
        "left_out": 0,
        "lines": [
            {"elapsed": 0.4, "text": "Resolving packages"},
            {"elapsed": 1.077, "text": "Resolved 31 packages in 655ms"},
            {"elapsed": 2, "text": "Starting the kernel"},
        ],
    }


def test_the_reason_of_a_failure_is_in_the_log_line_by_line():
    logs = told(moment("preparing", RESOLVING), moment("dead", reason="No such package.\nuv says: no"))
    assert texts(logs.of("k1")) == ["Resolving packages", "No such package.", "uv says: no"]


def test_a_death_long_after_the_start_is_not_in_its_log():
    logs = told(moment("preparing", RESOLVING), moment("running"), moment("dead", reason="out of memory"))
    assert texts(logs.of("k1")) == ["Resolving packages"]


def test_a_restart_has_a_log_of_its_own():
    logs = told(moment("preparing", RESOLVED), moment("running"), moment("preparing", RESOLVING))
    assert texts(logs.of("k1")) == ["Resolving packages"]


def test_a_log_is_there_until_its_run_configuration_is_started_again():
    first = [moment("preparing", RESOLVING), moment("dead", reason="no")]
    logs = told(*first, moment("preparing", kernel_id="k2", run_configuration="local"))
    assert texts(logs.of("k1")) == ["Resolving packages", "no"]
    logs.kernel(moment("preparing", kernel_id="k3"))
    with pytest.raises(NoSuchLog):
        logs.of("k1")


def test_two_starts_at_once_have_a_log_each():
    logs = told(moment("preparing", RESOLVING), moment("preparing", RESOLVED, kernel_id="k2"))
    assert [len(texts(logs.of(id_))) for id_ in ("k1", "k2")] == [1, 2]


def test_a_preparation_has_a_log_with_what_came_of_it():
    project: Any = SimpleNamespace(name="myIris", directory=Path("/home/you/myIris"))
    preparation, logs = Preparation(project, "docker", upgrade=False), StartLogs()
    logs.preparation(preparation)
    preparation.progress = RESOLVED
    logs.preparation(preparation)
    preparation.state, preparation.message = "done", "myIris docker is ready."
    logs.preparation(preparation)
    assert texts(logs.of(preparation.id)) == [
        "Resolving packages",
        "Resolved 31 packages in 655ms",
        "myIris docker is ready.",
    ]
