"""Messages of Spark without what only its authors read: frames of Java, and of Spark's own Python."""

from __future__ import annotations

import re
from typing import List

_JAVA = re.compile(r"^\s*(?:at [\w.$/<>@]+\(.*|\.\.\. \d+ more|Driver stacktrace:|JVM stacktrace:)\s*$")
_CALLING = re.compile(r"^An error occurred while calling \S+\n: ")
_CLASS = re.compile(r"^(?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error): ")
_CAUSED = re.compile(r"^Caused by: ")
_FRAME = re.compile(r'^ *File "(.*?)", line \d+')
_SPARKS_OWN = re.compile(r"[/\\](?:pyspark|py4j|workbench_kernel)[/\\]|py4j-[\d.]+-src\.zip|pyspark\.zip")


def without_java(message: str) -> str:
    """Return what a message tells the user: the first cause that has all of it, and his own lines of Python."""
    lines = _CALLING.sub("", message).split("\n")
    kept: List[str] = []
    for line in lines:
        if _CAUSED.match(line):
            if kept and not kept[-1].rstrip().endswith(":"):  # else only the cause says what it is
                break
            kept, line = [], _CAUSED.sub("", line)
        if not _JAVA.match(line):
            kept.append(line)
    text = "\n".join(_without_own_frames(kept)).strip()
    return _CLASS.sub("", text) or message.strip().split("\n")[0]


def first_line(message: str) -> str:
    """Return the first line of a message, without the name of its class."""
    return _CLASS.sub("", message.strip().split("\n")[0])


def is_sparks_own(path: str) -> bool:
    """Whether a file of Python belongs to pyspark, py4j or us, here or as Spark ships it to its workers."""
    return bool(_SPARKS_OWN.search(path))


def _without_own_frames(lines: List[str]) -> List[str]:
    kept: List[str] = []
    inside = False
    for line in lines:
        frame = _FRAME.match(line)
        if frame:
            inside = is_sparks_own(frame.group(1))
        elif not line.startswith("    "):
            inside = False
        if not inside:
            kept.append(line)
    return kept
