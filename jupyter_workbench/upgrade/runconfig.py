"""The rules for run configurations (`*.runconfig`), YAML and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from jupyter_workbench.upgrade import tabs
from jupyter_workbench.upgrade.document import Document, Edit, is_null, pairs, scalar
from jupyter_workbench.upgrade.edits import filled, reason, with_key_after


def edits(document: Document, target_types: Mapping[str, str]) -> Iterator[Edit]:
    """Yield what makes a run configuration of Workbench run today; ``target_types`` has each compute target's type."""
    yield from tabs.edits(document)
    if isinstance(document.root, yaml.MappingNode):
        yield from missing_framework(document, document.root, target_types)


def missing_framework(document: Document, root: yaml.MappingNode, target_types: Mapping[str, str]) -> Iterator[Edit]:
    """Write down the framework that a missing key stands for: nobody expects PySpark."""
    found = pairs(root)
    target = scalar(found, "Target")
    kind = target_types.get(target.value) if target else None
    if kind is None or _mentions_framework(root):
        return
    framework, where = ("Python", "on a local target") if kind == "local" else ("PySpark", f"on a {kind} target")
    why = reason(root, f"Framework: {framework} is added: that is what a missing Framework means {where}")
    if "Framework" not in found:
        yield with_key_after(document, root, found["Target"], ("Framework", framework), why)
    elif is_null(found["Framework"][1]):
        yield filled(document, *found["Framework"], framework, why)


def _mentions_framework(root: yaml.MappingNode) -> bool:
    """Say whether a value swallowed the key: `PrepareEnvironment: true. "Framework":"PySpark"` is one value."""
    return any(isinstance(value, yaml.ScalarNode) and "Framework" in value.value for _, value in root.value)
