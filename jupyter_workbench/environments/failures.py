"""Why an environment could not be built, as the user reads it: what to change, and where; then uv's words, cut.

Forms of uv 0.13; words in another form are shown as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from jupyter_workbench.config.requirements import requirement
from jupyter_workbench.environments.local_files import place
from jupyter_workbench.environments.secrets import masked
from jupyter_workbench.environments.spec import EnvironmentSpec
from jupyter_workbench.environments.words import Words, read_words

Kind: TypeAlias = Literal["requirements", "build", "python", "network", "disk", "import", "uv", "builder"]

_REQUIRED = re.compile(r"you require ([^,]+?)(?:, we can|$)|because ([\w.-]+) was not found", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_BUILT = re.compile(r"Failed to (?:build|download and build|prepare distributions:?)\s*`(?P<what>[^`]+)`")
_PARSED = re.compile(r"^after parsing|requirement in `|Expected one of|^Invalid|filename `")
_STATUS = re.compile(r"\((?P<status>[45]\d\d [A-Za-z ]+)\)")
_ADDRESS = re.compile(r"[a-z][a-z+]*://(?P<host>[^/\s)`]+)[^\s)`]*")
_NETWORK = (
    "Failed to fetch",
    "Failed to download",
    "error sending request",
    "dns error",
    "Request failed after",
    "operation timed out",
)
_FULL = ("No space left on device", "Disk quota exceeded")
_UPGRADE = "`workbench project upgrade` proposes a change of the whole file"


@dataclass(frozen=True)
class Failure:
    """``message`` is whole; it begins with ``file:line: `` where the line can be told. It has several lines."""

    kind: Kind
    message: str


def explain(spec: EnvironmentSpec, kind: str, words: str) -> Failure:
    """Say what the builder's ``{"error": {"kind", "message"}}`` means for the user who wrote the file."""
    text = _with_own_paths(spec, masked(words))
    case = _Case(spec, kind, text, read_words(text))
    for of_kind in (_disk, _python, _import, _git, _build, _network, _missing, _misspelt, _resolution):
        if failure := of_kind(case):
            return failure
    return Failure(cast(Kind, kind), f"{spec.file}: the packages cannot be installed. uv says:\n{text.strip()}")


def _with_own_paths(spec: EnvironmentSpec, text: str) -> str:
    """Name the user's files as the user knows them, not by where the builder has them."""
    for number, path in enumerate(spec.files):
        there = place(number, path)
        text = text.replace(there.as_uri(), str(path)).replace(str(there), str(path))
    return text


@dataclass(frozen=True)
class _Case:
    spec: EnvironmentSpec
    kind: str
    text: str
    words: Words

    def lines_of(self, names: list[str]) -> tuple[int, ...]:
        """Return the lines that ask for packages of these names."""
        wanted = {re.sub(r"[-_.]+", "-", name).lower() for name in names}
        asked = ((line.line, requirement(re.split(r"[;@]", line.text)[0])) for line in self.spec.requirements)
        return tuple(sorted({line for line, found in asked if line and found and found.name in wanted}))

    def lines_in(self, text: str) -> tuple[int, ...]:
        """Return the lines that stand in a text as they are."""
        asked = ((line.line, _with_own_paths(self.spec, masked(line.text))) for line in self.spec.requirements)
        return tuple(line for line, shown in asked if line and shown in text)

    def failure(self, kind: Kind, sentence: str, lines: tuple[int, ...] = (), words: str | None = None) -> Failure:
        where = f"{self.spec.file}:{lines[0]}" if lines else self.spec.file
        return Failure(kind, f"{where}: {sentence}\n{self.words.cut if words is None else words}".strip())


def _disk(case: _Case) -> Failure | None:
    if any(sign in case.text for sign in _FULL):
        sentence = "expected room on the disk of the engine, got none - free some of it: `workbench environment prune`"
        return case.failure("disk", sentence)
    if "Read-only file system" in case.text:
        sentence = "expected a disk of the engine that can be written, got a read-only one - mend the engine's storage"
        return case.failure("disk", sentence)
    return None


def _python(case: _Case) -> Failure | None:
    if case.kind != "python":
        return None
    if case.spec.python is None:
        return case.failure(
            "python", "expected a Python in the image that environments can stand on, got one that fails"
        )
    lines = (case.spec.python_line,) if case.spec.python_line else ()
    if "No interpreter found" in case.text:
        why = "which nobody serves"
    else:
        why = "which cannot be downloaded now" if _is_of_the_network(case) else "which does not run"
    sentence = (
        f"expected the image's own Python or one that can be had, got {case.spec.python}, {why} - "
        "remove the line to take the image's, or name an image that has it as `baseDockerImage`"
    )
    return case.failure("python", sentence, lines)


