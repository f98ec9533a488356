"""One entry of conda's list -> the requirement of PyPI that means the same, or why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jupyter_workbench.config.requirements import Requirement, requirement
from jupyter_workbench.environments.conda_only import STANDARD_LIBRARY, is_library, only_conda
from jupyter_workbench.environments.conda_versions import NotTranslated, specifiers, without_build
from jupyter_workbench.environments.limits import OLDEST_IPYKERNEL, OLDEST_PIP, dotted
from jupyter_workbench.environments.names import PYPI_NAMES

_KEYS = re.compile(r"^(?P<name>[^\[\]]+)\[(?P<keys>[^\[\]]*=[^\[\]]*)\]$")
_VERSION_KEY = re.compile(r"version\s*=\s*['\"]?(?P<version>[^'\"\]]*)")
_UPGRADE = "`workbench project upgrade` proposes a change of the whole file"


@dataclass(frozen=True)
class Package:
    """A line for uv; ``note`` says what of the entry was not taken over, as in "`scikit-learn` is installed"."""

    text: str
    note: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """An entry that asks for nothing: ``why`` goes on from "`os` is left out: "."""

    why: str


def asked_by(text: str) -> Requirement | None:
    """Read ``channel::name=version=build`` and ``name[version='>=1.2']``; None for what is no package."""
    keys = _KEYS.match(text.strip())
    if keys:
        version = _VERSION_KEY.search(keys["keys"])
        text = f"{keys['name']} {version['version'] if version else ''}"
    return requirement(text.strip().lstrip("_"))  # `_libgcc_mutex` is a name of conda's own


def translate(asked: Requirement) -> Package | LeftOut:
    """Say what uv installs for a package of conda's list (not for ``python``). Raises `NotTranslated`."""
    if asked.name not in PYPI_NAMES:
        return _without_pypi_name(asked)
    name = PYPI_NAMES[asked.name]
    if asked.name == "pip" and not asked.admits(OLDEST_PIP):
        return Package(
            "pip", f"pip before {dotted(OLDEST_PIP)} cannot install the wheels of today, so it is taken newer"
        )
    refuse_old_ipykernel(asked)
    versions = specifiers(asked.versions)
    note = "sklearn is what one imports, scikit-learn is the package" if asked.name == "sklearn" else None
    if build := without_build(asked.versions)[1]:
        note = f"PyPI knows no builds such as `{build}`, so any build of that version is taken"
    if asked.name == "sklearn" and versions == ("==0.0.*",):
        versions = ()  # the version of a stand-in
    return Package(name + ",".join(versions), note)


def refuse_old_ipykernel(asked: Requirement) -> None:
    """Refuse ``ipykernel=4.6.1``, in whichever list it stands. Raises `NotTranslated`."""
    if asked.name != "ipykernel" or asked.admits(OLDEST_IPYKERNEL):
        return
    oldest = dotted(OLDEST_IPYKERNEL)
    raise NotTranslated(
        f"ipykernel {oldest} or newer, which kernels need",
        f"write `ipykernel`, or remove the line, as it is always installed; {_UPGRADE}",
    )


def _without_pypi_name(asked: Requirement) -> LeftOut:
    if is_library(asked.name):
        return LeftOut("wheels bring the libraries that they need")
    known = only_conda(asked.name)
    if known:
        raise NotTranslated("a package that PyPI has", f"{known.why}: {known.advice}; {_UPGRADE}")
    if asked.name in STANDARD_LIBRARY:
        return LeftOut("it is part of Python itself")
    raise NotTranslated("a package whose name on PyPI is known", _below_pip(asked))


def _below_pip(asked: Requirement) -> str:
    """Write the line that stands for an unknown name: a package of that name on PyPI may be a stranger's."""
    name = re.sub(r"^.*::", "", asked.written)
    try:
        line = name + ",".join(specifiers(asked.versions))
    except NotTranslated:
        line = name
    return f"move it below `- pip:` as `- {line}` if PyPI's package of that name is meant"
