"""Environments on an engine: folders in a volume of the user's, named by what they are built from.

* `ensure`: an environment is there already, or `build` makes it; `volume_programs` looks into the volume
* `listing`, `remove`, `prune` are in `shelf`
* `volume`: the volume itself; a new one of the same name is another one
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from jupyter_workbench.environments.fingerprint import fingerprint as fingerprint_of
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.building import usage, uv_binary, volume, volume_programs
from jupyter_workbench.targets.docker.building.build import build as build_one
from jupyter_workbench.targets.docker.building.build_container import Order
from jupyter_workbench.targets.docker.building.build_failures import BuilderRemoved
from jupyter_workbench.targets.docker.building.remembered import Built, forget, recall, remember
from jupyter_workbench.targets.docker.building.sharing import Shared
from jupyter_workbench.targets.docker.building.shelf import EnvironmentInfo, Removal, listing, prune, remove
from jupyter_workbench.targets.docker.engines.engine import Engine
from jupyter_workbench.targets.docker.images import pythons
from jupyter_workbench.targets.progress import Report

if TYPE_CHECKING:
    from jupyter_workbench.environments.spec import EnvironmentSpec
    from jupyter_workbench.targets.docker.images.network import CompanyNetwork

__all__ = [
    "Built",
    "EnvironmentInfo",
    "NotPrepared",
    "Removal",
    "ensure",
    "forget",
    "listing",
    "prune",
    "remove",
]


class NotPrepared(TargetError):
    """An environment is not there, and must not be built now."""


@dataclass(frozen=True)
class _Wanted:
    """What one call of `ensure` asks for."""

    engine: Engine
    fingerprint: str
    image: str
    image_id: str
    spec: EnvironmentSpec
    network: CompanyNetwork
    upgrade: bool

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others."""
        return (self.engine.id, volume.volume_name(), self.fingerprint)


_builds: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str, str], tuple[_Wanted, Shared[Built]]]]
_builds = WeakKeyDictionary()


async def ensure(
    engine: Engine,
    image: str,
    image_id: str,
    spec: EnvironmentSpec,
    network: CompanyNetwork,
    report: Report,
    *,
    build: bool = True,
    upgrade: bool = False,
) -> Built:
    """Return the environment of a dependency file in an image, which is built when the engine does not have it.

    ``image`` is how the user names it. What was seen once costs one request. Callers who want the same at the same
    time, in any process, share one build; who is cancelled leaves it to the others, and the last one ends it.
    Raises `TargetError` with the whole reason; `NotPrepared` when it is not there and ``build`` is false.
    """
    fingerprint = await asyncio.to_thread(fingerprint_of, spec, image_id, engine.architecture)
    wanted = _Wanted(engine, fingerprint, image, image_id, spec, network, upgrade)
    found = None
    if not upgrade:
        identity = await volume.identity(engine)
        found = recall(engine, fingerprint, identity) or (None if build else await _look(wanted, identity))
    if found is None and not build:
        raise NotPrepared(
            f"expected the environment of {spec.file} to be there, since the run configuration says "
            f"`PrepareEnvironment: false`, got none - build it with `workbench experiment prepare`"
        )
    return replace(found or await _share(wanted, report), notes=spec.notes)


async def _share(wanted: _Wanted, report: Report) -> Built:
    """Take part in the work on an environment, or begin it; an upgrade has to be its own."""
    builds = _builds.setdefault(asyncio.get_running_loop(), {})
    while True:
        asked, shared = builds.get(wanted.key, (wanted, None))
        if shared is None or shared.is_over:
            shared = Shared(lambda report: _find_or_build(wanted, report))
            asked, shared = builds[wanted.key] = (wanted, shared)
        try:
            if asked.upgrade or not wanted.upgrade:
                return await shared.join(report)
            with contextlib.suppress(TargetError):
                await shared.join(report)
        finally:
            if shared.is_over and builds.get(wanted.key) == (asked, shared):
                del builds[wanted.key]


async def _find_or_build(wanted: _Wanted, report: Report) -> Built:
    engine = wanted.engine
    if wanted.upgrade:
        await _refuse_while_used(wanted)
        forget(engine, wanted.fingerprint)
    while True:
        identity = await volume.identity(engine)
        if not wanted.upgrade and (found := await _look(wanted, identity)):
            return found
        if identity is None:
            identity = await volume.ensure_volume(engine)
        try:
            ready = await build_one(engine, await _order(wanted, report), report)
        except BuilderRemoved:
            if await volume.identity(engine) == identity:
                raise
            continue  # the volume was removed, and every container that had it
        if ready is not None:
            return remember(engine, wanted.fingerprint, await volume.identity(engine), ready.facts)


async def _order(wanted: _Wanted, report: Report) -> Order:
    python = await pythons.image_python(wanted.engine, wanted.image, wanted.image_id, report)
    return Order(
        fingerprint=wanted.fingerprint,
        spec=wanted.spec,
        image=wanted.image,
        image_id=wanted.image_id,
        python=python.executable,
        uv=uv_binary.choose(python.architecture, is_musl=python.libc == "musl"),
        network=wanted.network,
        upgrade=wanted.upgrade,
    )


async def _refuse_while_used(wanted: _Wanted) -> None:
    users = (await usage.users(wanted.engine)).get(wanted.fingerprint)
    if users:
        raise TargetError(
            f"The environment of {wanted.spec.file} cannot be upgraded while kernels run in it: "
            f"{', '.join(users)} - shut them down first"
        )


async def _look(wanted: _Wanted, identity: str | None) -> Built | None:
    """Look for the environment in the volume itself."""
    if identity is None:
        return None
    file = volume.ready_file(wanted.fingerprint)
    text = await volume_programs.read(wanted.engine, wanted.image_id, file)
    if text is None:
        return None
    return remember(wanted.engine, wanted.fingerprint, identity, json.loads(text))
