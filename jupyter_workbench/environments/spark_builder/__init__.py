"""Spark's part of an environment, done where the environment will be used. Python 3.8 and its standard library only.

`builder` loads this from beside it when its plan has ``spark``; for kernels of this machine `__main__` runs it alone.
The plan: ``adds_pyspark`` (install one unless the place has its own), ``java_home`` and ``spark_home`` (of the run
configuration, or null), ``packages`` (``group:artifact:version``), ``repositories`` (addresses) and ``excludes``.

* `java`: the Java of this place, and which Spark runs on it
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

from .archive import can_have_archive, make_archive
from .homes import Home, find_home, is_home, read_home, with_modules
from .java import Java, find_java, pyspark_for, unfit
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

    def look(self) -> None:
        """Find Java, and a Spark that the place has. Raises Refused."""
        self.find_java()
        if self.plan["adds_pyspark"]:  # a line that names pyspark is what the user wants
            self.own = find_home(self.plan.get("spark_home"), os.environ)
        if self.coordinates:
            self.say("Looking for the packages of Spark")
            self.repositories.look_for(self.coordinates)

    @property
    def coordinates(self) -> list[str]:
        """The packages that are asked for."""
        return list(self.plan["packages"])

    @property
    def wanted_pyspark(self) -> str:
        """The requirement of a pyspark for this Java and for the Scala of the packages."""
        assert self.java is not None, "look came first"
        return pyspark_for(self.java, {scala for scala in map(scala_of, self.coordinates) if scala})

    def find_java(self) -> None:
        """Find a Java that runs. Raises Refused."""
        self.java = find_java(self.plan.get("java_home"), os.environ, self.run)

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
        if self.own is not None or not self.plan["adds_pyspark"]:
            return []
        return [self.wanted_pyspark.replace("pyspark", "pyspark[ml]")]  # numpy: `pyspark.ml` cannot do without

    def facts(self, python: Path, packages: Path, environment: Path) -> dict[str, Any]:
        """Return what a kernel needs to know, having shown that Spark fits; ``packages`` is where they are installed.

        Paths in the environment are relative to it. Raises Refused.
        """
        assert self.java is not None, "look came first"
        home = self.home = self.own or self._installed(packages)
        if unfit(self.java, home.version):
            raise Refused("java", java=self.java.version, spark=home.version)
        refuse_other_scala(self.coordinates, home)
        if not self.is_known:
            self._try(python, home)
        jars = self._jars(home, environment)
        inside = environment in home.path.parents
        return {
            "version": home.version,
            "scala": home.scala,
            "home": str(home.path.relative_to(environment) if inside else home.path),
            "python_path": [str(path) for path in home.python_path],
            "java_home": str(self.java.home),
            "java": self.java.version,
            "jars": [str(jar.relative_to(environment)) for jar in jars],
            "archive": str(self.archive(environment).relative_to(environment)) if can_have_archive(self.java) else None,
        }

    def make_archive(self, python: Path, environment: Path) -> None:
        """Make what lets Java start faster, once the environment is in its place; without it all works, too."""
        assert self.java is not None, "look came first"
        assert self.home is not None, "facts came first"
        if can_have_archive(self.java):
            home, file = self.placed(self.home, environment), self.archive(environment)
            make_archive(python, home, self.java, file, self.variables, self.run)

    def placed(self, home: Home, environment: Path) -> Home:
        """Return a Spark where it is now: an environment may have been built beside its place."""
        return home if self.own is not None else self._installed(next(environment.glob("lib/python3*/site-packages")))

    def archive(self, environment: Path) -> Path:
        """Return where the archive is, or will be."""
        return environment / "spark" / "classes.jsa"

    def _jars(self, home: Home, environment: Path) -> list[Path]:
        """Return the packages, fetched unless they are there."""
        if not self.coordinates:
            return []
        folder = self.jars_folder(home, environment)
        if not folder.is_dir():
            assert self.java is not None
            excludes = self.plan["excludes"]
            fetch(self.coordinates, excludes, self.repositories, home, self.java, folder, self.run, self.say)
        return sorted(folder.glob("*.jar"))

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
