"""``.compute`` files: which type of compute target each one is, in the words of today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_workbench.config.fields import quote
from jupyter_workbench.config.files import ProjectFiles
from jupyter_workbench.config.models import COMPUTE_KEYS, COMPUTE_MODELS, ComputeTarget
from jupyter_workbench.config.problems import Problem, did_you_mean, listed
from jupyter_workbench.config.validation import no_settings, unknown_keys, validate
from jupyter_workbench.config.yaml import Document

_TYPES = tuple(dict.fromkeys(model.type for model in COMPUTE_MODELS.values()))


@dataclass(frozen=True)
class ComputeFile:
    """What one ``.compute`` file says. ``type`` may be known although something else in the file is wrong.

    ``locations`` tells the file and line of every setting.
    """

    name: str
    file: str
    type: str | None = None
    target: ComputeTarget | None = None
    problems: tuple[Problem, ...] = ()
    locations: Mapping[str, tuple[str, int]] = field(default_factory=dict)


def read_compute(files: ProjectFiles, file: str, name: str) -> ComputeFile:
    """Read one ``.compute`` file."""
    document = files.document(file)
    if problems := no_settings(document, example="type: local"):
        return ComputeFile(name, document.file, problems=problems)
    found = (*document.problems, *unknown_keys(document, COMPUTE_KEYS))
    if (word := _type(document)) not in COMPUTE_MODELS:
        problems = (*found, _no_type(document))
        return ComputeFile(name, document.file, problems=problems, locations=document.locations)
    model = COMPUTE_MODELS[word]
    target, refused = validate(model, document, name=name)
    locations = _locations(document, model.type)
    return ComputeFile(name, document.file, model.type, target, (*found, *refused), locations)


def _locations(document: Document, type_: str) -> Mapping[str, tuple[str, int]]:
    """Return the places of the settings; that of a ``type`` that switches mean is the place of the switch."""
    places = document.locations
    if "type" in places:
        return places
    decides = "cluster" if type_ == "cluster" or "native" not in document.data else "native"
    return {**places, "type": (document.file, document.line((decides,)) or 1)}


def _type(document: Document) -> str:
    """Tell the type as the file writes it; files of mid 2017 have the switches ``cluster`` and ``native`` instead."""
    written = document.data.get("type")
    if written is None:
        return type_of_switches(document.data) or ""
    return written if isinstance(written, str) else ""


def type_of_switches(settings: Mapping[str, object]) -> str | None:
    """Return the type that ``cluster`` and ``native`` mean: a cluster, a machine itself, or Docker on it."""
    if "cluster" not in settings and "native" not in settings:
        return None
    if str(settings.get("cluster")).lower() == "true":
        return "cluster"
    return "remote" if str(settings.get("native")).lower() == "true" else "remotedocker"


def _no_type(document: Document) -> Problem:
    word = document.data.get("type")
    if word is None:
        message = "expected a value, got nothing - add a line such as `type: docker`"
    else:
        meant = did_you_mean(word, COMPUTE_MODELS) if isinstance(word, str) else None
        advice = f"did you mean {meant}?" if meant else "write one of these"
        message = f"expected {listed(_TYPES)}, got {quote(word)} - {advice}"
    return Problem(document.file, document.line(("type",)), "type", message)
