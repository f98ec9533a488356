"""The JVM of Spark: started as pyspark starts it, but with its words in a file instead of in somebody's cell."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import Future
from typing import Any, List, Mapping, Optional, Tuple

from . import tying

LOG = "spark.log"
LOG_BYTES = 64 * 1024  # of its end, which tells why the JVM did not start
REAPING_SECONDS = 1.0


class _Pairs:
    """As much of a SparkConf as `launch_gateway` looks at."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options

    def getAll(self) -> List[Tuple[str, str]]:  # noqa: N802  # pyspark's word
        return list(self._options.items())


def launch(options: Mapping[str, str], log: str) -> Any:
    """Start a JVM that ends with this process; return py4j's gateway to it. What it says is appended to ``log``."""
    gateway: Future[Any] = Future()
    keeper = threading.Thread(target=_keep, args=(options, log, gateway), name="WorkbenchSparkEnd", daemon=True)
    keeper.pydev_do_not_trace = keeper.is_pydev_daemon_thread = True  # type: ignore[attr-defined]  # see `Boot.start`
    keeper.start()
    return gateway.result()


def _keep(options: Mapping[str, str], log: str, gateway: Future[Any]) -> None:
    """Start the JVM, and live as long as it does, since it is tied to the thread that has started it."""
    try:
        started = _started(options, log)
    except BaseException as error:
        gateway.set_exception(error)
        return
    gateway.set_result(started)
    if started.proc is not None:
        # ipykernel ends when it has no children any more, and one that nobody has waited for still counts.
        started.proc.wait()


def _started(options: Mapping[str, str], log: str) -> Any:
    from pyspark.java_gateway import launch_gateway

    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return launch_gateway(_Pairs(options), tying.Tied(stdout=descriptor, stderr=descriptor))
    finally:
        os.close(descriptor)


def has_ended(gateway: Any) -> bool:
    """Whether the JVM is gone."""
    return gateway.proc is not None and gateway.proc.poll() is not None


def end_of(gateway: Any, wait: float = REAPING_SECONDS) -> Optional[str]:
    """Return how the JVM ended, as part of a sentence; None while it lives. A lost connection may be a moment early."""
    try:
        code = gateway.proc.wait(wait)
    except Exception:  # subprocess.TimeoutExpired, or a gateway that somebody else started
        return None
    if code == -signal.SIGKILL:
        return "was killed (SIGKILL), most often because the memory was used up"
    if code < 0:
        return "was ended by the signal {}".format(signal.Signals(-code).name)
    return "ended with exit code {}".format(code)


def last_words(log: str, start: int = 0) -> str:
    """Return what the JVM wrote after the byte ``start``: its end, when that is much."""
    try:
        with open(log, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(start, size - LOG_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def size_of(log: str) -> int:
    """Return where the words of the next JVM begin."""
    try:
        return os.path.getsize(log)
    except OSError:
        return 0
