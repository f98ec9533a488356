"""Every end of a build that gives no environment says what happened; on the real engine: test_docker_environments."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_workbench.environments.spec import EnvironmentSpec
from jupyter_workbench.targets.docker.building.build_container import Order
from jupyter_workbench.targets.docker.building.build_failures import BuilderRemoved, Ended, explain, refused
from jupyter_workbench.targets.docker.building.uv_binary import Uv
from jupyter_workbench.targets.docker.images.network import CompanyNetwork

FILE = "aml_config/conda_dependencies.yml"


@pytest.fixture
def an_order() -> Order:
    return Order(
        fingerprint="0123",
        spec=EnvironmentSpec(FILE),
        image="debian",
        image_id="sha256:1",
        python="/usr/bin/python3",
        uv=Uv("x86_64", is_static=False),
        network=CompanyNetwork({}, None),
    )


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (Ended(137, True, ""), "its builder ran out of memory - give the Docker engine's machine more"),
        (Ended(137, False, ""), "its container was stopped from outside (exit code 137) - prepare it again"),
        (Ended(143, False, ""), "its container was stopped from outside (exit code 143) - prepare it again"),
        (Ended(None, False, ""), "its container was removed from outside - prepare it again"),
        (Ended(1, False, ""), "the builder ended without a result (exit code 1)."),
        (
            Ended(1, False, "Traceback (most recent call last):\nValueError"),
            "the builder ended without a result (exit code 1).\n"
            "It said:\nTraceback (most recent call last):\nValueError",
        ),
    ],
)
def test_a_container_that_ends_without_a_word(an_order: Order, end: Ended, message: str) -> None:
    assert str(explain(an_order, end)) == f"The environment of {FILE} cannot be built: {message}"


def test_only_a_container_that_is_gone_may_have_gone_with_its_volume(an_order: Order) -> None:
    assert isinstance(explain(an_order, Ended(None, False, "")), BuilderRemoved)
    assert not isinstance(explain(an_order, Ended(137, False, "")), BuilderRemoved)


def test_an_engine_that_does_not_start_the_container_is_quoted(an_order: Order) -> None:
    error = SimpleNamespace(explanation="error setting rlimits: operation not permitted")

    assert str(refused(an_order, error)) == (
        f"The environment of {FILE} cannot be built: the Docker engine refused its container: "
        "error setting rlimits: operation not permitted"
    )


def test_what_goes_into_a_container_is_for_root_only_but_for_local_files(an_order: Order, tmp_path: Path) -> None:
    from dataclasses import replace

    (tmp_path / "mine.whl").write_bytes(b"")
    (tmp_path / "ca.crt").write_bytes(b"")
    order = replace(
        an_order,
        spec=EnvironmentSpec(FILE, files=(tmp_path / "mine.whl",)),
        network=CompanyNetwork({"UV_INDEX": "https://me:secret@host/simple"}, tmp_path / "ca.crt"),
    )

    assert {str(put.path): oct(put.mode) for put in order.files()} == {
        "/jupyter-workbench-build/builder.py": "0o600",
        "/jupyter-workbench-build/plan.json": "0o600",
        "/jupyter-workbench-build/ca-certificates.crt": "0o600",
        "/jupyter-workbench-files/0/mine.whl": "0o644",
    }
    assert "secret" not in str(order.settings(SimpleNamespace(is_podman=False)))
