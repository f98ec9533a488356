"""The `pip:` list -> lines of a requirements file for uv. They stay as they are, but for what is on this machine.

The builder sees no file of the user's: wheels, folders, ``--find-links`` folders and constraint files are named by the
place where they are put for it, and a file behind ``-r`` is read here, so that the fingerprint knows what it says.
https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jupyter_workbench.config.requirements import requirement
from jupyter_workbench.environments.conda_lines import refuse_old_ipykernel
from jupyter_workbench.environments.conda_versions import NotTranslated
from jupyter_workbench.environments.local_files import place

MAX_DEPTH = 8
"""Requirement files that include each other; deeper ones go in a circle."""

_COMMENT = re.compile(r"(^|\s+)#.*$")
_SHORT = {"-i": "--index-url", "-f": "--find-links", "-r": "--requirement", "-c": "--constraint", "-e": "--editable"}
_WITH_VALUE = frozenset({*_SHORT.values(), "--extra-index-url", "--no-binary", "--only-binary", "--trusted-host"})
_ALONE = frozenset({"--no-index", "--pre", "--require-hashes"})
_MEANINGLESS = frozenset(
    {"--prefer-binary", "--process-dependency-links", "--use-feature", "--use-pep517", "--use-wheel"}
)
_ARCHIVE = re.compile(r"\.(whl|zip|tar\.(gz|bz2|xz)|tgz)$", re.IGNORECASE)
_NAMED = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?)\s*@\s*(?P<target>.+)$")
_PATH = re.compile(r"^(?P<path>[^;\[]*?)(?P<extras>\[[^\]]*\])?\s*(?P<marker>;.*)?$")


@dataclass
class PipLines:
    """Reads the entries of one list after the other; ``files`` collects what they name on this machine."""

    project: Path
    files: list[Path] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """The normalised names that are asked for."""
    notes: list[str] = field(default_factory=list)
    """As in "`--prefer-binary` means nothing to uv"."""

    def read(self, text: str, folder: Path | None = None, depth: int = 0) -> Iterator[str]:
        """Yield the lines that an entry becomes; paths in it are relative to `folder`. Raises `NotTranslated`."""
        folder = folder or self.project
        text = _COMMENT.sub("", text).strip()
        if text.startswith("-"):
            for option, value in _options(text):
                yield from self._option(option, value, folder, depth)
        elif text:
            yield self._requirement(text, folder)

    def _option(self, option: str, value: str | None, folder: Path, depth: int) -> Iterator[str]:
        if option in _MEANINGLESS:
            self.notes.append(f"`{option}` means nothing to uv")
        elif option == "--editable":
            raise NotTranslated(
                "a package that is copied into the environment",
                "write its path alone, without `-e`: it is installed as it is",
            )
        elif option == "--requirement" and value:
            yield from self._included(value, folder, depth)
        elif option in ("--constraint", "--find-links") and value and not _is_address(value):
            yield f"{option} {self._placed(value, folder)}"
        else:
            yield option if value is None else f"{option} {value}"

    def _included(self, value: str, folder: Path, depth: int) -> Iterator[str]:
        file = _existing(value, folder, "a requirements file that is on this machine")
        if depth >= MAX_DEPTH:
            raise NotTranslated("requirements files that end", "remove the `-r` that leads in a circle")
        try:
            text = file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise NotTranslated("a requirements file of UTF-8 text", "save it as UTF-8, or name another one") from None
        for line in re.sub(r"\\\r?\n", " ", text).splitlines():
            yield from self.read(line, file.parent, depth + 1)

    def _requirement(self, text: str, folder: Path) -> str:
        named = _NAMED.match(text)
        if named and not _is_address(named["target"]):
            return f"{named['name'].strip()} @ {self._local(named['target'], folder)}"
        if not named and not _is_address(text) and _looks_like_a_path(text):
            return self._local(text, folder)
        asked = requirement(re.split(r"\s*;|\s+@|\s+--", text)[0])
        if asked:
            refuse_old_ipykernel(asked)
            self.names.add(asked.name)
        return text

    def _local(self, text: str, folder: Path) -> str:
        if text.startswith("file:"):
            text = unquote(urlsplit(text).path)
        found = _PATH.match(text)
        assert found, "every text matches"
        marker = f" {found['marker']}" if found["marker"] else ""
        return self._placed(found["path"], folder) + (found["extras"] or "") + marker

    def _placed(self, value: str, folder: Path) -> str:
        path = _existing(value.strip(), folder, "a file or folder that is on this machine")
        if path not in self.files:
            self.files.append(path)
        return place(self.files.index(path), path).as_uri()


def _options(text: str) -> Iterator[tuple[str, str | None]]:
    """Part ``--index-url X --pre`` into options with their values. Raises `NotTranslated`."""
    try:
        words = iter(shlex.split(text))
    except ValueError:
        raise NotTranslated("an option of pip", "close its quotes") from None
    for word in words:
        option, has_value, value = word.partition("=")
        if option[:2] in _SHORT and not option.startswith("--"):
            option, value, has_value = (
                option[:2],
                option[2:] + has_value + value,
                "=" if option[2:] or has_value else "",
            )
            value = value.removeprefix("=")
        option = _SHORT.get(option, option)
        if option not in _WITH_VALUE | _ALONE | _MEANINGLESS:
            raise NotTranslated("an option that a list of requirements may have", "remove it")
        if option in _WITH_VALUE and not has_value:
            value = next(words, "")
        if option in _WITH_VALUE and not value:
            raise NotTranslated(f"a value behind `{option}`", "write it on the same line")
        yield option, value if option in _WITH_VALUE else None


def _existing(value: str, folder: Path, expected: str) -> Path:
    path = (folder / Path(value).expanduser()).resolve()
    if not path.exists():
        raise NotTranslated(expected, "it is not there: correct the path, which is relative to the project folder")
    return path


def _is_address(text: str) -> bool:
    return "://" in text and not text.startswith("file:")


def _looks_like_a_path(text: str) -> bool:
    path = re.split(r"[;\[]", text)[0].strip()
    return path.startswith((".", "/", "~")) or "\\" in path or "/" in path or bool(_ARCHIVE.search(path))
