"""Real kernels, started through the folder: of this interpreter and of each one in WORKBENCH_TEST_PYTHONS."""

from __future__ import annotations

import ast
import gc
import json
import logging
import signal

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.live

ON = "from azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()\n%azureml history on"
# Not printed: ipykernel 6 may lose an interrupt that comes while it prints.
SLEEP = "import time\nlogger.log('begun', 1)\ntime.sleep(60)"


def ends(kernel):
    return [(record["status"], (record["error"] or {}).get("name")) for record in kernel.records("end")]


def test_the_classifying_iris_idiom(a_kernel, a_project):
    (a_project / "outputs/model.pkl").write_bytes(b"model")
    assert a_kernel.run("%azureml history show").stdout == "History logging is disabled\n"
    assert a_kernel.run(ON).stdout == "History logging enabled\n"
    training = "logger.log('Accuracy', 0.679)\nlogger.log('Regularization Rate', [0.5, 1])\nlogger.log('Cell', 'Train')"
    assert a_kernel.run(training).status == "ok"
    assert a_kernel.run("%azureml upload outputs/model.pkl").stdout == "Saved outputs/model.pkl (5 bytes)\n"
    assert a_kernel.run("%azureml history off").stdout == "History logging disabled\n"
    a_kernel.run("logger.log('after', 1)")
    assert a_kernel.values() == [("Accuracy", 0.679), ("Regularization Rate", [0.5, 1]), ("Cell", "Train")]
    starts = a_kernel.records("start")
    assert [start["source"] for start in starts] == [
        ON,
        training,
        "%azureml upload outputs/model.pkl",
        "%azureml history off",
    ]
    assert ends(a_kernel) == [("Completed", None)] * 4
    (output,) = a_kernel.records("output")
    assert (a_kernel.spool / "blobs" / output["sha256"]).read_bytes() == b"model"


def test_the_number_and_the_id_of_a_cell_are_those_of_its_notebook(a_kernel):
    counts = []
    for code in ("x = 1", ON, "y = 2"):
        request = a_kernel.client.session.msg(
            "execute_request",
            {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False},
            metadata={"cellId": "cell " + code[:1]},
        )
        a_kernel.client.shell_channel.send(request)
        counts.append(a_kernel.wait(request["header"]["msg_id"]).reply["execution_count"])
    assert [(start["count"], start["cell"]) for start in a_kernel.records("start")] == [
        (counts[1], "cell f"),
        (counts[2], "cell y"),
    ]


def test_a_cell_that_ends_with_log_shows_nothing(a_kernel):
    a_kernel.run(ON)
    assert a_kernel.run("logger.log('a', 1)").types == ["status", "execute_input", "status"]


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("1/0", "Failed", "ZeroDivisionError"),
        ("x = = 1", "Failed", "SyntaxError"),
        ("raise SystemExit", "Failed", "SystemExit"),
        ("import asyncio\nawait asyncio.sleep(0)\nlogger.log('a', 1)", "Completed", None),
        ("import asyncio\nawait asyncio.sleep(0)\n1/0", "Failed", "ZeroDivisionError"),
    ],
)
def test_cells_end_as_they_did(a_kernel, code, status, error):
    a_kernel.run(ON)
    a_kernel.run(code)
    assert ends(a_kernel)[-1] == (status, error)


@pytest.mark.parametrize(
    "code",
    [
        "while True: logger.log('a', 1)",
        SLEEP,
        # In short naps: ipykernel 7 hears of an interrupt when its event loop wakes up for another reason.
        "import asyncio\nlogger.log('begun', 1)\nwhile True: await asyncio.sleep(0.05)",
    ],
    ids=["logging", "sleeping", "awaiting"],
)
def test_an_interrupted_cell_is_a_run_that_was_canceled(a_kernel, code):
    a_kernel.run(ON)
    listener = a_kernel.listener()
    request = a_kernel.send(code, stop_on_error=False)  # ipykernel would abort a cell that comes soon after it
    if "begun" in code:
        a_kernel.wait_for_value("begun")
    else:
        listener.next()  # the flusher sends what it logged so far
    a_kernel.manager.interrupt_kernel()
    assert a_kernel.wait(request).status == "error"
    assert ends(a_kernel)[-1][0] == "Canceled"
    alive = a_kernel.run("print('alive')")
    assert (alive.status, alive.stdout) == ("ok", "alive\n")
    listener.close()


