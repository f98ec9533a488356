"""Keeps the translations of the screen: strings of `src/` go into each catalogue, and that into what JupyterLab reads.

    python jupyter_workbench/labextension/catalogues.py   # after strings were changed, and after they were translated

A catalogue is `jupyter_workbench/locale/<locale>/LC_MESSAGES/jupyter_workbench.po`; translations of strings that are no
more in the sources are dropped. The `.json` beside it is made of it: JupyterLab finds it by the entry point
`jupyterlab.locale`, and hands it to the page when the language pack of that locale is installed and chosen.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
SOURCES = HERE / "src"
LOCALES = HERE.parent / "locale"
DOMAIN = "jupyter_workbench"
HEADER = "# The screen of jupyter_workbench in JupyterLab. catalogues.py keeps it."

CALL = re.compile(r"\.(__|_n)\(\s*")
LITERAL = re.compile(r"""'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\$]|\\.)*)`""")
PLUS, COMMA = re.compile(r"\s*\+\s*"), re.compile(r"\s*,\s*")


@dataclass(frozen=True)
class Text:
    """A string to translate; ``plural`` is None where it is said of no number."""

    singular: str
    plural: str | None
    file: str
    """Relative to the labextension."""

    @property
    def id(self) -> str | tuple[str, str]:
        """Return it as a catalogue names it."""
        return self.singular if self.plural is None else (self.singular, self.plural)


def texts() -> list[Text]:
    """Return every string of the sources. Raises ValueError, with file and line, for one that is no literal."""
    files = sorted(file for file in SOURCES.rglob("*.ts*"))
    return [text for file in files for text in _texts_in(file.read_text(encoding="utf-8"), file)]


def _texts_in(source: str, file: Path) -> Iterator[Text]:
    inside = file.relative_to(HERE).as_posix()
    for call in CALL.finditer(source):
        where = f"{inside}:{source.count(chr(10), 0, call.start()) + 1}"
        singular, end = _literal(source, call.end(), where)
        plural = None
        if call[1] == "_n":
            comma = COMMA.match(source, end)
            plural, _ = _literal(source, comma.end() if comma else end, where)
        yield Text(singular, plural, inside)


def _literal(source: str, start: int, where: str) -> tuple[str, int]:
    """Return the literals that are added together from ``start`` on, and where they end."""
    text = ""
    while (found := LITERAL.match(source, start)) is not None:
        text += re.sub(r"\\(.)", _unescaped, next(part for part in found.groups() if part is not None))
        plus = PLUS.match(source, found.end())
        if plus is None:
            return text, found.end()
        start = plus.end()
    raise ValueError(f"{where}: expected the string itself - only what stands there can be translated")


def _unescaped(escape: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(escape[1], escape[1])


def catalogues() -> dict[str, Path]:
    """Return the catalogue of each locale, as "ja_JP"."""
    return {folder.name: folder / "LC_MESSAGES" / f"{DOMAIN}.po" for folder in sorted(LOCALES.iterdir())}


def read(file: Path) -> Catalog:
    """Read a catalogue. Raises babel's PoFileError."""
    return read_po(io.StringIO(file.read_text(encoding="utf-8")), domain=DOMAIN, abort_invalid=True)


def renewed(catalogue: Catalog) -> Catalog:
    """Return the catalogue with the strings of the sources, and with what of it translates them."""
    new = Catalog(locale=catalogue.locale, domain=DOMAIN, header_comment=HEADER, fuzzy=False)
    for text in texts():
        known = catalogue.get(text.id)
        new.add(text.id, known.string if known else None, locations=[(text.file, 0)])
    return new


def as_po(catalogue: Catalog) -> bytes:
    """Return the text of a catalogue: no line numbers and no dates, which would change with everything."""
    written = io.BytesIO()
    lines = f'{HEADER}\nmsgid ""\nmsgstr ""\n'
    header = {"Language": catalogue.locale_identifier, "Plural-Forms": catalogue.plural_forms}
    header |= {"MIME-Version": "1.0", "Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"}
    lines += "".join(f'"{name}: {value}\\n"\n' for name, value in header.items()) + "\n"
    written.write(lines.encode())
    write_po(written, catalogue, width=110, omit_header=True, sort_output=False, include_lineno=False)
    return written.getvalue()


def as_json(catalogue: Catalog) -> bytes:
    """Return what JupyterLab reads.

    https://jupyterlab.readthedocs.io/en/stable/extension/internationalization.html
    """
    language = str(catalogue.locale_identifier).replace("_", "-")
    data: dict[str, Any] = {"": {"domain": DOMAIN, "language": language, "plural_forms": catalogue.plural_forms}}
    for message in catalogue:
        forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        if message.id and all(forms):
            # JupyterLab takes one form alone for a string without a plural, though Japanese has one form for all.
            data[_key(message.id)] = forms * 2 if message.pluralizable and len(forms) == 1 else forms
    return (json.dumps(data, ensure_ascii=False, indent=0) + "\n").encode()


def _key(identifier: str | tuple[str, ...] | list[str]) -> str:
    return identifier if isinstance(identifier, str) else identifier[0]


def main() -> None:
    """Renew every catalogue and what is made of it."""
    for file in catalogues().values():
        catalogue = renewed(read(file))
        file.write_bytes(as_po(catalogue))
        file.with_suffix(".json").write_bytes(as_json(catalogue))


if __name__ == "__main__":
    main()
