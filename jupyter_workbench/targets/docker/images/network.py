"""How containers get through a company's network: its proxies, package indexes and certificates, as this machine has.

Nothing else of the server's environment ever gets into a container.
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CA_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO")
"""Variables that name a file of certificates: Python and uv, requests, pip, curl, git."""

SETTINGS = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PIP_PROXY",
    "PIP_DEFAULT_TIMEOUT",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_INDEX_STRATEGY",
    "UV_INSECURE_HOST",
    "UV_HTTP_TIMEOUT",
    "UV_PYTHON_INSTALL_MIRROR",
)
_INDEX_CREDENTIALS = re.compile(r"UV_INDEX_\w+_(USERNAME|PASSWORD)")

MACHINES_PIP = Path("/etc/pip.conf")

_FROM_PIP = {
    "PIP_INDEX_URL": ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "PIP_EXTRA_INDEX_URL": ("UV_EXTRA_INDEX_URL", "UV_INDEX"),
    "PIP_PROXY": ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"),
    "PIP_TRUSTED_HOST": ("UV_INSECURE_HOST",),
    "PIP_DEFAULT_TIMEOUT": ("UV_HTTP_TIMEOUT",),
}
"""What uv, which knows no setting of pip's, reads instead; the first is set unless one of them is."""


@dataclass(frozen=True)
class CompanyNetwork:
    """Variables for containers, and the file of certificates that belongs to them, which is on this machine."""

    variables: Mapping[str, str]
    ca_bundle: Path | None

    def in_container(self, ca_path: str) -> dict[str, str]:
        """Return the variables for a container that finds the certificates at ``ca_path``."""
        certificates = dict.fromkeys(CA_BUNDLES, ca_path) if self.ca_bundle else {}
        return {**self.variables, **certificates}


def company_network(environment: Mapping[str, str]) -> CompanyNetwork:
    """Return what ``environment`` and the configuration files of pip say about the network."""
    from_files = _pip_files(environment)
    known = {**from_files, **environment}
    wanted = [name for proxy in PROXIES for name in (proxy, proxy.lower())] + list(SETTINGS)
    wanted += filter(_INDEX_CREDENTIALS.fullmatch, environment)
    variables = {name: value for name in wanted if (value := _reachable(known.get(name, "")))}
    for of_pip, of_uv in _FROM_PIP.items():
        if of_pip in variables and not any(name in variables for name in of_uv):
            variables[of_uv[0]] = variables[of_pip]
    files = (Path(known[name]) for name in CA_BUNDLES if known.get(name))
    return CompanyNetwork(variables, next((file for file in files if file.is_file()), None))


def _reachable(value: str) -> str:
    """Leave out the words that name files: a container does not have them."""
    return " ".join(word for word in value.split() if not word.startswith(("file:", "/")))


def _pip_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what pip's files say of these settings, by the names of their variables.

    https://pip.pypa.io/en/stable/topics/configuration/: the later of these files wins.
    """
    found: dict[str, str] = {}
    for file in _pip_places(environment):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read(file, "utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # pip itself says what is wrong with it, and works without us
        for section in ("global", "install"):
            options = parser.items(section) if parser.has_section(section) else ()
            found |= {f"PIP_{name.replace('-', '_').upper()}": value for name, value in options}
    return {name: value for name, value in found.items() if name in {*SETTINGS, *CA_BUNDLES}}


def _pip_places(environment: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environment.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - pathlib's raises without a home
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    for folder in reversed((environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)):
        yield Path(folder) / "pip" / "pip.conf"
    yield MACHINES_PIP
    yield home / ".pip" / "pip.conf"
    yield Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
    if prefix := environment.get("VIRTUAL_ENV"):
        yield Path(prefix) / "pip.conf"
    if named:
        yield Path(named)