def test_the_server_hears_of_every_record_once_and_the_notebook_of_none(a_kernel):
    listener = a_kernel.listener()
    a_kernel.run("%azureml history show")
    a_kernel.run(ON)
    cell = a_kernel.run("for i in range(5): logger.log('i', i)")
    messages = listener.all_so_far()
    assert {message["parent_header"]["msg_type"] for message in messages} == {"jupyter_workbench_records"}
    contents = [message["content"] for message in messages]
    assert {content["stream"] for content in contents} == {a_kernel.spool.name}
    data = (a_kernel.spool / "records.jsonl").read_bytes()
    assert "".join(content["data"] for content in contents).encode() == data
    assert contents[0]["offset"] == 0
    assert "jupyter_workbench_records" not in cell.types
    listener.close()


def test_a_long_cell_is_heard_of_while_it_runs_about_four_times_a_second(a_kernel):
    a_kernel.run(ON)
    listener = a_kernel.listener()
    a_kernel.run("pass")
    listener.all_so_far()
    request = a_kernel.send(
        "import time\nend = time.time() + 1.5\nwhile time.time() < end:\n  logger.log('a', 1); time.sleep(0.01)"
    )
    first = listener.next()["content"]["data"]
    assert '"e":"end"' not in first
    a_kernel.wait(request)
    assert 3 <= len(listener.all_so_far()) + 1 <= 8
    listener.close()


def test_much_at_once_is_a_nudge(a_kernel):
    a_kernel.run(ON)
    listener = a_kernel.listener()
    a_kernel.run("pass")
    listener.all_so_far()
    a_kernel.run("for i in range(1000): logger.log('a', i)")
    contents = [message["content"] for message in listener.all_so_far()]
    assert any("size" in content and "data" not in content for content in contents)
    listener.close()


def test_a_kernel_that_is_killed_leaves_every_value_that_log_returned_for(a_kernel):
    a_kernel.run(ON)
    a_kernel.send(
        "import os\ntold = os.open('told', os.O_WRONLY | os.O_CREAT | os.O_APPEND)\ni = 0\n"
        "while True:\n  logger.log('i', i)\n  os.write(told, b'%d\\n' % i)\n  i += 1"
    )
    listener = a_kernel.listener()
    listener.next()
    a_kernel.manager.signal_kernel(signal.SIGKILL)
    a_kernel.manager.provisioner.process.wait()
    told = [int(line) for line in (a_kernel.project / "told").read_bytes().split(b"\n") if line]
    values = [value for _, value in a_kernel.values()]
    assert len(told) > 100
    assert values[: len(told)] == told
    assert len(values) - len(told) in (0, 1)  # a value may be recorded whose call did not return
    listener.close()


def test_a_full_disk_costs_its_records_and_nothing_else(a_kernel):
    a_kernel.run("import resource, os\n" + ON)
    spool = a_kernel.spool / "records.jsonl"
    cell = a_kernel.run(
        f"for i in range(3): logger.log('i', i)\n"
        f"limits = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize({str(spool)!r}) + 20, limits[1]))\n"
        "for i in range(3, 6): logger.log('i', i)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, limits)\n"
        "for i in range(6, 9): logger.log('i', i)\n"
    )
    assert cell.status == "ok"
    assert cell.stderr == (
        "Run history: records cannot be written (No space left on device), so values are missing from this run - "
        "make room or mend the disk; your code is not affected.\n"
    )
    whole = [line for line in spool.read_bytes().split(b"\n") if line.endswith(b"}") and b'"name":"i"' in line]
    assert [int(line.rpartition(b":")[2][:-1]) for line in whole] == [0, 1, 2, 6, 7, 8]


