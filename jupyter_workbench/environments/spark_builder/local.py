"""Spark for kernels of this machine: found where the user has one, else installed into a folder of ours.

The plan has, beside what `Spark` is told: ``spark_submit`` (of the compute target, or null), ``python`` (the
interpreter of the kernel, which runs this), ``uv``, ``folder`` (where ours may keep things), ``known`` (the homes
of Sparks that were seen to run on this Python), ``build`` and ``upgrade``.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from . import Spark, brought_java
from .archive import can_have_archive
from .homes import Home, find_home, is_home, read_home
from .java import Java
from .places import is_taken, take_place
from .refusal import Refused

NOT_PREPARED = "spark-not-prepared"

MOST_ARCHIVES = 4
"""Each takes some 200 MB."""


class LocalSpark(Spark):
    """Spark for the Python that runs this."""

    may_make = False
    has_looked = False

    def find(self) -> dict[str, Any] | None:
        """Return what a kernel needs to know when all is there; None when something has to be made. Raises Refused."""
        try:
            return self._look_or_make()
        except Refused as refused:
            if refused.kind != NOT_PREPARED or not self.plan["build"]:
                raise
            return None

    def prepare(self) -> dict[str, Any]:
        """Return what a kernel needs to know, having made what is not there; one at a time. Raises Refused."""
        self.may_make = True
        return self._look_or_make()

    def _look_or_make(self) -> dict[str, Any]:
        self.own = self._named() or self._of_python() or find_home(None, os.environ) or self._on_path()
        self.find_java()
        if self.brings_java:
            self._bring_java()
        self.own = self.own or self._installed_by_us()
        return self.facts(Path(self.plan["python"]), self.folder, self.folder)

    @property
    def folder(self) -> Path:
        """Where ours may keep things."""
        return Path(self.plan["folder"])

    @property
    def variables(self) -> dict[str, str]:
        """What programs that use Spark are run with: all that the kernel has."""
        return dict(os.environ)

    @property
    def is_known(self) -> bool:
        """Whether there is nothing to be shown."""
        return self.own is not None and str(self.own.path) in self.plan["known"]

    def jars_folder(self, home: Home, environment: Path) -> Path:
        """Return where the packages are for a Spark, or will be."""
        asked = [self.plan[name] for name in ("packages", "repositories", "excludes")]
        name = hashlib.sha256(json.dumps([asked, home.version, home.scala]).encode()).hexdigest()[:12]
        return environment / "jars" / name

    def has_jars(self, folder: Path) -> bool:
        """Tell that the packages need not be fetched."""
        return super().has_jars(folder) and not self.plan["upgrade"]

    def fetch(self, home: Home, folder: Path) -> None:
        """Fetch the packages when they can be had; what was there stays until they are. Raises Refused."""
        self._begin_to_make()
        super().fetch(home, folder)

    def _begin_to_make(self) -> None:
        """Show that something may be made, and that it will not be in vain. Raises Refused."""
        if not self.may_make:
            raise Refused("not-prepared")
        if self.coordinates and not self.has_looked:
            self.look_for_packages()
            self.has_looked = True

    def archive(self, environment: Path) -> Path:
        """Return where the archive of a Spark is, or will be."""
        assert self.java is not None
        assert self.home is not None
        core = next(self.home.path.glob("jars/spark-core_*.jar")).stat()
        facts = [str(self.home.path), self.home.version, str(self.java.home), self.java.version, core.st_mtime_ns]
        return environment / "archives" / (hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12] + ".jsa")

    def make_archive(self, python: Path, environment: Path) -> bool:
        """Make the archive, and let the oldest ones go: a Spark that has moved leaves one behind.

        That it cannot be made is remembered until an upgrade; that SIGTERM came is not.
        """
        made = super().make_archive(python, environment)
        if not made:
            self._failed_archive.touch()
        forget_old(self.archive(environment).parent)
        return made

    def begin_archive(self) -> int | None:
        """Take the lock of the archive if it has to be made, and nobody does; the process that has it makes it."""
        if self.plan["build"] and self.plan["upgrade"]:
            with contextlib.suppress(FileNotFoundError):
                self._failed_archive.unlink()
        file = self.archive(self.folder)
        if not self._wants_archive(file):
            return None
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if is_taken(lock) and self._wants_archive(file):  # another one may have ended meanwhile
            return lock
        os.close(lock)
        return None

    def _wants_archive(self, file: Path) -> bool:
        is_settled = file.exists() or self._failed_archive.exists()
        return self.plan["build"] and not is_settled and can_have_archive(self.java)

    @property
    def _failed_archive(self) -> Path:
        """The file that says of an archive that it cannot be made."""
        return self.archive(self.folder).with_suffix(".failed")

    def _named(self) -> Home | None:
        """Return what the user's files name: SPARK_HOME of the run configuration, or `sparkSubmitLocation`."""
        if self.plan.get("spark_home"):
            return find_home(self.plan["spark_home"], {})
        written = self.plan.get("spark_submit")
        if not written:
            return None
        program = shutil.which(written)
        home = home_of(Path(program)) if program else None
        if home is None:
            raise Refused("no-home", named=written)
        return home

    def _of_python(self) -> Home | None:
        """Return the pyspark that this Python imports, unless it is a client without Spark."""
        found = importlib.util.find_spec("pyspark")
        folder = Path(found.origin).parent if found and found.origin else None
        return read_home(folder)._replace(python_path=()) if folder and is_home(folder) else None

    def _on_path(self) -> Home | None:
        program = shutil.which("spark-submit")
        return home_of(Path(program)) if program else None

    def _installed_by_us(self) -> Home:
        """Return a pyspark of ours for this Python and Java, installed when it is not there."""
        wanted = self.wanted_pyspark
        version = "{}.{}".format(*sys.version_info)
        name = hashlib.sha256(json.dumps([wanted, version]).encode()).hexdigest()[:12]
        packages = self.folder / "pyspark" / name
        if self.plan["upgrade"] or not is_home(packages / "pyspark"):
            self._begin_to_make()
            self.say("Installing pyspark, which this Python lacks")
            self._install(wanted, packages)
        return read_home(packages / "pyspark")._replace(python_path=(packages,))

    def _bring_java(self) -> None:
        """Install a Java of ours, unless it is there. Raises Refused."""
        packages = self.folder / "java"
        if not packages.is_dir():
            self._begin_to_make()
            self.say("Installing Java, which this machine lacks")
            self._install([brought_java.REQUIREMENT], packages)
        self.java = brought_java.java_in(packages, self.run, self.variables)

    def placed(self, home: Home, java: Java, _: Path) -> tuple[Home, Java]:
        """Return both as they are: nothing of ours moves."""
        return home, java

    def _install(self, wanted: list[str], packages: Path) -> None:
        """Install into a folder that takes its place at once; a kernel may use the old one. Raises Refused."""
        new = packages.with_name(f"{packages.name}.{os.getpid()}")
        shutil.rmtree(new, ignore_errors=True)
        command = [self.plan["uv"], "pip", "install", "--target", str(new), "--python", self.plan["python"], *wanted]
        options = ["--upgrade"] if self.plan["upgrade"] else []
        try:
            code, words, _ = self.run([*command, *options, "--no-config", "--color", "never"], dict(os.environ))
            if code:
                raise Refused("uv", words=words)
            leave_distutils(new)
            take_place(new, packages)
        finally:
            shutil.rmtree(new, ignore_errors=True)


def forget_old(archives: Path) -> None:
    """Remove all archives but the newest; who uses one has it open."""
    for old in sorted(archives.glob("*.jsa"), key=lambda file: file.stat().st_mtime)[:-MOST_ARCHIVES]:
        old.unlink()


def leave_distutils(packages: Path) -> None:
    """Make of setuptools the `distutils` that pyspark 3 imports: in a folder that is no environment it does not itself.

    The rest of it would come before the user's own.
    """
    if not (packages / "setuptools" / "_distutils").is_dir():
        return
    (packages / "setuptools" / "_distutils").rename(packages / "distutils")
    for pattern in ("setuptools*", "pkg_resources", "_distutils_hack"):
        for folder in packages.glob(pattern):
            shutil.rmtree(folder)


def home_of(program: Path) -> Home | None:
    """Return the Spark that a `spark-submit` belongs to: a SPARK_HOME, or the pyspark beside it in an environment."""
    above = Path(os.path.realpath(program)).parent.parent
    candidates = [above, *program.parent.parent.glob("lib/python3*/site-packages/pyspark")]
    return next((read_home(path) for path in candidates if is_home(path)), None)
