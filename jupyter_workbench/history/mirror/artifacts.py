"""The files of one run on the server: its outputs at their paths, its texts, and the tables that it logged."""

from __future__ import annotations

import hashlib
import posixpath
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_workbench.errors import MirrorError
from jupyter_workbench.history.mirror import description, names
from jupyter_workbench.history.mirror.tables import is_table
from jupyter_workbench.history.store.blobs import blob_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_workbench.history.mirror.errand import Errand


class Artifacts:
    """For one moment of one run. What is there with the same content is not sent again."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._outputs = {names.path(path): sha256 for path, sha256 in errand.run.outputs.items()}
        self._there = errand.progress.artifacts(errand.run.run)

    def bring(self, tables: Mapping[str, str]) -> list[str]:
        """Send what is missing; ``tables`` are of what was logged, ``{path: content}``. Returns all tables there."""
        for path, sha256 in self._outputs.items():
            self._send(path, sha256, partial(_link, blob_path(self._errand.data.blobs, sha256)))
        for path, text in {**description.files(self._errand.run), **tables}.items():
            content = text.encode("utf-8", "backslashreplace")
            sha256 = hashlib.sha256(content).hexdigest()
            self._send(description.beside(path, self._outputs), sha256, partial(_write, content))
        return [path for path in self._there if path not in self._outputs and is_table(path)]

    def _send(self, path: str, sha256: str, make: Callable[[Path], None]) -> None:
        if self._there.get(path) == sha256:
            return
        folder, name = posixpath.split(path)
        try:
            with tempfile.TemporaryDirectory(prefix="workbench-mirror-") as own:
                file = Path(own, name)  # mlflow calls an artifact as its file is called
                make(file)
                self._errand.tracking.upload(self._errand.remote, file, folder)
        except OSError as error:  # of these folders: the disk is full
            raise MirrorError(f"{tempfile.gettempdir()}: nothing can be written there ({error.strerror})") from error
        self._errand.progress.uploaded(self._errand.run.run, path, sha256)
        self._there[path] = sha256


def _link(blob: Path, file: Path) -> None:
    """Give a content another name without a copy, which may have gigabytes."""
    try:
        file.symlink_to(blob)
    except OSError:
        shutil.copyfile(blob, file)


def _write(content: bytes, file: Path) -> None:
    file.write_bytes(content)
