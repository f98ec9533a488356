"""The rules for compute files (`*.compute`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from jupyter_workbench.config.computes import type_of_switches
from jupyter_workbench.upgrade import tabs
from jupyter_workbench.upgrade.document import Document, Edit, is_null, pairs, scalar
from jupyter_workbench.upgrade.edits import filled, reason, replaced, with_first_key, without_key
from jupyter_workbench.upgrade.retired import IMAGE, RETIRED_IMAGES

_HANDLE = re.compile(r"\s*(AzureMlSecret=|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(#|\s*$))", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\s*<[^<>]*>\s*$")


def edits(document: Document) -> Iterator[Edit]:
    """Yield what makes a compute file of Workbench run today."""
    yield from tabs.edits(document)
    if isinstance(document.root, yaml.MappingNode) and document.root.value:
        yield from missing_type(document, document.root)
        yield from retired_image(document, document.root)
        yield from misspelt_image(document, document.root)
        yield from credential_handle(document, document.root)
        yield from yarn_cluster_mode(document, document.root)


def missing_type(document: Document, root: yaml.MappingNode) -> Iterator[Edit]:
    """Add the `type` that the first files had not: they had `cluster` and `native`."""
    found = pairs(root)
    kind = type_of_switches({key: value.value for key, (_, value) in found.items()})
    if kind is None:
        return
    why = reason(root, f"type: {kind} is added: before there was a type, cluster and native said so")
    if "type" not in found:
        yield with_first_key(document, root, ("type", kind), why)
    elif is_null(found["type"][1]):
        yield filled(document, *found["type"], kind, why)


def retired_image(document: Document, root: yaml.MappingNode) -> Iterator[Edit]:
    """Replace `microsoft/mmlspark` in all its tags: the image can no longer be pulled."""
    image = scalar(pairs(root), "baseDockerImage")
    name = image.value.strip().split(":")[0].removeprefix("docker.io/") if image else ""
    why = RETIRED_IMAGES.get(name)
    if image is None or not why:
        return
    note = "it has no Java: with PySpark it gets Java 17 and Spark 3 from PyPI"
    if "gpu" in image.value:
        note = "the CUDA libraries come with the packages, such as torch or tensorflow[and-cuda]"
    said = f"baseDockerImage: {image.value.strip()} becomes {IMAGE}: {why}; {note}"
    yield from _one(replaced(document, image, IMAGE, reason(image, said)))


def misspelt_image(document: Document, root: yaml.MappingNode) -> Iterator[Edit]:
    """Mend `name::tag`: no engine takes two colons."""
    image = scalar(pairs(root), "baseDockerImage")
    if image is None or "::" not in image.value or image.value.strip().split(":")[0] in RETIRED_IMAGES:
        return
    name = re.sub(":{2,}", ":", image.value.strip())
    said = f"baseDockerImage: {image.value.strip()} becomes {name}: one colon parts an image from its tag"
    yield from _one(replaced(document, image, name, reason(image, said)))


def credential_handle(document: Document, root: yaml.MappingNode) -> Iterator[Edit]:
    """Remove a handle into Workbench's credential service, or a placeholder for one, without ever repeating it."""
    key, value = pairs(root).get("password", (None, None))
    if key is None or value is None:
        return
    written = value.value if isinstance(value, yaml.ScalarNode) else ""
    if isinstance(value, yaml.SequenceNode) or _PLACEHOLDER.match(written):
        was = "a placeholder"
    elif _HANDLE.match(written):
        was = "a handle into the credential service of Workbench, which is gone"
    else:
        return
    said = f"password is removed: it was {was}; SSH keys are used instead"
    yield from without_key(document, root, key, reason(key, said))


def yarn_cluster_mode(document: Document, root: yaml.MappingNode) -> Iterator[Edit]:
    """Replace `yarnDeployMode: cluster`, which Workbench wrote and with which no notebook kernel starts."""
    mode = scalar(pairs(root), "yarnDeployMode")
    if mode is not None and mode.value.strip() == "cluster":
        said = "yarnDeployMode: cluster becomes client: a notebook kernel cannot start in cluster mode"
        yield from _one(replaced(document, mode, "client", reason(mode, said)))


def _one(edit: Edit | None) -> Iterator[Edit]:
    if edit:
        yield edit
