"""A pin such as ``python=3.11`` -> what uv is asked for.

https://docs.astral.sh/uv/concepts/python-versions/
"""

from __future__ import annotations

import re

from jupyter_workbench.config.requirements import Requirement
from jupyter_workbench.environments.conda_versions import NotTranslated, specifiers
from jupyter_workbench.environments.limits import OLDEST_PYTHON, dotted

SUGGESTED = "3.11"
"""What is proposed instead of a Python that cannot be had."""

_PLAIN = re.compile(r"==(?P<version>[0-9]+(\.[0-9]+)*)(\.\*)?")


def python_request(asked: Requirement) -> str | None:
    """Return what to ask uv for (``3.11``, ``3.11.4``, ``>=3.8``); None: any Python will do. Raises `NotTranslated`."""
    if not asked.admits(OLDEST_PYTHON):
        raise NotTranslated(
            f"Python {dotted(OLDEST_PYTHON)} or newer, which kernels need and which can still be downloaded",
            f"write `python={SUGGESTED}`, or remove the line to take the Python of the image; "
            "`workbench project upgrade` proposes a change of the whole file",
        )
    wanted = ",".join(specifiers(asked.versions))
    plain = _PLAIN.fullmatch(wanted)
    return plain["version"] if plain else wanted or None
