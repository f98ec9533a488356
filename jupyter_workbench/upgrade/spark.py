"""The rules for Spark dependency files (`spark_dependencies.yml`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import yaml

from jupyter_workbench.upgrade import tabs
from jupyter_workbench.upgrade.document import Document, Edit, pairs, scalar
from jupyter_workbench.upgrade.edits import Reason, reason, without_items
from jupyter_workbench.upgrade.retired import DEAD_MAVEN_PACKAGES
from jupyter_workbench.upgrade.urls import dead_url, shown


def edits(document: Document) -> Iterator[Edit]:
    """Yield what makes a Spark dependency file of Workbench run today."""
    yield from tabs.edits(document)
    for key, judge in (("repositories", dead_repository), ("packages", dead_package)):
        yield from _without_dead(document, key, judge)


def dead_repository(node: yaml.Node) -> Reason | None:
    """Condemn a Maven repository on a server that is gone: Spark would wait for it, then fail."""
    why = dead_url(node.value) if isinstance(node, yaml.ScalarNode) else None
    return reason(node, f"{shown(node.value)} is removed: {why}") if why else None


def dead_package(node: yaml.Node) -> Reason | None:
    """Condemn a package that no repository has any more."""
    found = pairs(node)
    group, artifact, version = (scalar(found, key) for key in ("group", "artifact", "version"))
    why = DEAD_MAVEN_PACKAGES.get((group.value, artifact.value)) if group and artifact else None
    if not why or group is None or artifact is None:
        return None
    if artifact.value == "mmlspark_2.11" and version and not version.value.startswith("0."):
        return None  # from 1.0 on it is in Maven Central
    return reason(node, f"{group.value}:{artifact.value} is removed: {why}")


def _without_dead(document: Document, key: str, judge: Callable[[yaml.Node], Reason | None]) -> Iterator[Edit]:
    name, items = pairs(document.root).get(key, (None, None))
    if name is None or not isinstance(items, yaml.SequenceNode):
        return
    judged = {number: judge(node) for number, node in enumerate(items.value)}
    gone = {number: (why,) for number, why in judged.items() if why}
    yield from without_items(document, name, items, gone)
