"""Compute targets `docker` and `localdocker`: a container of an engine that this machine reaches.

    endpoints, contexts, engine   which engine, and calls to it that never block the event loop
    images, pythons, environments what a kernel needs, made once: image, interpreter, packages in a volume
    sight                         which folders of this machine the engine sees; copies: what goes in where it does not
    place -> containers           one kernel: described, started, watched, removed
    leftovers                     what processes that died have left behind
    checks                        what `workbench computetarget test` asks

The members of `targets.base.Target` are here.
"""

from __future__ import annotations
