"""The owner of a live Docker test sees whatever it left on the engine, and nothing of others."""

from __future__ import annotations

import pytest

from jupyter_workbench.targets.docker.labels import OWNER

from .owners import Owner

pytestmark = pytest.mark.live


def test_a_container_a_volume_and_a_network_are_leftovers(isolated_owner: Owner, base_image: str) -> None:
    engine, labels = isolated_owner.client, {OWNER: isolated_owner.name}
    container = engine.containers.create(base_image, "true", labels=labels)
    engine.volumes.create(f"{isolated_owner.name}-volume", labels=labels)
    engine.networks.create(f"{isolated_owner.name}-network", labels=labels)

    assert isolated_owner.leftovers() == [
        f"container {container.name}",
        f"volume {isolated_owner.name}-volume",
        f"network {isolated_owner.name}-network",
    ]
    isolated_owner.remove_everything()
    assert isolated_owner.leftovers() == []


def test_what_another_user_has_is_no_leftover(isolated_owner: Owner, lasting_owner: Owner, base_image: str) -> None:
    container = isolated_owner.client.containers.create(base_image, "true", labels={OWNER: lasting_owner.name})

    assert isolated_owner.leftovers() == []
    assert lasting_owner.leftovers() == [f"container {container.name}"]
    container.remove()


def test_volumes_that_the_test_declares_may_stay(isolated_owner: Owner) -> None:
    isolated_owner.client.volumes.create(isolated_owner.volume)
    isolated_owner.client.volumes.create("declared-" + isolated_owner.name, labels={OWNER: isolated_owner.name})
    isolated_owner.may_leave("declared-" + isolated_owner.name)

    assert isolated_owner.volumes() == ["declared-" + isolated_owner.name, isolated_owner.volume]
    assert isolated_owner.leftovers() == []


def test_the_environment_names_the_engine_and_the_owner(
    engine_environment: dict[str, str], isolated_owner: Owner, docker_host: str
) -> None:
    assert engine_environment["DOCKER_HOST"] == docker_host
    assert engine_environment["LOGNAME"] == isolated_owner.name
