"""What is told of a tracking URI, and what never is."""

from __future__ import annotations

import pytest

from jupyter_workbench.errors import MirrorError
from jupyter_workbench.history.mirror.addresses import Address


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("http://localhost:5000", "http://localhost:5000"),
        ("http://localhost:5000/", "http://localhost:5000"),
        (" https://ada:secret@box/mlflow?token=1#x ", "https://box/mlflow"),
        ("https://token@box", "https://box"),
        ("azureml://westeurope.api.azureml.ms/mlflow", "azureml://westeurope.api.azureml.ms/mlflow"),
        ("postgresql://ada:secret@box/runs", "postgresql://box/runs"),
    ],
)
def test_the_name_of_a_server_has_no_credentials(uri, name):
    assert Address.of(uri).name == name


def test_two_spellings_of_the_credentials_are_one_server():
    assert Address.of("http://ada:one@box").key == Address.of("http://box/").key


def test_an_address_without_a_host_is_refused():
    with pytest.raises(MirrorError) as raised:
        Address.of("http://:5000")
    assert str(raised.value) == (
        "--tracking-uri: expected http://HOST:PORT or another URI that MLflow knows, got no host"
    )


@pytest.mark.parametrize(
    "uri",
    [
        "http://ada:se/cret@box",
        "http://ada:1/cret@box",
        "http://ada:se#cret@box",
        "http://ada:1?cret@box",
        "http://[::1",
    ],
)
def test_half_of_a_password_does_not_pass_for_a_host(uri):
    with pytest.raises(MirrorError) as raised:
        Address.of(uri)
    assert str(raised.value) == (
        "--tracking-uri: expected http://HOST:PORT or another URI that MLflow knows, got one that cannot be read - "
        "signs such as / # @ in a name or password are written %2F %23 %40"
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("request to http://ada:s%20t@box/api failed", "request to http://box/api failed"),
        ("redirected to https://bob:other@far/x?sig=abc", "redirected to https://far/x"),
        ("wrong password 's t'", "wrong password '[masked]'"),
    ],
)
def test_what_mlflow_says_is_told_without_them(said, told):
    assert Address.of("http://ada:s%20t@box").without_secrets(said) == told
