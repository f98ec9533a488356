"""How far a pull is, and why an image does not come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_workbench.targets.docker.images.pulls import PullProgress, cannot_pull, lines_of, registry_of
from jupyter_workbench.targets.progress import Progress


def said(layer: str, status: str, current: int | None = None, total: int | None = None) -> dict[str, object]:
    detail = {} if current is None else {"current": current, "total": total}
    return {"id": layer, "status": status, "progressDetail": detail}


def last(*messages: dict[str, object]) -> Progress:
    progress = PullProgress("debian:12")
    return [progress.update(message) for message in messages][-1]


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        ({"status": "Pulling from library/debian", "id": "12"}, ("12: Pulling from library/debian",)),
        (said("a", "Pull complete"), ("a: Pull complete",)),
        ({"status": "Digest: sha256:0123"}, ("Digest: sha256:0123",)),
        (said("a", "Extracting", 5, 10), ()),
        ({"error": "manifest unknown"}, ()),
    ],
)
def test_a_log_has_what_happens_to_a_layer_but_not_each_byte(message, lines):
    assert lines_of(message) == lines


def test_the_total_is_not_known_before_each_layer_told_its_size():
    fs_layers = said("a", "Pulling fs layer"), said("b", "Pulling fs layer")
    assert last(*fs_layers, said("a", "Downloading", 5, 10)) == Progress("image", "Pulling debian:12", 5, None, "bytes")


def test_all_layers_are_one_total():
    fs_layers = said("a", "Pulling fs layer"), said("b", "Pulling fs layer")
    downloads = said("a", "Downloading", 5, 10), said("b", "Downloading", 20, 100)
    assert last(*fs_layers, *downloads) == Progress("image", "Pulling debian:12", 25, 110, "bytes")


def test_layers_that_are_there_already_count_nothing():
    messages = said("a", "Already exists"), said("b", "Pulling fs layer"), said("b", "Downloading", 20, 100)
    assert last(*messages) == Progress("image", "Pulling debian:12", 20, 100, "bytes")


def test_a_small_layer_that_never_told_its_size_keeps_no_total_away():
    fs_layers = said("a", "Pulling fs layer"), said("b", "Pulling fs layer")
    messages = said("a", "Download complete"), said("b", "Downloading", 20, 100)
    assert last(*fs_layers, *messages) == Progress("image", "Pulling debian:12", 20, 100, "bytes")


def test_a_download_that_begins_again_does_not_go_backwards():
    messages = said("a", "Downloading", 60, 100), said("a", "Downloading", 1, 100)
    assert last(*messages) == Progress("image", "Pulling debian:12", 60, 100, "bytes")


def test_what_is_downloaded_is_unpacked():
    messages = said("a", "Downloading", 60, 100), said("a", "Download complete"), said("a", "Extracting", 10, 100)
    assert last(*messages) == Progress("image", "Unpacking debian:12", 100, 100, "bytes")


def test_messages_about_no_layer_change_nothing():
    digest = {"status": "Digest: sha256:0c3f"}
    assert last(said("a", "Downloading", 60, 100), digest) == Progress("image", "Pulling debian:12", 60, 100, "bytes")


STATUSES = ["Pulling fs layer", "Waiting", "Downloading", "Verifying Checksum", "Download complete", "Extracting"]
MESSAGES = st.builds(
    said, st.sampled_from("abc"), st.sampled_from([*STATUSES, "Pull complete"]), st.integers(0, 99), st.just(100)
)


@given(st.lists(MESSAGES))
def test_whatever_an_engine_says_the_bytes_never_go_backwards(messages):
    progress = PullProgress("debian:12")
    steps = [progress.update(message) for message in messages]
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert all(step.done <= step.total for step in steps if step.total is not None)


@pytest.mark.parametrize(
    ("name", "registry"),
    [
        ("debian", "Docker Hub"),
        ("microsoft/mmlspark:0.12", "Docker Hub"),
        ("ghcr.io/a/b", "ghcr.io"),
        ("localhost/base", "localhost"),
        ("registry:5000/base:1", "registry:5000"),
    ],
)
def test_an_image_comes_from_the_registry_in_its_name(name, registry):
    assert registry_of(name) == registry


OFFLINE = 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host'
TIMEOUT = "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)"
DENIED = "pull access denied for x, repository does not exist or may require 'docker login': denied"
MISSING = "manifest for debian:13.99 not found: manifest unknown: manifest unknown"
X509 = "x509: certificate signed by unknown authority"
PLAIN = 'Get "https://registry:5000/v2/": http: server gave HTTP response to HTTPS client'
PLATFORM = "no matching manifest for linux/arm64/v8 in the manifest list entries"
FULL = "write /var/lib/docker/tmp/GetImageBlob1: no space left on device"
BRING_IT = "check the engine's network and proxy, or bring the image along with `docker save` and `docker load`"


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("debian:12", OFFLINE, f"or from Docker Hub, got no answer from there ({OFFLINE}) - {BRING_IT}"),
        ("debian:12", TIMEOUT, f"or from Docker Hub, got no answer from there ({TIMEOUT}) - {BRING_IT}"),
        (
            "debian:13.99",
            MISSING,
            f"or from Docker Hub, got no such image ({MISSING}) - "
            f"correct the name, or build it with `docker build -t debian:13.99 FOLDER`",
        ),
        (
            "x",
            DENIED,
            f"or from Docker Hub, got no access to it ({DENIED}) - "
            f"check the name, and run `docker login` if the image is private",
        ),
        (
            "registry:5000/x",
            "no basic auth credentials",
            "or from registry:5000, got no access to it (no basic auth credentials) - "
            "check the name, and run `docker login registry:5000` if the image is private",
        ),
        (
            "registry:5000/x",
            X509,
            f"or from registry:5000, got a certificate that the engine does not trust ({X509}) - "
            f"add it to /etc/docker/certs.d/registry:5000/ca.crt on the engine's machine",
        ),
        (
            "registry:5000/x",
            PLAIN,
            f"or from registry:5000, got a registry without encryption ({PLAIN}) - "
            f"list it under insecure-registries in /etc/docker/daemon.json on the engine's machine",
        ),
        (
            "debian:12",
            PLATFORM,
            f"or from Docker Hub, got none for the engine's machine ({PLATFORM}) - choose an image that has one",
        ),
        (
            "debian:12",
            FULL,
            f"or from Docker Hub, got a full disk ({FULL}) - "
            f"free some of the engine's disk, with `docker image prune` for instance",
        ),
        (
            "debian:12",
            "toomanyrequests: You have reached your pull rate limit\n",
            "or from Docker Hub, got an error (toomanyrequests: You have reached your pull rate limit) - "
            "try it with `docker pull debian:12`",
        ),
    ],
)
def test_why_an_image_does_not_come(name, words, message):
    assert str(cannot_pull(name, words)) == f"expected the Docker image {name} on the engine {message}"
