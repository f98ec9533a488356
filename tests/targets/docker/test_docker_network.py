"""What containers get of this machine's network: proxies, package indexes and certificates, and nothing else."""

from __future__ import annotations

import pytest

from jupyter_workbench.targets.docker.images.network import company_network

CA = "/jupyter-workbench-ca.pem"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return an environment with a home of its own, on a machine whose pip has no configuration."""
    monkeypatch.setattr("jupyter_workbench.targets.docker.images.network.MACHINES_PIP", tmp_path / "etc" / "pip.conf")
    return {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "xdg")}


def write_pip(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pip.conf").write_text(text)


def test_nothing_of_the_environment_but_the_network_gets_in(home):
    secrets = {"AWS_SECRET_ACCESS_KEY": "s", "PATH": "/bin", "UV_PUBLISH_TOKEN": "s", "PIP_PROXYX": "s"}
    assert company_network(home | secrets).variables == {}


def test_a_proxy_gets_in_as_each_program_spells_it(home):
    proxies = {"HTTPS_PROXY": "http://proxy:3128", "http_proxy": "http://proxy:3128", "no_proxy": "localhost,.corp"}
    assert company_network(home | proxies).variables == proxies


def test_the_indexes_of_pip_are_those_of_uv_too(home):
    pip = {"PIP_INDEX_URL": "https://pypi.corp/simple", "PIP_EXTRA_INDEX_URL": "https://a/x https://b/x"}
    assert company_network(home | pip).variables == pip | {
        "UV_DEFAULT_INDEX": "https://pypi.corp/simple",
        "UV_EXTRA_INDEX_URL": "https://a/x https://b/x",
    }


def test_the_proxy_of_pip_is_that_of_uv_too(home):
    variables = company_network(home | {"PIP_PROXY": "http://proxy:3128"}).variables
    assert variables == {"PIP_PROXY": "http://proxy:3128", "HTTPS_PROXY": "http://proxy:3128"}


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_an_index_of_uv_goes_before_that_of_pip(home, name):
    both = {"PIP_INDEX_URL": "https://pip.corp/simple", name: "https://uv.corp/simple"}
    assert company_network(home | both).variables == both


def test_credentials_of_named_indexes_come_with_them(home):
    settings = {"UV_INDEX": "corp=https://corp/simple", "UV_INDEX_CORP_PASSWORD": "s", "UV_INDEX_CORP_USERNAME": "u"}
    assert company_network(home | settings).variables == settings


def test_folders_of_this_machine_are_no_index_for_a_container(home):
    variables = {
        "PIP_EXTRA_INDEX_URL": "file:///opt/simple https://corp/simple /opt/more",
        "PIP_INDEX_URL": "file:///a",
    }
    assert company_network(home | variables).variables == {
        "PIP_EXTRA_INDEX_URL": "https://corp/simple",
        "UV_EXTRA_INDEX_URL": "https://corp/simple",
    }


def test_what_pips_own_files_say_counts_and_the_nearest_wins(home, tmp_path):
    write_pip(tmp_path / "etc", "[global]\nindex-url = https://machine/simple\ntrusted-host = machine\n")
    write_pip(tmp_path / ".config" / "pip", "[global]\nindex_url = https://user/simple\ncache-dir = /x\n")
    assert company_network(home).variables == {
        "PIP_INDEX_URL": "https://user/simple",
        "PIP_TRUSTED_HOST": "machine",
        "UV_DEFAULT_INDEX": "https://user/simple",
        "UV_INSECURE_HOST": "machine",
    }


def test_a_variable_goes_before_pips_files(home, tmp_path):
    write_pip(tmp_path / ".config" / "pip", "[install]\nindex-url = https://user/simple\n")
    variables = company_network(home | {"PIP_INDEX_URL": "https://mine/simple"}).variables
    assert variables["UV_DEFAULT_INDEX"] == "https://mine/simple"


def test_several_indexes_on_lines_of_their_own_are_words_of_a_variable(home, tmp_path):
    write_pip(tmp_path / ".config" / "pip", "[global]\nextra-index-url =\n    https://a/simple\n    https://b/simple\n")
    assert company_network(home).variables["UV_EXTRA_INDEX_URL"] == "https://a/simple https://b/simple"


def test_a_broken_file_of_pips_is_passed_over(home, tmp_path):
    write_pip(tmp_path / ".config" / "pip", "index-url = https://user/simple\n")
    assert company_network(home).variables == {}


def test_pips_files_do_not_count_when_pip_is_told_to_read_none(home, tmp_path):
    write_pip(tmp_path / ".config" / "pip", "[global]\nindex-url = https://user/simple\n")
    assert company_network(home | {"PIP_CONFIG_FILE": "/dev/null"}).variables == {}


def test_without_certificates_no_variable_names_any(home):
    network = company_network(home | {"SSL_CERT_FILE": "/nowhere.pem"})
    assert (network.ca_bundle, network.in_container(CA)) == (None, {})


def test_the_first_file_of_certificates_that_exists_is_taken(home, tmp_path):
    bundle = tmp_path / "corp.pem"
    bundle.touch()
    network = company_network(
        home | {"SSL_CERT_FILE": "/nowhere.pem", "PIP_CERT": str(bundle), "http_proxy": "http://p"}
    )
    assert network.ca_bundle == bundle
    assert network.in_container(CA) == {
        "http_proxy": "http://p",
        "SSL_CERT_FILE": CA,
        "REQUESTS_CA_BUNDLE": CA,
        "PIP_CERT": CA,
        "CURL_CA_BUNDLE": CA,
        "GIT_SSL_CAINFO": CA,
    }


def test_the_certificates_of_pips_files_count(home, tmp_path):
    bundle = tmp_path / "corp.pem"
    bundle.touch()
    write_pip(tmp_path / ".config" / "pip", f"[global]\ncert = {bundle}\n")
    assert company_network(home).ca_bundle == bundle
