"""Runs the builder as a container would: a program of its own, with a plan, that prints lines of JSON."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uv

from jupyter_workbench.environments import builder

BUILDER = Path(builder.__file__)


@dataclass
class Outcome:
    """What a builder printed, and how it ended."""

    code: int
    lines: list[dict[str, Any]]

    @property
    def ready(self) -> dict[str, Any]:
        assert self.code == 0, self.lines
        return next(line["ready"] for line in self.lines if "ready" in line)

    @property
    def error(self) -> dict[str, str]:
        assert self.code == 1, self.lines
        return self.lines[-1]["error"]

    @property
    def messages(self) -> list[str]:
        return [line["message"] for line in self.lines if "message" in line and "said" not in line]

    @property
    def said(self) -> list[str]:
        """What programs said."""
        return [line["said"] for line in self.lines if "said" in line]


@dataclass
class Volume:
    """A folder that stands for the volume on an engine."""

    folder: Path
    index: str
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self, name: str) -> Path:
        return self.folder / "environments" / name

    @property
    def names(self) -> set[str]:
        """What is in the folder of environments."""
        return {path.name for path in (self.folder / "environments").iterdir()}

    @property
    def leavings(self) -> list[Path]:
        """What an interrupted uv has left in its cache."""
        return list((self.folder / "cache").rglob(".tmp*"))

    def build(self, name: str, *requirements: str, **plan: Any) -> Outcome:
        with self.building(name, *requirements, **plan) as running:
            out, errors = running.communicate()
        assert errors == ""
        return Outcome(running.returncode, [json.loads(line) for line in out.splitlines()])

    @contextmanager
    def building(self, name: str, *requirements: str, **plan: Any) -> Iterator[subprocess.Popen[str]]:
        """Start a builder; it is killed when the test leaves it running."""
        path = self.folder / f"plan-{name}.json"
        self.folder.mkdir(exist_ok=True)
        path.write_text(json.dumps({**self._plan(name, requirements), **plan}))
        running = subprocess.Popen(
            [sys.executable, "-I", BUILDER, path],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment(),
        )
        try:
            yield running
        finally:
            running.kill()
            running.communicate()

    def stop_at(self, message: str, name: str, *requirements: str, number: int = signal.SIGTERM) -> int:
        """Send a signal to a builder as soon as it says something; return its exit code."""
        with self.building(name, *requirements) as running:
            for line in running.stdout:
                if message in line:
                    break
            else:
                raise AssertionError(f"the builder never said {message}")
            running.send_signal(number)
            running.communicate()
        return running.returncode

    def _plan(self, name: str, requirements: Sequence[str]) -> dict[str, Any]:
        return {
            "fingerprint": name,
            "image": "debian:bookworm",
            "environment": str(self.environment(name)),
            "cache": str(self.folder / "cache"),
            "pythons": str(self.folder / "pythons"),
            "uv": uv.find_uv_bin(),
            "python": None,
            "requirements": [self.index, *requirements],
            "lock": None,
            "variables": self.variables,
            "packages_to_compile_first": [],
        }

    def _environment(self) -> Mapping[str, str]:
        names = ("PATH", "SSL_CERT_FILE", "HOME", "TMPDIR")
        return {name: os.environ[name] for name in names if name in os.environ}
