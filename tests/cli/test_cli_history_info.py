"""`workbench history info` and `compare`: one run, one output, and runs side by side."""

from __future__ import annotations

import json

import pytest
from kernel_on_paper import FACTS, MORNING, lines, opened, started, write
from runs_on_paper import BEST, COMMIT, MODEL, REPORT, WORST, leave_output

INFO = f"""\
Accuracy           0.75
loss               [1.0, 0.5]
ids                [1, 2]
Cell               Load Data
roc                images/roc.png
run_id             {BEST}
run_number         1
status             Completed
script_name        iris.ipynb
start_time_utc     2017-09-08T00:58:01.117000+00:00
end_time_utc       2017-09-08T00:58:06.117000+00:00
duration           0:00:04.892389
target             local
properties         {{"CommitId": "{COMMIT}"}}
run_configuration  local
tags               stage=review
outputs            images/roc.png (3 B)
                   outputs/model.pkl (7 B)
                   outputs/report.txt (20 B)
source             rate = 0.1
                   train()
execution_count    3
cell               c1
framework          Python
kernel_id          kernel-1
python             3.11.7
host               box
experiment         iris.ipynb
note               the one to keep
user               ada
git                {COMMIT} on main, with changes
packages           2; -o json shows them
stdout             epoch 1
                   epoch 2
"""


# ---- failures


def test_an_unknown_run_names_near_ones(run, two_runs):
    result = run("history", "info", "-r", WORST[:-1] + "8")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"The project has no run 'iris_1504832341118': did you mean {WORST} or {BEST}?\n"


def test_a_run_is_not_named_by_bytes_that_are_no_text(run, two_runs):
    result = run("history", "info", "-r", "\udce9")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "The project has no run '\\udce9': `workbench history list` shows the ids of all runs.\n"


def test_an_output_is_not_named_by_bytes_that_are_no_text(run, two_runs):
    result = run("history", "info", "-r", WORST, "-a", "\udce9")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"The run {WORST} has no output '\\udce9': it has outputs/lost.pkl.\n"


def test_last_without_a_run_says_how_to_make_one(run, iris):
    result = run("history", "info", "-r", "last")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "The project has no runs yet: run a cell after `%azureml history on` in one of its kernels.\n"
    )


def test_an_output_that_is_not_there_names_those_that_are(run, two_runs):
    result = run("history", "info", "-r", BEST, "-a", "outputs/modle.pkl")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"The run {BEST} has no output 'outputs/modle.pkl': it has images/roc.png, outputs/model.pkl, "
        "outputs/report.txt.\n"
    )


def test_an_output_that_was_lost_says_why(run, two_runs):
    result = run("history", "info", "-r", WORST, "-a", "outputs/lost.pkl")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"The output outputs/lost.pkl of the run {WORST} was lost: the kernel left no content.\n"


def test_one_run_cannot_be_compared(run, two_runs):
    result = run("history", "compare", "last")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: Name two runs at least: RUN RUN."


# ---- info


def test_info_is_for_people_what_is_known_of_a_run(run, two_runs):
    result = run("history", "info", "-r", BEST)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split() for line in result.stdout.splitlines() if not line.startswith("revision")] == [
        line.split() for line in INFO.splitlines()
    ]


def test_last_is_the_newest_run(run, two_runs):
    assert run("history", "info", "-r", "last", "--query", "run_id").stdout == f"{WORST}\n"


def test_a_long_series_is_one_line_for_people_and_whole_in_json(run, iris):
    logs = [{"e": "log", "t": MORNING, "run": "a" * 32, "name": "loss", "value": value} for value in range(1000)]
    write(iris.new_spool(FACTS), lines(opened(), started(), *logs))
    assert run("history", "info", "-r", BEST).stdout.splitlines()[0].split(maxsplit=1) == [
        "loss", "1000 values, the last 999; -o json shows them",
    ]  # fmt: skip
    assert json.loads(run("history", "info", "-r", BEST, "-o", "json", "--query", "loss").stdout) == list(range(1000))


@pytest.mark.parametrize(("path", "content"), [("outputs/model.pkl", MODEL), ("outputs/report.txt", REPORT)])
def test_an_output_goes_to_a_pipe_byte_by_byte(run, two_runs, path, content):
    assert run("history", "info", "-r", BEST, "-a", path).stdout_bytes == content


