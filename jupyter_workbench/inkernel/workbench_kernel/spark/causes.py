"""What a failure of Spark means, and what helps: sentences for what people meet, made from Java's own words."""

from __future__ import annotations

import re
from typing import Callable, List, Match, Optional, Tuple

from . import oom, wording
from .configuration import SECRET
from .settings import Settings
from .surroundings import JavaMissing, MasterSilent

_JAVA = (
    "install a Java (Debian: openjdk-17-jre-headless) and run the cell again, or set JAVA_HOME and restart the kernel"
)
_MEMORY = "give it less with spark.driver.memory, or more memory to the machine or the container"

TELLING = 6  # characters of a value that an error may be recognised by

Sentence = Callable[[Match[str]], str]


def _java_too_old(found: Match[str]) -> str:
    needed, present = (int(version) - 44 for version in found.groups())
    return "this Spark needs Java {} or newer, and this one is Java {} - {}".format(needed, present, _OTHER_JAVA)


_OTHER_JAVA = "name another one with JAVA_HOME, then restart the kernel"

OF_START: Tuple[Tuple[str, Sentence], ...] = (
    (r"\(class file version (\d+)\.\d+\).*?up to (\d+)\.\d+", _java_too_old),
    (
        r"Module jdk\.incubator\.vector not found|FindException: Module (\S+) not found",
        lambda _: "this Java lacks a module that this Spark needs - " + _OTHER_JAVA,
    ),
    (
        r"getSubject is (?:not supported|supported only if)|Unrecognized option: --",
        lambda _: "this Java does not fit this Spark - " + _OTHER_JAVA + " (17 suits Spark 3.3 and newer)",
    ),
    (
        r"insufficient memory for the Java Runtime|Could not reserve enough space|Cannot allocate memory",
        lambda _: "there is too little memory for Java - " + _MEMORY,
    ),
    (
        r"Invalid maximum heap size: -Xmx(\S+)|Too small maximum heap",
        lambda found: "spark.driver.memory: expected an amount such as 2g, got {!r}".format(
            found.group(1) or "too little"
        ),
    ),
    (
        r"System memory \d+ must be at least (\d+)",
        lambda _: "spark.driver.memory is too small - Spark needs at least 512m for itself",
    ),
    (
        r"UnresolvedAddressException",
        lambda _: "spark.driver.host: expected a name or an address of this machine",
    ),
    (
        r"UnknownHostException: (\S+?):",
        lambda found: "the host name {!r} leads nowhere - set spark.driver.host or SPARK_LOCAL_IP".format(
            found.group(1)
        ),
    ),
    (
        r"Could not parse Master URL|Master must either be yarn or start with",
        lambda _: "spark.master: expected local[*], spark://HOST:PORT or yarn",
    ),
    (
        r"All masters are unresponsive|Failed to connect to master (\S+)",
        lambda found: "spark.master: {} does not answer - start it, or name another one".format(
            found.group(1) or "the cluster"
        ),
    ),
    (
        r"Service '(\w+)' failed after \d+ retries|BindException: (.+)",
        lambda found: "a port could not be opened ({}) - look at spark.driver.bindAddress and SPARK_LOCAL_IP".format(
            found.group(1) or found.group(2)
        ),
    ),
    (
        r"No space left on device|Failed to (?:get|create) a temp directory",
        lambda _: "spark.local.dir: expected a folder with room that can be written",
    ),
)
"""Of Java's words while it starts, the first that is found; the message without a full stop."""

_FEWER_ROWS = (
    "Take fewer rows to Python (`df.limit(1000).toPandas()`, `df.show()`), or write them to files "
    "(`df.write.parquet(...)`)"
)

