"""``import azureml.logging`` gives our module in our kernels, whatever else is called ``azureml``.

Alone, beside azureml-core and beside a namespace package ``sys.path`` finds it (see ``azureml/__init__.py``).
An ``azureml`` that keeps its ``__path__`` to itself would hide it, and one that has an ``azureml.logging`` (the
Workbench of 2017, whose service is gone) would send records nowhere: so this finder answers first, for that name only.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import Optional, Sequence

NAME = "azureml.logging"


class LoggingFinder:
    """Finds ``azureml.logging`` in our folder, and nothing else anywhere.

    What Python asks of a finder is here; its base class would bring a hundredth of a second of imports.
    """

    def __init__(self, folder: str) -> None:
        """``folder``: the one that holds our ``logging.py``."""
        self._path = [folder]

    def find_spec(
        self, fullname: str, _path: Optional[Sequence[str]] = None, _target: object = None
    ) -> Optional[ModuleSpec]:
        """Answer for one name. Python calls this for every module that is imported."""
        return PathFinder.find_spec(fullname, self._path) if fullname == NAME else None


def install(folder: str) -> None:
    """Ask our finder before every other."""
    sys.meta_path.insert(0, LoggingFinder(folder))