def test_an_output_of_many_megabytes_is_streamed(run, two_runs):
    content = bytes(range(256)) * 20_000
    leave_output(two_runs, "c" * 32, "iris_1", "outputs/big", content)
    assert run("history", "info", "-r", "iris_1", "-a", "outputs/big").stdout_bytes == content


def test_a_terminal_gets_no_escape_sequences(run, two_runs, monkeypatch):
    monkeypatch.setattr("jupyter_workbench.cli.history.info._is_terminal", lambda: True)
    assert run("history", "info", "-r", BEST, "-a", "outputs/report.txt").stdout == "größe: 5\n [31mred\n"


def test_a_terminal_gets_no_bytes_that_are_no_text(run, two_runs, monkeypatch):
    monkeypatch.setattr("jupyter_workbench.cli.history.info._is_terminal", lambda: True)
    result = run("history", "info", "-r", BEST, "-a", "outputs/model.pkl")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "outputs/model.pkl is not text - add `> FILE`, or use "
        f"`workbench history download -r {BEST} --artifact outputs/model.pkl -d DIR`\n"
    )


# ---- compare


def test_runs_are_compared_side_by_side(run, two_runs):
    result = run("history", "compare", BEST, "last")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "\n".join(
        [
            f"run       {BEST}                        {WORST}",
            "status    Completed                                 Failed",
            "note      the one to keep                           -",
            "tags      stage=review                              -",
            f"commit    {COMMIT}  -",
            "branch    main                                      -",
            "dirty     true                                      -",
            "Accuracy  0.75                                      0.5",
            "loss      0.5 (2 values, 0.5 to 1.0)                -",
            "ids       list of 2                                 -",
            "Cell      Load Data                                 -",
            "roc       images/roc.png                            -",
            "",
            f"Source of {WORST} against {BEST}:",
            "@@ -1,2 +1,2 @@",
            "-rate = 0.1",
            "+rate = 0.2",
            " train()",
            f"Packages of {WORST} against {BEST}:",
            "+scipy==1.0",
            "-pandas==2.0",
            " numpy 1.0 -> 1.1",
            "",
        ]
    )


def test_a_run_is_like_itself(run, two_runs):
    leave_output(two_runs, "c" * 32, "iris_1", "outputs/a", b"a")
    leave_output(two_runs, "d" * 32, "iris_2", "outputs/a", b"a")
    assert run("history", "compare", "iris_1", "iris_2").stdout == (
        "run  iris_1  iris_2\n\nThe source of iris_2 is that of iris_1.\nThe packages of both are not known.\n"
    )


def test_values_that_look_the_same_in_short_are_said_to_differ(run, iris):
    for letter, run_id, values in (("a", "iris_1", [1, 2, 4, 3]), ("b", "iris_2", [1, 4, 2, 3])):
        told = [("loss", value) for value in values] + [("matrix", [values, values])]
        logs = [{"e": "log", "t": MORNING, "run": letter * 32, "name": name, "value": value} for name, value in told]
        write(iris.new_spool(FACTS), lines(opened(), started(letter * 32, id=run_id), *logs))
    table = run("history", "compare", "iris_1", "iris_2").stdout.splitlines()
    assert table[1:3] == [
        "loss    3 (4 values, 1.0 to 4.0), contents differ  3 (4 values, 1.0 to 4.0), contents differ",
        "matrix  list of 2, contents differ                 list of 2, contents differ",
    ]


def test_json_has_the_whole_comparison(run, two_runs):
    told = json.loads(run("history", "compare", BEST, WORST, "-o", "json").stdout)
    assert told.keys() == {"runs", "metrics", "properties", "differs", "source_diff", "packages", "images"}
    assert told["images"] == {"roc": ["images/roc.png", None]}
    assert told["packages"][1]["changed"] == [["numpy", "1.0", "1.1"]]


def test_csv_of_a_comparison_is_its_table(run, two_runs):
    text = run("history", "compare", BEST, WORST, "-o", "csv").stdout
    assert text.splitlines()[:2] == [f"run,{BEST},{WORST}", "status,Completed,Failed"]
    assert "Accuracy,0.75,0.5" in text.splitlines()


def test_a_comparison_answers_queries(run, two_runs):
    assert "metric:Accuracy" in run("history", "compare", BEST, WORST, "--query", "differs").stdout.splitlines()
