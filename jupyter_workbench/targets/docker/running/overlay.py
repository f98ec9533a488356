"""A virtual environment of one kernel's own on top of the shared one: `%pip install` changes nobody else's.

Its packages come before those of the environment below, which pip sees as installed and cannot change.
Source of the format: https://docs.python.org/3/library/venv.html and the module `site`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from jupyter_workbench.targets.docker.building.environments import Built

FOLDER = "venv"

_PIP = """\
#!{python}
import sys
from pip._internal.cli.main import main
sys.exit(main())
"""


def overlay_files(built: Built, kernel_folder: PurePosixPath) -> Mapping[str, str]:
    """Return the files of the overlay by their path below the kernel's folder."""
    minor = ".".join(built.python.split(".")[:2])
    pip = _PIP.format(python=overlay_python(kernel_folder))
    below = f"import site; site.addsitedir({str(built.site_packages)!r})\n"
    settings = f"home = {built.home}\ninclude-system-site-packages = false\nversion = {built.python}\n"
    return {
        f"{FOLDER}/pyvenv.cfg": settings,
        f"{FOLDER}/lib/python{minor}/site-packages/_environment.pth": below,
        f"{FOLDER}/bin/pip": pip,
        f"{FOLDER}/bin/pip3": pip,
    }


def overlay_links(built: Built) -> Mapping[str, str]:
    """Return the links of the overlay by their path below the kernel's folder, each with where it leads."""
    target = str(built.prefix / "bin" / "python")
    return {f"{FOLDER}/bin/python": target, f"{FOLDER}/bin/python3": target}


def overlay_python(kernel_folder: PurePosixPath) -> PurePosixPath:
    """Return the interpreter that a kernel runs in."""
    return kernel_folder / FOLDER / "bin" / "python"
