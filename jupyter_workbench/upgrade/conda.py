"""The rules for conda dependency files (`conda_dependencies.yml`), one list of which may be pip's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import yaml

from jupyter_workbench.config.requirements import requirement
from jupyter_workbench.upgrade import tabs
from jupyter_workbench.upgrade.conda_rules import RULES, Entry, is_old_python
from jupyter_workbench.upgrade.document import Document, Edit, pairs
from jupyter_workbench.upgrade.edits import Reason, reason, replaced, without, without_items
from jupyter_workbench.upgrade.urls import shown

Gone = dict[int, tuple[Reason, ...]]


def edits(document: Document) -> Iterator[Edit]:
    """Yield what makes a conda dependency file of Workbench run today."""
    yield from tabs.edits(document)
    key, items = pairs(document.root).get("dependencies", (None, None))
    if key is None or not isinstance(items, yaml.SequenceNode):
        return
    python_moves = any(is_old_python(entry.value) for entry in _scalars(items))
    changes, gone = _judged(document, items, python_moves, in_pip=False)
    yield from changes
    for number, item in enumerate(items.value):
        yield from _of_pip(document, number, item, python_moves, gone)
    yield from without_items(document, key, items, gone)


def _of_pip(document: Document, number: int, item: yaml.Node, python_moves: bool, gone: Gone) -> Iterator[Edit]:
    """Yield the edits of item `number`, a `pip:` list; one that loses all its entries is added to ``gone`` itself."""
    entries = pairs(item).get("pip", (None, None))[1]
    if not isinstance(entries, yaml.SequenceNode):
        return
    changes, dead = _judged(document, entries, python_moves, in_pip=True)
    yield from changes
    if dead and len(dead) == len(entries.value) and len(item.value) == 1:
        gone[number] = tuple(why for number in sorted(dead) for why in dead[number])
    else:
        yield from without(document, entries, dead)


def _judged(
    document: Document, items: yaml.SequenceNode, python_moves: bool, *, in_pip: bool
) -> tuple[list[Edit], Gone]:
    """Return the edits of the entries that change, and those that go by their number."""
    changes: list[Edit | None] = []
    gone: Gone = {}
    names = frozenset(asked.name for node in _scalars(items) if (asked := requirement(node.value)))
    for number, node in enumerate(items.value):
        if isinstance(node, yaml.ScalarNode):
            becomes, whys = _after_rules(node, Entry(node.value, in_pip, python_moves, names))
            if becomes is None:
                gone[number] = whys
            elif whys:
                changes.append(replaced(document, node, becomes, *whys))
    return [edit for edit in changes if edit], gone


def _after_rules(node: yaml.ScalarNode, entry: Entry) -> tuple[str | None, tuple[Reason, ...]]:
    """Return what the rules make of an entry (None: nothing) and why."""
    whys: list[Reason] = []
    for rule in RULES:
        verdict = rule(entry)
        if verdict is None:
            continue
        what = f"becomes {verdict.becomes}" if verdict.becomes else "is removed"
        whys.append(reason(node, f"{shown(entry.text)} {what}: {verdict.why}"))
        if verdict.becomes is None:
            return None, tuple(whys)
        entry = replace(entry, text=verdict.becomes)
    return entry.text, tuple(whys)


def _scalars(items: yaml.SequenceNode) -> Iterator[yaml.ScalarNode]:
    return (node for node in items.value if isinstance(node, yaml.ScalarNode))
