"""Why there is no Spark UI to be seen, in a sentence each."""

from __future__ import annotations

from html import escape

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.server.kernel_state import KernelState

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Spark UI</title></head>
<body style="font: 16px sans-serif; max-width: 45em; margin: 4em auto; padding: 0 1em; white-space: pre-line">{}</body>
</html>
"""


class NoSpark(WorkbenchError):
    """A kernel has no Spark."""

    http_status = 404


class SparkNotReady(WorkbenchError):
    """A kernel has no Spark now."""

    http_status = 409


class SparkUiNotShared(WorkbenchError):
    """The server has no way to the Spark UI of a kernel."""

    http_status = 409


class SparkUiRefused(WorkbenchError):
    """Something that is not done here."""

    http_status = 403


class SparkUiFailed(WorkbenchError):
    """What a kernel answers cannot be passed on."""

    http_status = 502


class TooManyRequests(WorkbenchError):
    """The UI of one kernel is asked for too much at once."""

    http_status = 503


def why_nobody_is_there(kernel: KernelState, transport: str) -> WorkbenchError:
    """Return the reason that there is no UI, as far as the server knows; ``transport`` is that of the kernel."""
    name = f"{kernel.names['project']} {kernel.names['run_configuration']}"
    if kernel.names["framework"] not in ("PySpark", None):
        return NoSpark(
            f"The kernel {name} has no Spark, since its run configuration says Framework: {kernel.names['framework']}."
        )
    if kernel.state in ("preparing", "starting"):
        return SparkNotReady(f"The kernel {name} is still starting - reload this page once it runs.")
    if kernel.state == "dead":
        return SparkNotReady(f"The kernel {name} is dead - restart it, and reload this page.")
    if kernel.names["target_type"] != "local" and transport != "ipc":
        return SparkUiNotShared(
            f"The Spark UI of {name} cannot be shown here, since its Docker engine shares no folder with this server."
        )
    return SparkNotReady(
        f"Spark does not run in the kernel {name} now, or runs without its UI (spark.ui.enabled) - "
        "run a cell that uses `spark`, and reload this page."
    )


def page_of(message: str) -> str:
    """Return the page that tells a message."""
    return PAGE.format(escape(message))
