"""Spark's part of an environment, done where the environment will be used. Python 3.8 and its standard library only.

`builder` loads this from beside it when its plan has ``spark``; for kernels of this machine `__main__` runs it alone.
The plan: ``adds_pyspark`` (install one unless the place has its own), ``java_home`` and ``spark_home`` (of the run
configuration, or null), ``packages`` (``group:artifact:version``), ``repositories`` (addresses) and ``excludes``.

* `java`: the Java of this place, and which Spark runs on it; `brought_java`: one from PyPI
* `homes`: a Spark that is installed, by its files
* `packages`: fetched by Spark's Ivy, to which a `relay` hands the files of `repositories`
* `archive`: makes Java start faster; made by `training`
* `local`: the same for kernels of this machine
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import brought_java
from .archive import can_have_archive, make_archive
from .homes import Home, find_home, is_home, is_new, read_home, with_modules
from .java import NEEDED_BY_OLD_PYSPARK, OLD_PYSPARK, Java, find_java, pyspark_for, unfit
from .packages import fetch, refuse_other_scala, scala_of
from .refusal import Refused
from .repositories import Repositories

__all__ = ["Refused", "Spark"]

IMPORTING = "import pyspark.sql.functions, pyspark.sql.types"


class Spark:
    """Spark for one environment: `look` before packages are installed, `facts` after.

    ``run`` runs a program with variables and returns its exit code, its words on stderr and its output; ``say`` tells
    how far this is. ``variables`` tell the way through the network.
    """

    def __init__(
        self,
        plan: dict[str, Any],
        run: Callable[[list[str], dict[str, str]], tuple[int, str, str]],
        say: Callable[..., None],
        variables: Mapping[str, str],
    ) -> None:
        self.plan = plan
        self.run = run
        self.say = say
        self.repositories = Repositories(plan["repositories"], variables)
        self.java: Java | None = None
        self.own: Home | None = None
        self.home: Home | None = None
        self.brings_java = False

    def look(self) -> None:
        """Find Java, and a Spark that the place has. Raises Refused."""
        if self.plan["adds_pyspark"]:  # a line that names pyspark is what the user wants
            self.own = find_home(self.plan.get("spark_home"), os.environ)
        self.find_java()
        if self.coordinates:
            self.look_for_packages()

    def look_for_packages(self) -> None:
        """Show that the packages can be had. Raises Refused."""
        self.say("Looking for the packages of Spark")
        self.repositories.look_for(self.coordinates)

    @property
    def needed_java(self) -> Java:
        """The Java that was found, or brought."""
        assert self.java is not None, "it is looked for first"
        return self.java

    @property
    def coordinates(self) -> list[str]:
        """The packages that are asked for."""
        return list(self.plan["packages"])

    @property
    def wanted_pyspark(self) -> list[str]:
        """The requirements of a pyspark for this Java and for the Scala of the packages."""
        wanted = OLD_PYSPARK if self.brings_java else pyspark_for(self.needed_java, self.scalas)
        return [wanted, NEEDED_BY_OLD_PYSPARK] if wanted == OLD_PYSPARK else [wanted]

    @property
    def scalas(self) -> set[str]:
        """The versions of Scala that the packages are for."""
        return {scala for scala in map(scala_of, self.coordinates) if scala}

    def find_java(self) -> None:
        """Find a Java that runs; where there is none, one may be brought. Raises Refused."""
        try:
            self.java = find_java(self.plan.get("java_home"), os.environ, self.run)
        except Refused:
            can_be_brought = brought_java.is_there_one(self.scalas) and not self.plan["needs_newer_java"]
            if self.plan.get("java_home") or not can_be_brought or (self.own and is_new(self.own)):
                raise
            self.brings_java = True

    @property
    def variables(self) -> dict[str, str]:
        """What programs that use Spark are run with: nothing of the place's Python, which is another one."""
        return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    @property
    def is_known(self) -> bool:
        """Whether this Spark was seen to run on this Python."""
        return False

    def requirements(self) -> list[str]:
        """Return what has to be installed beside the user's own packages."""
        lines = [brought_java.REQUIREMENT] if self.brings_java else []
        if self.own is None and self.plan["adds_pyspark"]:
            wanted, *others = self.wanted_pyspark
            lines += [wanted.replace("pyspark", "pyspark[ml]"), *others]  # numpy: `pyspark.ml` cannot do without
        return lines

    def facts(self, python: Path, packages: Path, environment: Path) -> dict[str, Any]:
        """Return what a kernel needs to know, having shown that Spark fits; ``packages`` is where they are installed.

        Paths in the environment are relative to it. Raises Refused.
        """
        home = self.home = self.own or self._installed(packages)
        if self.brings_java and self.java is None:
            self.java = brought_java.java_in(packages, self.run, self.variables)
        if self.java is None or (self.brings_java and is_new(home)):
            raise Refused("no-java", named=None, broken=[])
        if unfit(self.java, home.version):
            raise Refused("java", java=self.java.version, spark=home.version)
        refuse_other_scala(self.coordinates, home)
        if not self.is_known:
            self._try(python, home)
        jars = self._jars(home, environment)
        return {
            "version": home.version,
            "scala": home.scala,
            "home": below(environment, home.path),
            "python_path": [str(path) for path in home.python_path],
            "java_home": below(environment, self.java.home),
            "java": self.java.version,
            "jars": [str(jar.relative_to(environment)) for jar in jars],
            "archive": str(self.archive(environment).relative_to(environment)) if can_have_archive(self.java) else None,
        }

    def make_archive(self, python: Path, environment: Path) -> bool:
        """Make what lets Java start faster, once the environment is in its place; False when there is none.

        Without it all works, too.
        """
        assert self.home is not None, "facts came first"
        if not can_have_archive(self.java):
            return False
        home, java = self.placed(self.home, self.needed_java, environment)
        if self.brings_java:
            brought_java.complete(java, self.run)
        return make_archive(python, home, java, self.archive(environment), self.variables, self.run)

    def placed(self, home: Home, java: Java, environment: Path) -> tuple[Home, Java]:
        """Return Spark and Java where they are now: an environment may have been built beside its place."""
        packages = next(environment.glob("lib/python3*/site-packages"))
        if self.own is None:
            home = self._installed(packages)
        return home, (brought_java.java_in(packages, self.run, self.variables) or java) if self.brings_java else java

    def archive(self, environment: Path) -> Path:
        """Return where the archive is, or will be."""
        return environment / "spark" / "classes.jsa"

    def _jars(self, home: Home, environment: Path) -> list[Path]:
        """Return the packages, fetched unless they are there."""
        if not self.coordinates:
            return []
        folder = self.jars_folder(home, environment)
        if not self.has_jars(folder):
            self.fetch(home, folder)
        return sorted(folder.glob("*.jar"))

    def has_jars(self, folder: Path) -> bool:
        """Tell that the packages need not be fetched."""
        return folder.is_dir()

    def fetch(self, home: Home, folder: Path) -> None:
        """Fetch the packages; what was there stays until they are. Raises Refused."""
        excludes, java = self.plan["excludes"], self.needed_java
        fetch(self.coordinates, excludes, self.repositories, home, java, folder, self.run, self.say)

    def jars_folder(self, _: Home, environment: Path) -> Path:
        """Return where the packages are, or will be."""
        return environment / "spark" / "jars"

    def _installed(self, packages: Path) -> Home:
        if not is_home(packages / "pyspark"):
            raise Refused("no-spark")
        return read_home(packages / "pyspark", is_package=True)

    def _try(self, python: Path, home: Home) -> None:
        """Import it, which shows that it runs on this Python, and compiles it."""
        code, words, _ = self.run([str(python), "-c", IMPORTING], with_modules(self.variables, home))
        if code:
            raise Refused("python", spark=home.version, words=(words.strip().splitlines() or ["it ended"])[-1])


def below(environment: Path, path: Path) -> str:
    """Write a path relative to an environment, if it is in there."""
    return str(path.relative_to(environment) if environment in path.parents else path)
