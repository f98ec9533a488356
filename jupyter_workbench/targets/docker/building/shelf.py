"""What is in the volume of environments, and how it is removed from it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.building import usage, volume, volume_programs
from jupyter_workbench.targets.docker.building.remembered import forget
from jupyter_workbench.targets.docker.engines.engine import Engine
from jupyter_workbench.targets.docker.images import pythons
from jupyter_workbench.targets.progress import quiet

IMAGES_TRIED = 20
"""Any image with a Python will do to look into the volume; this many of the engine's are asked at most."""


NOT_THERE = "it is not there"

_last: dict[str, str] = {}
"""For each engine the image that was taken the last time."""


@dataclass(frozen=True)
class EnvironmentInfo:
    """A complete environment.

    ``size`` is how many bytes it has on disk, ``bytes`` how many of them no other one has. ``packages`` are names and
    versions. ``created`` is epoch seconds and ``age`` the time since, both by the engine's clock. ``image`` is what the
    user called the image that it was built in. ``users`` are the kernels in it, as ``PROJECT RUN-CONFIGURATION``.
    ``spark`` is the version of Spark and that of its Java.
    """

    fingerprint: str
    python: str
    packages: tuple[tuple[str, str], ...]
    size: int
    bytes: int
    created: float
    age: timedelta
    image: str | None
    users: tuple[str, ...] = ()
    spark: tuple[str, str] | None = None


@dataclass(frozen=True)
class Removal:
    """What a removal did: what is gone, how many bytes that freed, and why others are still there, by fingerprint."""

    removed: tuple[str, ...]
    bytes: int
    kept: tuple[tuple[str, str], ...]


async def listing(engine: Engine) -> list[EnvironmentInfo]:
    """Return the complete environments, the newest first. Raises `TargetError`."""
    if await volume.identity(engine) is None:
        return []
    users = await usage.users(engine)
    found = [_info(facts, users.get(facts["fingerprint"], ())) for facts in await _ask(engine, "list")]
    return sorted(found, key=lambda info: info.age)


async def remove(engine: Engine, fingerprints: Collection[str]) -> Removal:
    """Remove environments, and the packages in uv's cache that no other one has.

    One that a running kernel uses, or that is being built, stays. Raises `TargetError`.
    """
    users, building = await usage.users(engine), await usage.being_built(engine)
    why = {name: _why_it_stays(name, users, building) for name in fingerprints}
    wanted = [name for name, reason in why.items() if reason is None]
    gone: dict[str, Any] = {"removed": [], "bytes": 0}
    if wanted and await volume.identity(engine) is not None:
        for name in wanted:
            forget(engine, name)
        gone = await _ask(engine, "remove", *wanted)
    kept = [(name, reason or NOT_THERE) for name, reason in why.items() if name not in gone["removed"]]
    return Removal(tuple(gone["removed"]), gone["bytes"], tuple(kept))


async def prune(engine: Engine, older_than: timedelta | None, keep: Collection[str]) -> Removal:
    """Remove the environments that are not in ``keep``, if older than that, and what killed builders left."""
    if await volume.identity(engine) is None:
        return Removal((), 0, ())
    await _ask(engine, "sweep", *await usage.being_built(engine))
    old = [info for info in await listing(engine) if older_than is None or info.age > older_than]
    return await remove(engine, [info.fingerprint for info in old if info.fingerprint not in keep])


def _why_it_stays(name: str, users: Mapping[str, Sequence[str]], building: Collection[str]) -> str | None:
    if name in building:
        return "it is being built"
    return f"kernels run in it: {', '.join(users[name])}" if name in users else None


def _info(facts: dict[str, Any], users: Iterable[str]) -> EnvironmentInfo:
    return EnvironmentInfo(
        fingerprint=facts["fingerprint"],
        python=facts["python"],
        packages=tuple((name, version) for name, version in facts["packages"]),
        size=facts["size"],
        bytes=facts["bytes"],
        created=facts["created"],
        age=timedelta(seconds=facts["age"]),
        image=facts.get("image"),
        users=tuple(users),
        spark=(spark["version"], spark["java"]) if (spark := facts.get("spark")) else None,
    )


async def _ask(engine: Engine, *arguments: str) -> Any:
    image_id, python = await _any_python(engine)
    return json.loads(await volume_programs.run(engine, image_id, python, arguments))


async def _any_python(engine: Engine) -> tuple[str, str]:
    """Return an image that has a Python, and that: the volume itself has none that runs in every image."""
    images = await engine.call(lambda client: client.api.images())
    images.sort(key=lambda image: image["Id"] != _last.get(engine.id))
    for image in images[:IMAGES_TRIED]:
        name = (image.get("RepoTags") or [image["Id"]])[0]
        try:
            python = await pythons.image_python(engine, name, image["Id"], quiet)
        except TargetError:
            continue
        _last[engine.id] = image["Id"]
        return image["Id"], python.executable
    raise TargetError(
        f"expected an image with Python on the Docker engine, got none - the volume {volume.volume_name()} can be "
        f"looked into when there is one again, or removed whole with `docker volume rm {volume.volume_name()}`"
    )