def test_processes_that_the_user_forks_log_into_the_cell(a_kernel):
    a_kernel.run(ON)
    cell = a_kernel.run(
        "import multiprocessing\ncontext = multiprocessing.get_context('fork')\n"
        "children = [context.Process(target=logger.log, args=('child', i)) for i in range(4)]\n"
        "for child in children: child.start()\nfor child in children: child.join()\n"
        "print([child.exitcode for child in children])"
    )
    assert cell.stdout == "[0, 0, 0, 0]\n"
    assert sorted(a_kernel.values()) == [("child", i) for i in range(4)]
    assert a_kernel.run("logger.log('after', 1)").status == "ok"


def test_processes_that_the_user_spawns_can_import_the_logger(a_kernel, a_project):
    (a_project / "work.py").write_text(
        "def work(i):\n    from azureml.logging import get_azureml_logger\n"
        "    get_azureml_logger().log('i', i)\n    return i * i\n"
    )
    code = (
        "import multiprocessing\nfrom work import work\n"
        "with multiprocessing.get_context('spawn').Pool(1) as pool: print(pool.map(work, [1, 2]))"
    )
    assert a_kernel.run(code).stdout == "[1, 4]\n"


def test_threads_that_the_user_starts_log_into_the_cell(a_kernel):
    a_kernel.run(ON)
    a_kernel.run(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool: list(pool.map(lambda i: logger.log('i', i), range(100)))"
    )
    assert sorted(a_kernel.values()) == [("i", i) for i in range(100)]
    assert len({record["run"] for record in a_kernel.records("log")}) == 1


def test_cells_of_a_subshell_are_runs_of_their_own_at_the_same_time(a_kernel):
    if "kernel subshells" not in a_kernel.kernel_info().get("supported_features", []):
        pytest.skip("this ipykernel has no subshells")
    subshell = a_kernel.ask_control("create_subshell_request", {})["subshell_id"]
    a_kernel.run("import threading\nmeet = threading.Barrier(2, timeout=20)\n" + ON)
    main = a_kernel.send("meet.wait(); logger.log('from', 'main'); meet.wait()")
    content = {"code": "meet.wait(); logger.log('from', 'sub'); meet.wait()", "silent": False, "store_history": True}
    other = a_kernel.client.session.msg("execute_request", content)
    other["header"]["subshell_id"] = subshell
    a_kernel.client.shell_channel.send(other)
    a_kernel.wait_for_idle(main, other["header"]["msg_id"])
    keys = {start["run"]: start["source"] for start in a_kernel.records("start")}
    assert {(keys[log["run"]].split("'")[3], log["value"]) for log in a_kernel.records("log")} == {
        ("main", "main"),
        ("sub", "sub"),
    }
    assert ends(a_kernel)[1:] == [("Completed", None)] * 2


