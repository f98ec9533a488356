"""Spark for kernels of this machine: looked for at each start, by the user's Python; made once what has to be made."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_workbench.config.models import LocalCompute, RunConfiguration
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.environments import spark_builder, spark_failures
from jupyter_workbench.environments.spark import read_spark_spec
from jupyter_workbench.environments.spark_plan import local_plan
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets import build_output
from jupyter_workbench.targets.build_output import Failed, Ready
from jupyter_workbench.targets.progress import Progress, Report
from jupyter_workbench.targets.spark import spark_document

PROGRAM = Path(spark_builder.__file__).parent

_known: set[tuple[Path, str]] = set()
"""Which Spark was seen to run on which Python."""

_archives: set[Path] = set()
"""Archives that kernels were told of: processes of their own may still make them."""

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class LocalSpark:
    """One preparation; ``environment`` is that of the kernel."""

    project: Project
    entry: Entry
    python: Path
    environment: Mapping[str, str]
    report: Report
    build: bool = True
    upgrade: bool = False

    async def prepare(self) -> dict[str, object]:
        """Return what the kernel is told of its Spark. Raises `TargetError` and `ConfigurationError`."""
        compute, configuration = self._models()
        spec = await asyncio.to_thread(read_spark_spec, self.project.directory, configuration)
        folder = cache_folder(self.environment)
        plan = {
            **local_plan(spec, compute, self.project.directory),
            "python": str(self.python),
            "uv": await asyncio.to_thread(_uv),
            "folder": str(folder),
            "known": [home for python, home in _known if python == self.python],
            "build": self.build,
            "upgrade": self.upgrade,
        }
        outcome = await self._outcome(plan)
        if isinstance(outcome, Failed):
            raise TargetError(f"Spark cannot be prepared: {self._explained(spec, outcome)}")
        if archive := outcome.facts["archive"]:
            _archives.add(folder / archive)
        _known.add((self.python, str(folder / outcome.facts["home"])))
        return spark_document(spec, outcome.facts, folder, f"{self.project.name} {self.entry.name}")

    def _models(self) -> tuple[LocalCompute, RunConfiguration]:
        if not isinstance(self.entry.compute, LocalCompute) or self.entry.configuration is None:
            raise TypeError(f"{self.entry.file} is not a run configuration of a local compute target")
        return self.entry.compute, self.entry.configuration

    def _explained(self, spec: Any, failed: Failed) -> str:
        if failed.kind.startswith(spark_failures.PREFIX):
            return spark_failures.explain(spec, failed.kind, failed.words, spark_failures.ON_THIS_MACHINE)
        return failed.words

    async def _outcome(self, plan: Mapping[str, Any]) -> Ready | Failed:
        """Run the program, which tells the outcome and ends."""
        with tempfile.TemporaryDirectory(prefix="jupyter-workbench-spark-") as work:
            file = Path(work) / "plan.json"
            file.touch(0o600)
            file.write_text(json.dumps(plan), "utf-8")
            process = await asyncio.create_subprocess_exec(
                *(str(self.python), str(PROGRAM), str(file)),
                env=dict(self.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
            try:
                outcome = await self._followed(process)
                await process.communicate()
            except BaseException:
                await _ended(process)
                raise
            return outcome

    async def _followed(self, process: asyncio.subprocess.Process) -> Ready | Failed:
        async for said in _said(process):
            if not isinstance(said, Progress):
                return said
            self.report(said)
        raise await _no_outcome(process)


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return where what can be made again is kept: Sparks, jars and archives for local kernels."""
    if named := environment.get("XDG_CACHE_HOME"):
        return Path(named) / "jupyter-workbench" / "spark"
    home = Path(environment.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - pathlib's raises without a home
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "jupyter-workbench" / "spark"


async def archived() -> None:
    """Return when no archive is being made any more that a kernel of this process was told of."""
    while any(_is_locked(archive.with_suffix(".lock")) for archive in _archives):  # noqa: ASYNC110 - of another process
        await asyncio.sleep(POLL_SECONDS)


def _is_locked(file: Path) -> bool:
    import fcntl

    try:
        with file.open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _uv() -> str:
    import uv

    return uv.find_uv_bin()


async def _said(process: asyncio.subprocess.Process) -> AsyncIterator[Progress | Ready | Failed]:
    assert process.stdout is not None
    async for line in process.stdout:
        if (said := build_output.read(line.decode("utf-8", "replace"))) is not None:
            yield said


async def _no_outcome(process: asyncio.subprocess.Process) -> TargetError:
    assert process.stderr is not None
    said = (await process.stderr.read()).decode("utf-8", "replace").strip()
    return TargetError(f"Spark cannot be prepared: its program ended without a result.\n{said}".strip())


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Let the program end what it has begun, and wait for it."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await process.wait()
