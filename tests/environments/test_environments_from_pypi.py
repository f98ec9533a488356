"""A real kernel from the real PyPI."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from building import Volume

pytestmark = pytest.mark.live


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    names = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "HTTPS_PROXY", "https_proxy")
    if not any(name in os.environ for name in names):
        try:
            socket.create_connection(("pypi.org", 443), timeout=5).close()
        except OSError as error:
            pytest.skip(f"pypi.org does not answer: {error}")
    variables = {name: os.environ[name] for name in names if name in os.environ}
    return Volume(tmp_path / "volume", "--pre", variables)


def test_a_kernel_is_built_and_the_next_one_is_linked(volume, tmp_path):
    first = volume.build("one", "ipykernel>=5.5", "--only-binary :all:")
    assert "Compiling what a kernel imports" in first.messages
    imported = (volume.environment("one") / "imported.txt").read_text().splitlines()
    assert {path.split("/")[0] for path in imported} >= {
        "ipykernel",
        "IPython",
        "jupyter_client",
        "tornado",
        "zmq",
        "debugpy",
    }

    second = volume.build("two", "ipykernel>=5.5", "--only-binary :all:", "six")
    assert "Compiling what a kernel imports" not in second.messages
    assert {"six"} == {name for name, _ in second.ready["packages"]} - {name for name, _ in first.ready["packages"]}
    packages = volume.environment("two") / second.ready["site_packages"]
    assert [path for path in imported if not (packages / path).exists()] == []