def test_it_is_started_as_ipykernel_launcher_starts_a_kernel(a_kernel, start_kernel, python, inkernel, tmp_path):
    bare = start_kernel(tmp_path, argv=[python, "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    code = (
        "import sys, os, json\n"
        "names = sorted(name for name in globals() if not name.startswith('_i'))\n"
        "mine = sys.modules['__main__'].__dict__ is globals()\n"
        "start = [os.path.basename(sys.argv[0]), sys.argv[1], len(sys.argv)]\n"
        "print(json.dumps([*start, sys.path, os.getcwd(), __name__, mine, names]))"
    )
    ours, theirs = (json.loads(kernel.run(code).stdout) for kernel in (a_kernel, bare))
    assert ours[1] == "-f"
    # The launcher of ipykernel 5 forgot to take the project folder away, which then hid modules of Python itself.
    assert ours[3] == [*(entry for entry in theirs[3] if entry != ours[4]), str(inkernel)]
    assert ours[:3] + ours[4:] == theirs[:3] + theirs[4:]


def test_a_kernel_without_spark_imports_nothing_of_it(a_kernel):
    a_kernel.run("1 + 1")
    ours = "print(sorted(name for name in __import__('sys').modules if name.startswith(('workbench_kernel', 'py4j'))))"
    loaded = ast.literal_eval(a_kernel.run(ours).stdout)
    assert "workbench_kernel.hooks" in loaded
    assert not [name for name in loaded if name.startswith(("workbench_kernel.spark", "py4j"))]


def test_a_module_of_the_user_is_never_hidden_by_ours(start_kernel, make_spool, a_project):
    (a_project / "workbench_kernel.py").write_text("NAME = 'mine'\n")
    (a_project / "json_tools.py").write_text("NAME = 'mine'\n")
    kernel = start_kernel(make_spool())
    assert kernel.run("import json_tools; print(json_tools.NAME)").stdout == "mine\n"
    assert kernel.run("%azureml history on").stdout == "History logging enabled\n"


def test_a_restarted_kernel_goes_on_in_the_same_spool(a_kernel):
    a_kernel.run(ON)
    a_kernel.manager.restart_kernel(now=True)
    a_kernel.client.wait_for_ready(timeout=60)
    assert a_kernel.run("%azureml history show").stdout == "History logging is disabled\n"
    a_kernel.run(ON + "\nlogger.log('a', 1)")
    assert a_kernel.values() == [("a", 1)]
    assert len(a_kernel.records("open")) == 2


@pytest.mark.parametrize("code", ["pass", SLEEP], ids=["idle", "busy"])
def test_a_kernel_with_history_shuts_down_as_fast_as_any(a_kernel, code):
    a_kernel.run(ON)
    a_kernel.send(code)
    if "begun" in code:
        a_kernel.wait_for_value("begun")
        a_kernel.manager.interrupt_kernel()
    a_kernel.manager.shutdown_wait_time = 10
    process = a_kernel.manager.provisioner.process
    a_kernel.manager.request_shutdown()
    assert process.wait(timeout=10) == 0


def test_without_its_spool_folder_the_kernel_runs_and_says_what_is_missing(start_kernel, tmp_path):
    kernel = start_kernel(tmp_path / "nowhere")
    assert kernel.run("%azureml history on").stdout == (
        f"History logging is not available: the spool folder {tmp_path / 'nowhere'} cannot be used "
        "(No such file or directory) - restart the kernel once that is mended.\n"
    )


def test_a_notice_is_shown_in_the_first_cell(start_kernel, make_spool):
    kernel = start_kernel(make_spool(notice="one line"))
    assert kernel.run("1", silent=True).stderr == ""
    assert kernel.run("print(1)").stderr == "one line\n"
    assert kernel.run("print(1)").stderr == ""


def test_a_session_of_jupyter_server_tells_the_notebook(start_kernel, make_spool):
    kernel = start_kernel(make_spool(), env={"JPY_SESSION_NAME": "/home/a/train.ipynb"})
    kernel.run(ON)
    assert kernel.records("start")[0]["notebook"] == "/home/a/train.ipynb"


def test_nbclient_passes_over_our_messages_without_a_word(a_kernel, a_project, inkernel, caplog):
    """nbconvert and papermill stand on nbclient; the spec that they start names the same command."""
    code = "import time\nfor i in range(60): logger.log('i', i); time.sleep(0.01)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (ON, code)])
    client = NotebookClient(notebook, km=a_kernel.manager, timeout=60)
    listener = a_kernel.listener()
    gc.collect()  # clients of other tests say something when they go,
    caplog.clear()  # and that is not what this client says
    with caplog.at_level(logging.DEBUG):
        client.execute(cwd=str(a_project))
    assert len(listener.all_so_far()) >= 2
    assert [output.text for cell in notebook.cells for output in cell.outputs] == ["History logging enabled\n"]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert "jupyter_workbench" not in caplog.text
    listener.close()


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_which_pythons_this_run_covered(version, python_versions):
    if version not in python_versions:
        pytest.skip(f"not run: no Python {version} with ipykernel (name one in WORKBENCH_TEST_PYTHONS)")
    assert python_versions[version], "an interpreter that is named has ipykernel"
