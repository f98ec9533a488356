"""What this process has seen in the volume of environments, and need not look for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from jupyter_workbench.targets.docker.building import volume
from jupyter_workbench.targets.docker.engines.engine import Engine
from jupyter_workbench.targets.packages import as_packages


@dataclass(frozen=True)
class Built:
    """An environment that can be used.

    ``prefix`` and ``site_packages`` (absolute) are paths in a container that has the volume; ``python`` is its version
    (``3.11.2``), ``ipykernel`` that of this package, ``home`` the folder of the Python that it was made with. ``notes``
    are whole sentences for the user.
    """

    fingerprint: str
    prefix: PurePosixPath
    python: str
    home: str
    site_packages: PurePosixPath
    notes: tuple[str, ...] = ()
    spark: Mapping[str, Any] | None = None
    """What `spark_builder` found and made, where there is Spark."""
    ipykernel: str | None = None
    packages: tuple[str, ...] = ()
    """All of them, as ``name==version``."""


_memory: dict[tuple[str, str, str], tuple[str, Built]] = {}
"""By engine, volume and fingerprint: what was seen, and in a volume of which identity."""


def recall(engine: Engine, fingerprint: str, identity: str | None) -> Built | None:
    """Return an environment that was seen in the volume that has this identity now."""
    seen_in, built = _memory.get(_key(engine, fingerprint), (None, None))
    return built if identity is not None and seen_in == identity else None


def remember(engine: Engine, fingerprint: str, identity: str | None, facts: Mapping[str, Any]) -> Built:
    """Return the environment that a ``ready.json`` describes, and remember it while the volume is the same."""
    prefix = volume.ENVIRONMENTS / fingerprint
    built = Built(
        fingerprint=fingerprint,
        prefix=prefix,
        python=facts["python"],
        home=facts["home"],
        site_packages=prefix / facts["site_packages"],
        spark=facts.get("spark"),
        ipykernel=dict(facts.get("packages", ())).get("ipykernel"),
        packages=as_packages(facts.get("packages", ())),
    )
    if identity is not None:
        _memory[_key(engine, fingerprint)] = (identity, built)
    return built


def forget(engine: Engine, fingerprint: str) -> None:
    """Look into the volume again at the next time: a start found that the environment is gone."""
    _memory.pop(_key(engine, fingerprint), None)


def _key(engine: Engine, fingerprint: str) -> tuple[str, str, str]:
    return (engine.id, volume.volume_name(), fingerprint)