def _import(case: _Case) -> Failure | None:
    if case.kind != "import":
        return None
    last = case.text.strip().splitlines()[-1:] or ["it ended"]
    sentence = (
        "expected packages with which a kernel starts, got an error when ipykernel was imported - loosen the pins"
    )
    return case.failure("import", sentence, case.lines_of(["ipykernel"]), last[0])


def _build(case: _Case) -> Failure | None:
    found = _BUILT.search(case.text)
    if not found or _is_of_the_network(case):
        return None
    what = found["what"]
    sentence = (
        f"expected a package that can be installed, got `{what}`, whose build failed - take a version that has a wheel "
        "for this Python, or name an image with what the build needs as `baseDockerImage`"
    )
    name = _NAME.match(what)
    lines = case.lines_of([name[0]] if name else []) or case.lines_in(what)
    return case.failure("build", sentence, lines, case.words.output or None)


def _git(case: _Case) -> Failure | None:
    if "Git executable not found" in case.text:
        sentence = "expected Git in the image, got none - name an image that has it as `baseDockerImage`"
    elif "Git operation failed" in case.text:
        sentence = "expected a repository that Git can fetch, got an error - correct the address, or check the network"
    else:
        return None
    address = _ADDRESS.search(case.text)
    lines = _lines_with(case, address["host"]) if address else ()
    return case.failure("network" if "resolve host" in case.text else "requirements", sentence, lines)


def _network(case: _Case) -> Failure | None:
    if not _is_of_the_network(case):
        return None
    address = _ADDRESS.search(case.text)
    host = address["host"].rpartition("@")[2] if address else "the package index"
    lines = _lines_with(case, host) if address else ()
    status = _STATUS.search(case.text)
    if status and status["status"][:3] in ("401", "403", "407"):
        sentence = (
            f"expected {host} to let us in, got {status['status']} - correct the user and password of the address"
        )
    elif status and status["status"][:3] in ("404", "410") and address:
        sentence = f"expected a file at {address[0]}, got {status['status']} - correct the address"
        return case.failure("requirements", sentence, lines, "")
    else:
        last = status["status"] if status else case.words.causes[-1]
        sentence = f"expected {host} to answer, got: {last} - check the network, the proxy and the index settings"
    return case.failure("network", sentence, lines, "")


def _missing(case: _Case) -> Failure | None:
    """Explain a path that the builder does not have."""
    if "Distribution not found at" not in case.text:
        return None
    return case.failure("requirements", "expected a file that is there, got none - correct the path")


def _misspelt(case: _Case) -> Failure | None:
    if "Couldn't parse requirement" not in case.text and not _PARSED.search(case.words.causes[-1]):
        return None
    sentence = "expected a requirement such as `numpy>=1.26`, got another text - correct it"
    return case.failure("requirements", sentence, case.lines_in(case.text)[:1])


def _resolution(case: _Case) -> Failure | None:
    if "No solution found" not in case.text:
        return None
    because = case.words.causes[-1]
    required = [part or other for part, other in _REQUIRED.findall(because)]
    names = [found[0] for part in required for piece in re.split(r" and ", part) if (found := _NAME.match(piece))]
    lines = case.lines_of(names)
    got = f"`{required[-1]}`" if required else "these"
    return case.failure("requirements", _sentence(because, got, lines), lines)


def _sentence(because: str, got: str, lines: tuple[int, ...]) -> str:
    missing = re.search(r"[Bb]ecause (\S+) was not found", because)
    if missing:
        advice = "correct the name, or name the index that has it with `--extra-index-url`"
        return f"expected a package that the index has, got `{missing[1]}` - {advice}"
    if "matching Python" in because or "requires-python" in because or "current Python version" in because:
        return f"expected a version for this Python, got {got} - ask for another version; {_UPGRADE}"
    if re.search(r"[Bb]ecause (there is no version of|only )", because):
        return f"expected a version that the index has, got {got} - correct the version"
    those = f"those of the lines {' and '.join(map(str, lines))}" if len(lines) > 1 else got
    return f"expected versions that fit together, got {those} - loosen one of them"


def _is_of_the_network(case: _Case) -> bool:
    return any(sign in case.text for sign in _NETWORK)


def _lines_with(case: _Case, host: str) -> tuple[int, ...]:
    return tuple(line.line for line in case.spec.requirements if line.line and host in line.text)[:1]
