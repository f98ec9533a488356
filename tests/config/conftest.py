"""A project on disk, made of the texts that a test gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

GOOD = {"local.compute": "type: local\n", "local.runconfig": "Target: local\nFramework: Python\n"}


@pytest.fixture
def a_project(tmp_path: Path) -> Callable[..., Path]:
    """Makes a good local project, with other files in ``aml_config/`` beside its own or in their place."""

    def make(files: Mapping[str, str | bytes] = {}, folder: str = "iris") -> Path:
        config = tmp_path / folder / "aml_config"
        config.mkdir(parents=True, exist_ok=True)
        for name, content in {**GOOD, **files}.items():
            (config / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return config.parent

    return make
