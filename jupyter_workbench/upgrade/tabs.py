"""The rule for every kind of file: a tab after a colon, which Workbench took and other YAML readers refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from jupyter_workbench.upgrade.document import Document, Edit
from jupyter_workbench.upgrade.edits import reason

_TABS = re.compile(r"[ \t]*:([ \t]*\t[ \t]*)(.?)")


def edits(document: Document) -> Iterator[Edit]:
    """Yield an edit for each key that a tab parts from its value."""
    for node in document.nodes:
        if isinstance(node, yaml.MappingNode):
            for key, _ in node.value:
                yield from _blank(document, key)


def _blank(document: Document, key: yaml.Node) -> Iterator[Edit]:
    found = _TABS.match(document.text, key.end_mark.index)
    if found:
        blank = "" if found[2] in ("", "\r") else " "
        shown = key.value if isinstance(key, yaml.ScalarNode) else "key"
        said = f"{shown}: a blank instead of the tab after the colon: most YAML readers refuse a tab there"
        yield Edit(found.start(1), found.end(1), blank, (reason(key, said),))
