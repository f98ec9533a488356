"""What real kernels keep of their cells beside what is logged: of this Python and of each in WORKBENCH_TEST_PYTHONS."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.live

ON = "from azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()\n%azureml history on"


@pytest.fixture
def on(a_kernel):
    """A kernel with history on."""
    a_kernel.run(ON)
    return a_kernel


def tails(kernel):
    """Source of each run that printed -> what it printed on stdout and stderr."""
    sources = {start["run"]: start["source"] for start in kernel.records("start")}
    return {sources[tail["run"]]: (tail["stdout"], tail["stderr"]) for tail in kernel.records("tail")}


def test_the_first_record_tells_ipykernel_and_the_names_of_variables_only(start_kernel, make_spool):
    kernel = start_kernel(make_spool(), env={"SECRET_TOKEN": "do not tell"})
    (told,) = kernel.records("open")
    assert kernel.run("import ipykernel; print(ipykernel.__version__)").stdout.strip() == told["ipykernel"]
    assert {"PATH", "SECRET_TOKEN"} <= set(told["variables"])
    assert b"do not tell" not in (kernel.spool / "records.jsonl").read_bytes()


def test_what_a_cell_printed_is_kept_before_its_end(on):
    code = "import sys\nprint('one')\nprint('größe', file=sys.stderr)\nprint('two', end='')"
    cell = on.run(code)
    assert (cell.stdout, cell.stderr) == ("one\ntwo", "größe\n")
    assert tails(on)[code] == ("one\ntwo", "größe\n")
    run = on.records("tail")[-1]["run"]
    assert [record["e"] for record in on.records() if record.get("run") == run] == ["start", "tail", "end"]


def test_cells_that_print_in_turn_and_cells_that_do_not_are_told_apart(on):
    sources = [f"print({i})" if i % 3 else f"x = {i}" for i in range(60)]
    for source in sources:
        on.run(source)
    told = tails(on)
    assert [told.get(source) for source in sources] == [(f"{i}\n", "") if i % 3 else None for i in range(60)]


def test_what_the_iopub_thread_is_about_to_send_when_a_cell_ends_is_waited_for(on):
    """As when its timer for an earlier print rings: nothing is pending then, and nothing is sent yet."""
    on.run(
        "import sys, threading\n"
        "stream, send = sys.stdout, sys.stdout.session.send\n"
        "is_sending, nothing = threading.Event(), threading.Event()\n"
        "def slowly(to, *arguments, **named):\n"
        "    if threading.current_thread() is stream.pub_thread.thread:\n"
        "        is_sending.set()\n"
        "        nothing.wait(0.1)\n"
        "    return send(to, *arguments, **named)\n"
        "stream.session.send = slowly"
    )
    code = (
        "print('late')\nstream.pub_thread.schedule(stream._flush)\n"
        "assert is_sending.wait(20) and not stream._flush_pending"
    )
    assert on.run(code).status == "ok"
    assert tails(on)[code] == ("late\n", "")


def test_much_output_ends_as_its_notebook_shows_it(on):
    code = "for i in range(20000): print(i)"
    shown = on.run(code).stdout
    tail = on.records("tail")[-1]
    assert tail["stdout"] == shown[-len(tail["stdout"]) :]
    assert len(tail["stdout"]) == 16 * 1024
    assert tail["stdout_omitted"] == len(shown) - 16 * 1024


def test_what_threads_and_forked_children_print_is_kept(on):
    code = (
        "import multiprocessing, threading\n"
        "child = multiprocessing.get_context('fork').Process(target=print, args=('child',)); child.start()\n"
        "child.join()\n"
        "thread = threading.Thread(target=print, args=('thread',)); thread.start(); thread.join()"
    )
    on.run(code)
    assert sorted(tails(on)[code][0].split()) == ["child", "thread"]


def test_what_a_cell_captures_or_sends_elsewhere_is_not_shown_and_not_kept(on):
    on.run("import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()): print('hidden')")
    on.run("%%capture\nprint('hidden')")
    assert all("hidden" not in stdout for stdout, _ in tails(on).values())


def test_cells_of_a_subshell_have_tails_of_their_own(on):
    if "kernel subshells" not in on.kernel_info().get("supported_features", []):
        pytest.skip("this ipykernel has no subshells")
    subshell = on.ask_control("create_subshell_request", {})["subshell_id"]
    # IPython's own history would print that two cells at once have one number.
    on.run("get_ipython().history_manager.enabled = False\nimport threading\nmeet = threading.Barrier(2, timeout=20)")
    main = on.send("meet.wait(); print('main'); meet.wait()")
    content = {"code": "meet.wait(); print('sub'); meet.wait()", "silent": False, "store_history": True}
    other = on.client.session.msg("execute_request", content)
    other["header"]["subshell_id"] = subshell
    on.client.shell_channel.send(other)
    on.wait_for_idle(main, other["header"]["msg_id"])
    told = tails(on)
    assert told["meet.wait(); print('main'); meet.wait()"] == ("main\n", "")
    assert told["meet.wait(); print('sub'); meet.wait()"] == ("sub\n", "")


def test_a_streams_own_write_is_left_alone(on):
    """Libraries put their own in place of it, and take it away again."""
    code = "import sys\nbefore = sys.stdout.write\nsys.stdout.write = lambda text: before(text.upper())\nprint('loud')"
    assert on.run(code).stdout == "LOUD\n"
    assert on.run("sys.stdout.write = before\nprint('quiet')").stdout == "quiet\n"
    assert tails(on)[code] == ("LOUD\n", "")


@pytest.mark.parametrize(
    ("code", "in_it"),
    [
        ("def deep(): return 1/0\ndeep()", ["deep()", "ZeroDivisionError: division by zero"]),
        ("x = = 1", ["SyntaxError"]),
        ("%azureml histroy", ["UsageError"]),
        ("import asyncio\nawait asyncio.sleep(0)\nraise OSError('late')", ["OSError: late"]),
    ],
)
def test_an_error_keeps_its_traceback_as_shown_without_colours(on, code, in_it):
    on.run("try: get_ipython().run_cell('1/0', store_history=False)\nfinally: pass")
    on.run(code)
    found = on.records("end")[-1]["error"]["traceback"]
    assert all(part in found for part in in_it)
    assert "\x1b" not in found


def test_a_cell_of_over_two_seconds_tells_what_it_used(on):
    on.run("x = 1")
    on.run(
        "import time\nend = time.monotonic() + 2.2\nblock = bytearray(80_000_000)\n"
        "while time.monotonic() < end: pass\ndel block"
    )
    (told,) = on.records("usage")
    assert told["run"] == on.records("start")[-1]["run"]
    assert 0.2 < told["cpu_seconds"] < 4
    assert 10 < told["cpu_peak"] < 400
    assert told["memory_peak"] > 80_000_000
    assert on.records()[-1]["e"] == "end"
