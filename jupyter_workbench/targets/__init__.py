"""Where a kernel runs: one module a kind of compute target, registered in one dict.

To add a kind, write a module with the members of `base.Target` and add it to `TARGETS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jupyter_workbench.targets import docker, local
from jupyter_workbench.targets.base import Prepared, Target

__all__ = ["TARGETS", "Prepared", "Target"]

TARGETS: Mapping[str, Target] = MappingProxyType({"docker": docker, "local": local})
"""Every kind of compute target that can run a kernel today, by the type that rows report."""