OF_CELLS: Tuple[Tuple[str, str], ...] = (
    (
        r"bigger than (?:local maxResultSize|spark\.driver\.maxResultSize)",
        _FEWER_ROWS + ", or raise spark.driver.maxResultSize in {file}.",
    ),
    (
        r"OutOfMemoryError|Java heap space|GC overhead limit exceeded",
        "Java's memory is used up. " + _FEWER_ROWS + ", or raise spark.driver.memory in {file}.",
    ),
    (
        r"Python worker exited unexpectedly",
        "A Python process of Spark ended, most often because the memory was used up: use more partitions, or give the "
        "container more `memory`.",
    ),
    (
        r"No space left on device",
        "The disk of Spark's intermediate files is full: name another folder with spark.local.dir in {file}.",
    ),
    (
        r"PYTHON_VERSION_MISMATCH|Python in worker has different version",
        "Workers use the Python that PYSPARK_PYTHON names: it must be of the version of this kernel's.",
    ),
    (
        r"cannot call methods on a stopped SparkContext",
        "Spark was stopped: the next cell that names `spark` gets a new session.",
    ),
)
"""Of the message of an error in a cell: what helps. ``{file}`` is the file of the Spark configuration."""


def of_start(error: BaseException, said: str, settings: Settings, was_killed: bool = False) -> str:
    """Return one sentence why Spark is not there: ``said`` is what the JVM wrote.

    ``was_killed``: a process was killed for want of memory meanwhile.
    """
    if isinstance(error, JavaMissing):
        return "Spark could not start: {} - {}.".format(error, _JAVA)
    if isinstance(error, ModuleNotFoundError) and error.name in ("pyspark", "py4j"):
        return "Spark could not start: this Python has no {} - install it, then run the cell again.".format(error.name)
    if isinstance(error, MasterSilent):
        text = "Failed to connect to master {}".format(error)
    else:
        text = said + "\n" + _text(error)
    killed = "Java was killed: {} - {}".format(oom.words(settings.memory_bytes), _MEMORY) if was_killed else None
    sentence = killed or _first(OF_START, text) or _of_configuration(text, settings) or _of_java(text, error)
    return "Spark could not start: {}.".format(_placed(sentence, settings).rstrip("."))


def of_cell(message: str, settings: Settings) -> Optional[str]:
    """Return what helps when a cell fails with this message, if there is something."""
    for pattern, help_ in OF_CELLS:
        if re.search(pattern, message, re.IGNORECASE):
            return help_.format(file=settings.file)
    return None


def fewer_rows() -> str:
    """Return what helps against rows that fill the memory."""
    return _FEWER_ROWS + "."


def _first(sentences: Tuple[Tuple[str, Sentence], ...], text: str) -> Optional[str]:
    for pattern, sentence in sentences:
        found = re.search(pattern, text)
        if found:
            return sentence(found)
    return None


def _of_configuration(text: str, settings: Settings) -> Optional[str]:
    """Say that a key which an error names is its reason, as it most likely is."""
    for line in _errors(text):
        for key, value in sorted(settings.configuration.items(), key=lambda pair: -len(pair[0])):
            told = value if len(value) >= TELLING and not any(word in key.lower() for word in SECRET) else key
            if key in line or told in line:
                return "{}: {}".format(key, _without_key(line, key))
    return None


def _without_key(line: str, key: str) -> str:
    rest = line[len(key) :].lstrip(" :") if line.startswith(key) else line
    return rest or line


def _of_java(text: str, error: BaseException) -> str:
    errors = _errors(text)
    if errors:
        return errors[0]
    return "Java ended without a word, perhaps for want of memory ({})".format(type(error).__name__)


def _errors(text: str) -> List[str]:
    """Return the messages of the exceptions in Java's words, without the names of their classes."""
    found = re.findall(r"^(?:.*?[\s:])??((?:\w+\.)+\w*(?:Exception|Error)): *(.*)$", text, re.MULTILINE)
    messages = [
        ("there is no class " if name.endswith("ClassNotFoundException") else "") + wording.first_line(message)
        for name, message in found
        if message.strip()
    ]
    return messages or re.findall(r"^(?:Error|Exception)\b.*?: *(.+)$", text, re.MULTILINE)


def _placed(sentence: str, settings: Settings) -> str:
    """Name file and line of a key that the sentence begins with."""
    found = re.match(r"(spark\.[\w.]+\w)(?=:| is)", sentence)
    if found is None:
        return sentence
    return settings.place(found.group(1)) + sentence[found.end() :]


def _text(error: BaseException) -> str:
    try:
        return "{}: {}".format(type(error).__name__, error)
    except Exception:  # py4j asks Java for the message, which may be gone
        return type(error).__name__
