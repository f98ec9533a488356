"""Nothing of ours breaks a cell, and an interrupt tears nothing of ours."""

from __future__ import annotations

import os
import signal
import threading

from workbench_kernel.shield import Shield


def test_a_notice_is_shown_once_in_the_first_cell(make_shell):
    shell = make_shell(notice="This kernel runs in the server's own Python.")
    assert shell.run("x = 1", silent=True).stderr == ""
    assert shell.run("x = 1", store_history=False).stderr == ""  # front ends run such cells for themselves
    assert shell.run("x = 1").stderr == "This kernel runs in the server's own Python.\n"
    assert shell.run("x = 1").stderr == ""


def test_a_broken_hook_is_told_once_and_the_cells_go_on(a_shell, monkeypatch):
    monkeypatch.setattr(a_shell.history._tracker, "_request", lambda: {}["missing"])
    first, second = a_shell.run("print('one')"), a_shell.run("print('two')")
    assert (first.stdout, first.stderr, second.stdout, second.stderr) == (
        "one\n",
        "Run history: an error of its own (KeyError: 'missing'), so this run may be incomplete - "
        "restart the kernel, and report it; your code is not affected.\n",
        "two\n",
        "",
    )


def test_an_interrupt_during_the_end_of_a_cell_tears_no_run(a_shell, monkeypatch):
    a_shell.run("%azureml history on")
    write = os.write

    def interrupted(descriptor, data):
        os.kill(os.getpid(), signal.SIGINT)
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", interrupted)
    a_shell.run("x = 1")
    monkeypatch.undo()
    a_shell.run("y = 2")
    assert [record["e"] for record in a_shell.records()] == ["open", *["start", "end"] * 3]


def test_an_interrupt_during_the_switch_reaches_the_users_cell(a_shell, monkeypatch):
    write = os.write

    def interrupted(descriptor, data):
        os.kill(os.getpid(), signal.SIGINT)
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", interrupted)
    cell = a_shell.run("%azureml history on\nafter = 1")
    monkeypatch.undo()
    assert isinstance(cell.error, KeyboardInterrupt)
    assert "after" not in a_shell.shell.user_ns
    assert a_shell.records("end")[0]["status"] == "Canceled"


def test_a_shield_holds_an_interrupt_back_and_puts_the_handler_back():
    before = signal.getsignal(signal.SIGINT)
    with Shield() as shield:
        os.kill(os.getpid(), signal.SIGINT)
    assert shield.pressed
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_there_is_nothing_to_hold_back():
    found = []

    def work():
        with Shield() as shield:
            found.append(signal.getsignal(signal.SIGINT))
        found.append(shield.pressed)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT), False]


def test_a_forked_child_that_leaves_its_cell_records_no_end(a_shell):
    a_shell.run("%azureml history on")
    a_shell.shell.user_ns["pids"] = pids = []
    a_shell.run("import os\npids.append(os.fork())")
    if pids[0] == 0:
        os._exit(0)
    os.waitpid(pids[0], 0)
    assert len(a_shell.records("start")) == len(a_shell.records("end")) == 2
