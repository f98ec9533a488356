"""``import azureml...`` gives our modules in our kernels, whatever else is called ``azureml``.

Alone, beside azureml-core and beside a namespace package ``sys.path`` finds them (see ``azureml/__init__.py``).
An ``azureml`` that keeps its ``__path__`` to itself would hide them, and one that has an ``azureml.logging`` (the
Workbench of 2017, whose service is gone) would send records nowhere: so one finder answers first, for that name only,
and one last, for what nobody else has found.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import Optional, Sequence, Set

FIRST = {"azureml.logging"}
LAST = {"azureml.assets", "azureml.core"}


class Finder:
    """Finds some modules of ours in our folder, and nothing else anywhere.

    What Python asks of a finder is here; its base class would bring a hundredth of a second of imports.
    """

    def __init__(self, folder: str, names: Set[str]) -> None:
        """``folder``: our ``azureml``."""
        self._path = [folder]
        self._names = names

    def find_spec(
        self, fullname: str, _path: Optional[Sequence[str]] = None, _target: object = None
    ) -> Optional[ModuleSpec]:
        """Answer for these names. Python calls this for every module that is imported."""
        return PathFinder.find_spec(fullname, self._path) if fullname in self._names else None


def install(folder: str) -> None:
    """Ask the one before every other, and the other after them."""
    sys.meta_path.insert(0, Finder(folder, FIRST))
    sys.meta_path.append(Finder(folder, LAST))
