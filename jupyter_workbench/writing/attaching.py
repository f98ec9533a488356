"""A compute target as somebody fills it in: what is wrong with each field, the files that it becomes, and its end."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from jupyter_workbench.config.computes import ComputeFile
from jupyter_workbench.config.models import DockerCompute, LocalCompute
from jupyter_workbench.config.problems import did_you_mean, listed
from jupyter_workbench.config.project import CONFIG_FOLDER, Project
from jupyter_workbench.config.validation import why_refused
from jupyter_workbench.errors import ConfigurationError, WorkbenchError
from jupyter_workbench.writing.names import why_no_name
from jupyter_workbench.writing.pairs import attach_pair, remove_compute, remove_run_configuration

MODELS: Mapping[str, type[DockerCompute] | type[LocalCompute]] = MappingProxyType(
    {"docker": DockerCompute, "local": LocalCompute}
)
"""The types of compute targets that can be attached."""

KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "docker": ("baseDockerImage", "sharedVolumes", "nvidiaDocker", "memory", "cpus", "network", "mounts"),
        "local": ("pythonLocation",),
    }
)
"""The settings that each type takes, under the keys of its file."""

_SWITCHES = ("sharedVolumes", "nvidiaDocker")


class TargetInUse(WorkbenchError):
    """A compute target stays, since something uses it."""

    http_status = 409


@dataclass(frozen=True)
class Draft:
    """What was filled in: ``settings`` under the keys of the file, where an empty one counts as not filled in."""

    name: str
    type: str
    settings: Mapping[str, Any]

    @property
    def filled_in(self) -> dict[str, Any]:
        """Return the settings that say something."""
        return {key: value for key, value in self.settings.items() if value not in (None, "", [])}


def mistakes(project: Project, draft: Draft) -> dict[str, str]:
    """Return what keeps a draft from becoming a compute target, by field: ``name``, ``type`` or a key; {} if nothing.

    A message is what `workbench project check` says of such a file.
    """
    found = {}
    if why := why_no_name(draft.name) or _why_taken(project, draft.name):
        found["name"] = why
    model = MODELS.get(draft.type)
    if model is None:
        return {**found, "type": f"expected {listed(MODELS)}, got {draft.type} - choose one of these"}
    for key, value in draft.filled_in.items():
        if why := _why_unknown(draft.type, key) or _why_refused(model, key, value):
            found[key] = why
    return found


def attach(project: Project, draft: Draft) -> list[str]:
    """Write the files of a draft, a compute target and a run configuration of its name; return them.

    Raises ConfigurationError with every mistake, and WorkbenchError for what cannot be written.
    """
    if found := mistakes(project, draft):
        raise ConfigurationError("\n".join(f"{field}: {message}" for field, message in found.items()))
    return attach_pair(project, MODELS[draft.type].model_validate({**draft.filled_in, "name": draft.name}))


def detach(project: Project, name: str) -> list[str]:
    """Remove a compute target and the run configuration of its name; return a sentence for each file.

    Raises ConfigurationError when there is none of that name or it cannot be read, and `TargetInUse` while run
    configurations of other names use it.
    """
    compute = project.compute(name)
    users = [entry for entry in project.entries if entry.target == name]
    _refuse_if_used(name, [entry.name for entry in users if entry.name != name])
    _refuse_unless_read(compute)
    return [*(remove_run_configuration(project, entry) for entry in users), remove_compute(project, compute)]


def _why_taken(project: Project, name: str) -> str | None:
    is_awaited = any(entry.name == entry.target == name for entry in project.entries)
    for kind in ("compute",) if is_awaited else ("compute", "runconfig"):
        if os.path.lexists(project.directory / CONFIG_FOLDER / f"{name}.{kind}"):
            return f"expected a new name, got {name}, which {CONFIG_FOLDER}/{name}.{kind} has - choose another one"
    return None


def _why_unknown(type_: str, key: str) -> str | None:
    if key in KEYS[type_]:
        return None
    meant = did_you_mean(key, KEYS[type_])
    advice = f"did you mean {meant}?" if meant else f"choose {listed(KEYS[type_])}"
    return f"expected a setting of a target {type_}, got another one - {advice}"


def _why_refused(model: type[DockerCompute] | type[LocalCompute], key: str, value: Any) -> str | None:
    """Ask the reader of the file, after what a file cannot hold: JSON has kinds of values that YAML here has not."""
    if key in _SWITCHES:
        return None if isinstance(value, bool) else "expected true or false, got something else - write one of the two"
    if key == "mounts":
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return "expected a list of mounts, got something else - write a list of texts"
    elif not isinstance(value, str):
        return "expected a text, got something else - write it in quotes"
    elif not value.isprintable():
        return "expected one line of text, got a character that no file may hold - remove it"
    return why_refused(model, key, value)


def _refuse_if_used(name: str, users: Sequence[str]) -> None:
    if users:
        commands = "\n".join(f"  workbench runconfiguration delete -n {shlex.quote(user)}" for user in users)
        raise TargetInUse(
            f"The compute target {name} is left as it is: other run configurations use it - "
            f"give them another Target, or delete them:\n"
            f"{commands}"
        )


def _refuse_unless_read(compute: ComputeFile) -> None:
    if compute.type is None:
        raise ConfigurationError(
            f"{compute.file} is left as it is: it cannot be read as a compute target - mend it "
            "(`workbench project check` says how), or remove the file yourself"
        )
