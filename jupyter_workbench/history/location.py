"""Where the run history of a project is kept: outside the project, in the user's Jupyter data folder."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.disk.spool import Spool

if TYPE_CHECKING:
    from jupyter_workbench.history.disk.spool import KernelFacts

_SAFE_NAME = re.compile(r"(?!\.+\Z)[A-Za-z0-9._-]{1,64}\Z", re.ASCII)


def data_root() -> Path:
    """Name the folder of all that we keep: ``$JUPYTER_WORKBENCH_DATA_DIR``, else ``<jupyter data dir>/workbench``."""
    if named := os.environ.get("JUPYTER_WORKBENCH_DATA_DIR"):
        return Path(named).expanduser()
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "workbench"


@dataclass(frozen=True)
class ProjectData:
    """The folder of one project below the data root; made when something is first written."""

    root: Path

    def make(self) -> None:
        """Make the folder, or shut one of ours that others may look into: sources of cells lie in it.

        Raises ``OSError``.
        """
        self.root.parent.mkdir(parents=True, exist_ok=True)
        self.root.mkdir(mode=0o700, exist_ok=True)
        found = self.root.stat()
        if stat.S_IMODE(found.st_mode) & 0o077 and hasattr(os, "geteuid") and found.st_uid == os.geteuid():
            self.root.chmod(0o700)

    @property
    def database(self) -> Path:
        """The SQLite file with every run."""
        return self.root / "history.db"

    @property
    def blobs(self) -> Path:
        """The outputs of runs, each file named by the hash of its content."""
        return self.root / "blobs"

    @property
    def spools(self) -> Path:
        """One folder for each kernel process whose records are not all in the database yet."""
        return self.root / "spools"

    def new_spool(self, facts: KernelFacts) -> Spool:
        """Make a spool for a kernel process that is about to start. Raises ``HistoryError``."""
        moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
        folder = self.spools / f"{moment}-{secrets.token_hex(8)}"
        try:
            self.make()
            self.spools.mkdir(mode=0o700, exist_ok=True)
            return Spool.create(folder, facts)
        except OSError as error:
            raise HistoryError(
                f"{folder}: the run history cannot be written ({error.strerror}) - make the folder writable, "
                "or name another one in JUPYTER_WORKBENCH_DATA_DIR"
            ) from error


def project_data(directory: Path, project_id: str | None) -> ProjectData:
    """Name the data folder of a project: by its id, or by its real path when it has none that can name a folder."""
    if project_id is None or not _SAFE_NAME.match(project_id):
        real = os.path.realpath(directory)
        project_id = "path-" + hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    return ProjectData(data_root() / "projects" / project_id)
