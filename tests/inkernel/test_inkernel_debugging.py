"""The debugger of real kernels: as in ipykernel, except that debugpy is imported when a debugger asks."""

from __future__ import annotations

import itertools
import sys
from types import ModuleType

import pytest
from workbench_kernel import debugging

pytestmark = pytest.mark.live

CODE = "def double(number):\n    result = 2 * number\n    return result\nprint(double(21))"


class Debugger:
    """What a notebook's debugger asks, in the words of the Debug Adapter Protocol."""

    def __init__(self, kernel):
        self._kernel = kernel
        self._numbers = itertools.count(1)

    def ask(self, command, **arguments):
        content = {"type": "request", "seq": next(self._numbers), "command": command, "arguments": arguments}
        return self._kernel.ask_control("debug_request", content)

    def break_at(self, code, line):
        self.ask("initialize", clientID="test", adapterID="", pathFormat="path", linesStartAt1=True)
        self.ask("attach")
        path = self.ask("dumpCell", code=code)["body"]["sourcePath"]
        breakpoints = self.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": line}])
        self.ask("configurationDone")
        return breakpoints["body"]["breakpoints"]

    def stopped(self):
        while True:
            message = self._kernel.client.get_iopub_msg(timeout=60)
            if message["msg_type"] == "debug_event" and message["content"]["event"] == "stopped":
                return message["content"]["body"]["threadId"]

    def variables(self, thread):
        frame = self.ask("stackTrace", threadId=thread)["body"]["stackFrames"][0]
        scope = self.ask("scopes", frameId=frame["id"])["body"]["scopes"][0]
        found = self.ask("variables", variablesReference=scope["variablesReference"])["body"]["variables"]
        return {variable["name"]: variable["value"] for variable in found}


@pytest.fixture
def debugger(a_kernel):
    """A debugger of a kernel that can be debugged."""
    code = "from importlib.util import find_spec\nprint(find_spec('ipykernel.debugger') is not None)"
    if a_kernel.run(code).stdout == "False\n":
        pytest.skip("this ipykernel has no debugger")
    return Debugger(a_kernel)


def test_the_kernel_says_that_it_can_be_debugged(a_kernel, debugger):
    features = a_kernel.kernel_info().get("supported_features", ["debugger"])  # ipykernel 6 leaves it to its kernelspec
    assert "debugger" in features


def test_a_kernel_that_nobody_debugs_has_not_imported_debugpy(a_kernel):
    assert a_kernel.run("import sys\nprint('debugpy' in sys.modules)").stdout == "False\n"


def test_a_breakpoint_stops_a_cell_and_lets_it_go_on(a_kernel, debugger):
    (breakpoint_,) = debugger.break_at(CODE, 3)
    assert breakpoint_["verified"]
    request = a_kernel.send(CODE)
    thread = debugger.stopped()
    assert debugger.variables(thread)["result"] == "42"
    debugger.ask("continue", threadId=thread)
    cell = a_kernel.wait(request)
    assert (cell.stdout, cell.stderr) == ("42\n", "")


def test_variables_can_be_looked_at_without_a_breakpoint(a_kernel, debugger):
    a_kernel.run("answer = 42")
    found = debugger.ask("inspectVariables")["body"]["variables"]
    assert {variable["name"]: variable["value"] for variable in found}["answer"] == "42"


def test_the_module_of_the_debugger_is_whole_for_whoever_imports_it(a_kernel, debugger):
    code = "import ipykernel.debugger\nprint(ipykernel.debugger.DebugpyClient.__name__)"
    assert a_kernel.run(code).stdout == "DebugpyClient\n"


def test_a_debugpy_that_cannot_be_imported_is_an_answer_that_says_so(a_kernel, debugger):
    a_kernel.run("import sys\nsys.modules['debugpy.server'] = None")
    answer = debugger.ask("debugInfo")
    assert (answer["success"], answer["command"]) == (False, "debugInfo")
    assert answer["message"].startswith("This kernel cannot be debugged: ")


def test_without_debugpy_nothing_stands_in(monkeypatch):
    monkeypatch.setattr(debugging, "find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, debugging.NAME, raising=False)
    debugging.postpone()
    assert debugging.NAME not in sys.modules


def test_an_older_ipykernel_that_does_not_say_whether_it_can_is_believed(monkeypatch):
    module = ModuleType(debugging.NAME)
    monkeypatch.setitem(sys.modules, debugging.NAME, module)
    monkeypatch.setattr(debugging.importlib, "import_module", lambda name: module)
    assert debugging.load() is module
