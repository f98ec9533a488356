"""Folders that kernels share: each takes its place at once."""

from __future__ import annotations

import shutil
from pathlib import Path


def take_place(new: Path, final: Path) -> None:
    """Put a folder where another may be, which somebody may use."""
    old = new.with_name(new.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        final.rename(old)
    new.rename(final)
    shutil.rmtree(old, ignore_errors=True)
