"""The kernel that runs when the real one cannot: every cell raises the reason, where the user looks.

A process that exits instead would be restarted five times in silence.
"""

from __future__ import annotations

import os
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

from jupyter_workbench.kernels.starting import REASON_VARIABLE

NAME = "KernelNotStarted"
ADVICE = "When that is mended, restart the kernel."


class FallbackKernel(Kernel):
    """Speaks the Jupyter protocol and answers each cell with why there is no better kernel."""

    implementation = "jupyter_workbench_fallback"
    implementation_version = "1"
    language_info = {"name": "python", "mimetype": "text/x-python", "file_extension": ".py"}  # noqa: RUF012

    @property
    def reason(self) -> str:
        """The whole reason, several lines."""
        return os.environ.get(REASON_VARIABLE, "The reason is in the server's log.")

    @property
    def banner(self) -> str:  # type: ignore[override]
        """What a console shows at its start."""
        return self.reason

    async def do_execute(
        self,
        code: str,  # noqa: ARG002 - Jupyter's signature
        silent: bool,
        *args: Any,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Raise the reason in the cell."""
        error = {"ename": NAME, "evalue": self.reason, "traceback": [self.reason, ADVICE]}
        if not silent:
            self.send_response(self.iopub_socket, "error", error)
        return {"status": "error", "execution_count": self.execution_count, **error}


def main() -> None:
    """Run the kernel until it is shut down; the command line is that of any IPython kernel."""
    IPKernelApp.launch_instance(kernel_class=FallbackKernel)
