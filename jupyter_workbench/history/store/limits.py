"""How much a kernel and a project may take of the disk: what the user set in the environment, else our own limits."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from jupyter_workbench.errors import HistoryError

_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?)i?b?\s*\Z", re.ASCII | re.IGNORECASE)
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}


@dataclass(frozen=True)
class Limits:
    """In bytes: of one kernel process' records, of all outputs of a project, and what stays free on the disk."""

    records: int = 4 << 30
    outputs: int = 50 << 30
    keep_free: int = 1 << 30

    @property
    def records_left_out(self) -> str:
        """What is told of a kernel whose records are more than that."""
        return (
            f"The kernel's records above {_words(self.records)} were left out: {_VARIABLES['records']} sets this limit."
        )

    @property
    def output_left_out(self) -> str:
        """What is told of an output for which the project has no room."""
        return (
            f"the outputs of the project would be more than {_words(self.outputs)}: {_VARIABLES['outputs']} sets this "
            "limit"
        )

    @property
    def output_waits(self) -> str:
        """What is told of an output for which the disk has no room now."""
        return (
            f"it waits until more than {_words(self.keep_free)} of the disk would stay free: "
            f"{_VARIABLES['keep_free']} sets this limit"
        )


_VARIABLES = {
    "records": "JUPYTER_WORKBENCH_MAX_RECORDS",
    "outputs": "JUPYTER_WORKBENCH_MAX_OUTPUTS",
    "keep_free": "JUPYTER_WORKBENCH_KEEP_FREE",
}


def limits() -> Limits:
    """Read the limits that hold now. Raises ``HistoryError`` for a value that is no size."""
    told = {field: os.environ.get(variable, "") for field, variable in _VARIABLES.items()}
    return Limits(**{field: _size(text, _VARIABLES[field]) for field, text in told.items() if text.strip()})


def _words(size: int) -> str:
    """``4294967296`` -> ``4 GB``."""
    unit = max((unit for unit, power in _UNITS.items() if size >> power), key=_UNITS.__getitem__, default="")
    return f"{size / (1 << _UNITS[unit]):.4g} {unit.upper()}B" if unit else f"{size} bytes"


def _size(text: str, variable: str) -> int:
    found = _SIZE.match(text)
    if not found:
        raise HistoryError(f"{variable}: expected a size such as 4GB or 500MB, got {text!r} - correct or remove it")
    return int(float(found[1]) * (1 << _UNITS[found[2].lower()]))
