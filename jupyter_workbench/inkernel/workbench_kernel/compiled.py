"""Reads compiled files of the standard library from a folder, for images that have none, as those of docker.io/python.

A kernel may not write into its image, and would compile some 150 modules at each start. Only loaders of the library's
own folders look there: compiled files of packages and of the user's modules stay where they are. Python sees itself
whether such a file is of its version and of the source that is here.

Whatever is imported before `use` is not helped: so nothing is imported here that Python has not imported already.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)

OPTION = "--compiled"
NOT_LIBRARY = {"site-packages", "dist-packages"}


def take(arguments: list[str]) -> list[str]:
    """Do what our option says, which names a folder; return the other arguments."""
    rest = list(arguments)
    if OPTION in rest[:-1]:
        position = rest.index(OPTION)
        use(rest[position + 1])
        del rest[position : position + 2]
    return rest


def use(folder: str) -> None:
    """Read compiled files there: below ``folder/3.11`` for Python 3.11, each at its own path."""
    library = os.path.dirname(os.__file__)
    compiled = os.path.join(folder, "%d.%d" % sys.version_info[:2])
    if not os.path.isdir(compiled + library):
        return
    finder = FileFinder.path_hook(
        (ExtensionFileLoader, EXTENSION_SUFFIXES),
        (lambda name, path: LibraryLoader(name, path, compiled), SOURCE_SUFFIXES),  # type: ignore[arg-type]
        (SourcelessFileLoader, BYTECODE_SUFFIXES),
    )

    def hook(path: str) -> object:
        if not _is_library(path, library):
            raise ImportError("only for the standard library", path=path)
        return finder(path)

    sys.path_hooks.insert(0, hook)  # type: ignore[arg-type]
    for path in [path for path in sys.path_importer_cache if _is_library(path, library)]:
        del sys.path_importer_cache[path]


class LibraryLoader(SourceFileLoader):
    """Loads a module of the library, if it can, from a compiled file that is elsewhere."""

    def __init__(self, name: str, path: str, compiled: str) -> None:
        """``compiled``: the folder that stands for the root of the file system."""
        super().__init__(name, path)
        self._compiled = compiled

    def get_data(self, path: str) -> bytes:
        """Return what a file says; the import system asks for the source, and before for what is compiled."""
        if path.endswith(tuple(BYTECODE_SUFFIXES)):
            try:
                return super().get_data(self._compiled + path)
            except OSError:
                pass  # not compiled there, but perhaps in the image
        return super().get_data(path)


def _is_library(path: str, library: str) -> bool:
    return (path + os.sep).startswith(library + os.sep) and NOT_LIBRARY.isdisjoint(path.split(os.sep))
