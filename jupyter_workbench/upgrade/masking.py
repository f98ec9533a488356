"""Secrets in a diff: they are in the files, they must not get onto a screen or into a log."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from jupyter_workbench.upgrade.document import Document

MASK = "***"

_TELLTALE = r"password|passwd|pwd|secret|token|credential|connection_?string|(?<![a-z])(?:key|sas|sig)(?![a-z])"
_SECRET_KEY = re.compile(_TELLTALE, re.IGNORECASE)
_COMMENTED_KEY = re.compile(
    rf"^(\s*#[^:\n]*(?:{_TELLTALE})[^:\n]*:[ \t]*)[^\s#].*?(?=\r?$)", re.IGNORECASE | re.MULTILINE
)
_SECRET_TEXT = re.compile(
    r"AzureMlSecret=[^\s\"']+"
    r"|(?<=://)[^/@\s\"']+(?=@)"  # user and password of an address
    r"|(?<=[?&])(?:sig|token|key|password)=[^&\s\"']+",  # the signature of a SAS address
    re.IGNORECASE,
)


def masked(document: Document) -> str:
    """Return the text with `***` for every secret, with as many lines as before.

    Secrets are all environment variables, the values of keys that sound like one (`password`, `...account.key`, in a
    comment too), and handles and credentials in addresses wherever they stand.
    """
    pieces, position = [], 0
    for start, end in sorted(_secret_spans(document)):
        if start >= position:
            pieces += [document.text[position:start], re.sub(r"\S.*\S|\S", MASK, document.text[start:end])]
            position = end
    text = "".join([*pieces, document.text[position:]])
    return _SECRET_TEXT.sub(MASK, _COMMENTED_KEY.sub(rf"\g<1>{MASK}", text))


def _secret_spans(document: Document) -> Iterator[tuple[int, int]]:
    for node in document.nodes:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    yield from _spans_of(key.value, value)


def _spans_of(key: str, value: yaml.Node) -> Iterator[tuple[int, int]]:
    if key == "EnvironmentVariables" and isinstance(value, yaml.MappingNode):
        for _, secret in value.value:
            yield secret.start_mark.index, secret.end_mark.index
    elif _SECRET_KEY.search(key) and not isinstance(value, yaml.MappingNode):
        yield value.start_mark.index, value.end_mark.index
