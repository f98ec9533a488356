"""Removal of a container, for whoever made it or found it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import docker


def is_gone_or_going(error: docker.errors.APIError) -> bool:
    """Tell whether an engine says of a container that it is not there, or that somebody removes it just now."""
    return error.status_code in (404, 409)


def remove_container(client: docker.DockerClient, container: str) -> None:
    """Remove a container, killed if it runs, with its volumes that have no name.

    One that is gone, or that somebody else removes just now, is no error.
    """
    import docker.errors

    with contextlib.suppress(docker.errors.NotFound):
        try:
            client.api.remove_container(container, force=True, v=True)
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
