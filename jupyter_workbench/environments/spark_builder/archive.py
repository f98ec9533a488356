"""A class-data-sharing archive: what Java has loaded and verified for Spark once, kept for each start after it.

https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html. An archive counts for one Java and one list of
jars only; Java starts without it otherwise.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from .homes import Home, with_modules
from .java import Java

OLDEST_JAVA = 13
"""The first that writes an archive when it ends (https://openjdk.org/jeps/350)."""

MISLEADING = frozenset({"PYSPARK_SUBMIT_ARGS", "PYSPARK_GATEWAY_PORT", "SPARK_REMOTE", "SPARK_API_MODE"})
"""Variables that would have another Spark started than a plain one."""

TRAINING = Path(__file__).with_name("training.py")


def can_have_archive(java: Java | None) -> bool:
    """Tell whether a Java knows this kind of archive."""
    return java is not None and java.major >= OLDEST_JAVA


def make_archive(
    python: Path,
    home: Home,
    java: Java,
    file: Path,
    variables: Mapping[str, str],
    run: Callable[[list[str], dict[str, str]], tuple[int, str, str]],
) -> bool:
    """Let Spark do a little of everything, and keep what Java loaded for it; False when nothing came of it.

    The file is complete or absent.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(prefix="workbench-training-") as work:
            training = {**with_modules(variables, home), **settings(python, home, java, part)}
            for name in MISLEADING & training.keys():
                del training[name]
            code, _, _ = run([str(python), str(TRAINING), work], training)
        if code or not part.exists():
            return False
        part.chmod(0o644)
        part.replace(file)
        return True
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def settings(python: Path, home: Home, java: Java, part: Path) -> dict[str, str]:
    """Return the variables of the training: as a kernel's, as far as Java is concerned."""
    return {
        "JAVA_HOME": str(java.home),
        "SPARK_HOME": str(home.path),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_SUBMIT_OPTS": f"-XX:ArchiveClassesAtExit={part} -Xlog:disable -Xlog:all=error:stderr",
        "PYSPARK_PYTHON": str(python),
    }
