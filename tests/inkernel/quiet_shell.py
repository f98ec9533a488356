"""An IPython shell in the process of the tests: cells without a kernel."""

from __future__ import annotations

import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from types import SimpleNamespace

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
from workbench_kernel.attach import attach_to_shell


class QuietShell:
    """Runs cells and tells what they printed."""

    def __init__(self, spool):
        self.shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
        self.history = attach_to_shell(self.shell, None, str(spool))
        self.spool = spool

    def run(self, code, **options):
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            result = self.shell.run_cell(code, **{"store_history": True, **options})
        error = result.error_before_exec or result.error_in_exec
        return SimpleNamespace(stdout=out.getvalue(), stderr=err.getvalue(), error=error, result=result)

    def records(self, *kinds):
        lines = (self.spool / "records.jsonl").read_bytes().split(b"\n")
        found = [json.loads(line) for line in lines if line]
        return [record for record in found if not kinds or record["e"] in kinds]

    def values(self):
        return [(record["name"], record["value"]) for record in self.records("log")]
