"""What everything that we make on an engine carries, so that it can be found again and told apart."""

from __future__ import annotations

import getpass
import re

PREFIX = "org.jupyter-workbench"
KIND = f"{PREFIX}.kind"
OWNER = f"{PREFIX}.owner"
SERVER = f"{PREFIX}.server"
PROJECT = f"{PREFIX}.project"
RUN_CONFIGURATION = f"{PREFIX}.run-configuration"
KERNEL = f"{PREFIX}.kernel"
STREAM = f"{PREFIX}.stream"
FOLDER = f"{PREFIX}.folder"
FINGERPRINT = f"{PREFIX}.fingerprint"


def owner() -> str:
    """Return the user's name as Docker allows it in names: letters, digits and ``_.-``."""
    return re.sub(r"[^a-zA-Z0-9_.-]", "-", getpass.getuser()) or "user"
